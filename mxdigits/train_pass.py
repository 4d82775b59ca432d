"""One pass over the training set: the loop that everything else is built around."""

from __future__ import annotations

import functools
import time
from collections.abc import Sequence
from typing import Any, Callable

import numpy as np
from numpy.typing import NDArray

from .callbacks import Progress
from .data.batches import batches, epoch_order, shares
from .data.dataset import Split
from .errors import Diverged
from .graph import faster
from .runtime import import_mxnet
from .step import CORRECT, FINITE, LOSS, TrainStep, training_graph
from .weights import Weights

mx = import_mxnet()

# Seconds between two readings of the sums: often enough for a display, seldom enough to be free.
READ_EVERY = 0.1

# Batches between two readings at least, so that every log has the same lines.
LOG_EVERY = 100


class TrainPass:
    """A training set on the devices, and everything of a step that can be made once.

    Args:
        network: as for the Trainer.
        weights: its parameters.
        train: the training set.
        contexts: the devices; each holds all images and works on its part of every batch.
        batch_size: images a step.
        label_smoothing: see :func:`training_graph`.
        augmentation: see :func:`training_graph`.
        seed: of the order of the images and of everything random in the graph.
    """

    def __init__(
        self,
        network: Any,
        weights: Weights,
        train: Split,
        *,
        contexts: Sequence[Any],
        batch_size: int,
        label_smoothing: float,
        augmentation: Any,
        seed: int,
    ):
        self._weights = weights
        self._seed = seed
        self._samples = len(train)
        self._order = [mx.nd.zeros(len(train), c, "int32") for c in contexts]
        self._sums = [mx.nd.zeros(3, c, "float64") for c in contexts]
        data = [
            {
                "images": to_device(train.images, c),
                "labels": to_device(train.labels.astype(np.float32), c),
            }
            for c in contexts
        ]
        graph = training_graph(network, label_smoothing, augmentation)
        if contexts[0].device_type == "cpu":
            graph = faster(graph, {p.name: p.shape for p in network.collect_params().values()})

        @functools.cache
        def step(size: int, device: int) -> TrainStep:
            return TrainStep(
                graph,
                size,
                contexts[device],
                arrays=weights.arrays[device],
                gradients=weights.gradients[device],
                data=data[device],
            )

        # The views of the order are made once; an epoch only rewrites what they show.
        self._batches = [
            (
                end,
                [
                    (step(high - low, device), self._order[device][low:high], self._sums[device])
                    for device, (low, high) in enumerate(shares(begin, end, len(contexts)))
                ],
            )
            for begin, end in batches(len(train), batch_size)
        ]

    def run(
        self, epoch: int, tell: Callable[[Progress], None], stopping: Callable[[], bool]
    ) -> Progress:
        """Train one epoch, or less of it once ``stopping()`` says so.

        Python only queues work. It reads the sums one stride late, when the device has long
        passed them, so the queue never runs dry and never grows beyond two strides.

        Raises:
            Diverged: if a loss or, at the end, a weight is not finite.
        """
        meter = _Meter(epoch, self._sums, tell)
        self._begin(epoch)
        due, begin = 1, 0
        for batch, (end, parts) in enumerate(self._batches, start=1):
            for step, order, sums in parts:
                step.run(order, sums)
            self._weights.step(end - begin, len(parts))
            begin = end
            if batch >= due or batch % LOG_EVERY == 0:
                meter.mark(batch, end)
                due = batch + meter.stride
            if stopping():
                break
        progress = meter.finish(batch, end)
        if not self._weights.all_finite():
            raise Diverged("a weight became infinite or nan", epoch, batch - 1)
        return progress

    def _begin(self, epoch: int) -> None:
        # Dropout and whatever else is random in the graph follow (seed, epoch) too.
        mx.random.seed(
            int(np.random.SeedSequence([self._seed, epoch, 2]).generate_state(1)[0] >> 1)
        )
        order = epoch_order(self._samples, self._seed, epoch)
        for buffer, sums in zip(self._order, self._sums):
            buffer[:] = to_device(order, buffer.context)
            sums[:] = 0


class _Meter:
    """Reads the sums of an epoch without making the device wait."""

    def __init__(self, epoch: int, sums: Sequence[Any], tell: Callable[[Progress], None]):
        self.stride = 1
        self.progress = Progress(epoch, 0, 0, 0.0, 0.0, 0)
        self._epoch = epoch
        self._sums = sums
        self._tell = tell
        self._held: Any = None
        self._began = self._last_read = time.perf_counter()

    def mark(self, batch: int, samples: int) -> None:
        """Read what the last mark held, then hold the sums as they will be after ``batch``."""
        self._read()
        now = time.perf_counter()
        if now - self._last_read < READ_EVERY:
            self.stride *= 2
        elif now - self._last_read > 3 * READ_EVERY:
            self.stride = max(1, self.stride // 2)
        self._last_read = now
        self._held = batch, samples, [sums.copy() for sums in self._sums]

    def finish(self, batch: int, samples: int) -> Progress:
        """Wait for the device and read the last sums."""
        self.mark(batch, samples)
        self._read()
        return self.progress

    def _read(self) -> None:
        if self._held is None:
            return
        batch, samples, held = self._held
        self._held = None
        values = np.stack([sums.asnumpy() for sums in held])
        loss, correct = values[:, LOSS].sum(), values[:, CORRECT].sum()
        if not np.isfinite(loss):
            # A loss that is not finite leaves weights that are not, and so losses that are not:
            # the number of finite ones is the place of the first other.
            raise Diverged(f"the loss became {loss}", self._epoch, int(values[:, FINITE].min()))
        seconds = time.perf_counter() - self._began
        self.progress = Progress(self._epoch, batch, samples, seconds, float(loss), int(correct))
        self._tell(self.progress)


def to_device(array: NDArray[Any], context: Any) -> Any:
    """An array on a device; on ``cpu(0)`` it shares the memory of ``array``."""
    # from_numpy marks what it is given as read-only: that shall be the view, not the caller's.
    shared = mx.nd.from_numpy(np.ascontiguousarray(array).view(), zero_copy=True)
    return shared.as_in_context(context)
