"""One pass over the training set: the loop that everything else is built around."""

from __future__ import annotations

import functools
import time
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, Callable

import numpy as np
from numpy.typing import NDArray

from .callbacks import Progress
from .data.batches import batches, epoch_order, shares
from .data.dataset import Split
from .errors import Diverged
from .graph import faster
from .runtime import import_mxnet
from .step import CORRECT, FINITE, LOSS, TrainStep, draws, training_graph
from .training_state import Begun
from .weights import Weights

mx = import_mxnet()

# Seconds between two readings of the sums: often enough for a display, seldom enough to be free.
READ_EVERY = 0.1

# Batches between two readings at least, so that every log has the same lines.
LOG_EVERY = 100

# Batches between two seedings of a network that draws random numbers. MXNet cannot say where its
# generators stand, so whoever goes on within an epoch draws again what came since the last one.
SEED_EVERY = 100


_NOT_BEGUN = Begun()


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
        self._epoch = self._batch = 0
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
        self._draws = weights.draws or draws(graph)
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

    @property
    def batches(self) -> int:
        """Batches an epoch."""
        return len(self._batches)

    def run(
        self,
        epoch: int,
        tell: Callable[[Progress], None],
        ended: Callable[[int], bool],
        begun: Begun = _NOT_BEGUN,
    ) -> Progress:
        """Train one epoch, or what is left of it.

        Python only queues work. It reads the sums one stride late, when the device has long
        passed them, so the queue never runs dry and never grows beyond two strides.

        Args:
            epoch: counted from 0; it decides the order of the images.
            tell: called with the progress a few times a second.
            ended: called with the number of batches done after each; true ends the pass there.
            begun: how far the epoch has come already.

        Raises:
            Diverged: if a loss or, at the end, a weight is not finite.
        """
        self._epoch, self._batch = epoch, begun.batch
        self._write_order()
        if begun.batch and self._draws:
            self._draw_again()
        else:
            self._seed_devices()
        self._write_sums(begun)
        self._meter = meter = _Meter(epoch, self._sums, tell, begun.seconds)
        due = begun.batch + 1
        for batch in range(begun.batch + 1, len(self._batches) + 1):
            self._train(batch)
            if batch >= due or batch % LOG_EVERY == 0:
                meter.mark(batch, self._batches[batch - 1][0])
                due = batch + meter.stride
            if ended(batch):
                break
        progress = meter.finish(self._batch, self._batches[self._batch - 1][0])
        if not self._weights.all_finite():
            raise Diverged("a weight became infinite or nan", epoch, self._batch - 1)
        return progress

    def begun(self) -> Begun:
        """How far the epoch in hand has come; waits for the device."""
        sums = tuple(tuple(each.asnumpy().tolist()) for each in self._sums)
        return Begun(self._batch, sums, self._meter.seconds())

    def _train(self, batch: int) -> None:
        """Queue one batch, counted from 1."""
        end, parts = self._batches[batch - 1]
        begin = self._batches[batch - 2][0] if batch > 1 else 0
        for step, order, sums in parts:
            step.run(order, sums)
        self._weights.step(end - begin, len(parts))
        self._batch = batch
        if self._draws and batch % SEED_EVERY == 0:
            self._seed_devices()

    def _draw_again(self) -> None:
        """Bring the random generators to where they were before the batch in hand."""
        reached, state = self._batch, self._weights.state()
        self._batch = reached // SEED_EVERY * SEED_EVERY
        self._seed_devices()
        for batch in range(self._batch + 1, reached + 1):
            self._train(batch)
        self._weights.restore(*state)

    def _seed_devices(self) -> None:
        # Dropout and whatever else is random in the network follow (seed, epoch, batch) too.
        key = [self._seed, self._epoch, 2, self._batch]
        mx.random.seed(int(np.random.SeedSequence(key).generate_state(1)[0] >> 1))

    def _write_order(self) -> None:
        order = epoch_order(self._samples, self._seed, self._epoch)
        for buffer in self._order:
            buffer[:] = to_device(order, buffer.context)

    def _write_sums(self, begun: Begun) -> None:
        zero = [0.0, 0.0, float(begun.batch)]
        saved = begun.sums or (zero,)
        if len(saved) != len(self._sums):  # of other devices: here they count as the first one's
            saved = ([sum(column) for column in zip(*saved)][:FINITE] + zero[FINITE:],)
        for sums, values in zip_longest(self._sums, saved, fillvalue=zero):
            sums[:] = np.array(values, dtype=np.float64)


class _Meter:
    """Reads the sums of an epoch without making the device wait."""

    def __init__(
        self, epoch: int, sums: Sequence[Any], tell: Callable[[Progress], None], seconds: float
    ):
        self.stride = 1
        self.progress = Progress(epoch, 0, 0, 0.0, 0.0, 0)
        self._epoch = epoch
        self._sums = sums
        self._tell = tell
        self._held: Any = None
        self._last_read = time.perf_counter()
        self._began = self._last_read - seconds

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

    def seconds(self) -> float:
        """What the epoch has taken, that of an earlier process included."""
        return time.perf_counter() - self._began

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
        self.progress = Progress(
            self._epoch, batch, samples, self.seconds(), float(loss), int(correct)
        )
        self._tell(self.progress)


def to_device(array: NDArray[Any], context: Any) -> Any:
    """An array on a device; on ``cpu(0)`` it shares the memory of ``array``."""
    # from_numpy marks what it is given as read-only: that shall be the view, not the caller's.
    shared = mx.nd.from_numpy(np.ascontiguousarray(array).view(), zero_copy=True)
    return shared.as_in_context(context)
