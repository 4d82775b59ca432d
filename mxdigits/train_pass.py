"""One pass over the training set: the loop that everything else is built around."""

from __future__ import annotations

import functools
import operator
import time
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, Callable, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .callbacks import Progress
from .data.batches import batches, epoch_order, shares
from .data.dataset import Split
from .errors import Diverged
from .graph import faster
from .runtime import import_mxnet
from .step import TrainStep, draws, judged, training_graph
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
        bounds = list(batches(len(train), batch_size))
        self._ends = [end for _, end in bounds]
        classes = _classes(network, train)
        graph = training_graph(network, classes, label_smoothing, augmentation)
        self._draws = weights.draws or draws(graph)
        if contexts[0].device_type == "cpu":
            graph = faster(graph, {p.name: p.shape for p in network.collect_params().values()})
        parts = [shares(begin, end, len(contexts)) for begin, end in bounds]
        self._devices = [
            _Device(
                graph,
                context,
                # A batch smaller than the number of devices leaves the last of them without a part.
                [part[place] for part in parts if place < len(part)],
                arrays=weights.arrays[place],
                gradients=weights.gradients[place],
                train=train,
                classes=classes,
                label_smoothing=label_smoothing,
            )
            for place, context in enumerate(contexts[: len(parts[0])])
        ]

    @property
    def batches(self) -> int:
        """Batches an epoch."""
        return len(self._ends)

    def run(
        self,
        epoch: int,
        tell: Callable[[Progress], None],
        ended: Callable[[int], bool],
        begun: Begun = _NOT_BEGUN,
    ) -> Progress:
        """Train one epoch, or what is left of it.

        Python only queues work. It reads losses one stride late, when the device has long passed
        them, so the queue never runs dry and never grows beyond two strides.

        Args:
            epoch: counted from 0; it decides the order of the images.
            tell: called with the progress a few times a second.
            ended: called with the number of batches done after each; true ends the pass there.
            begun: how far the epoch has come already.

        Raises:
            Diverged: if a loss or, at the end, a weight is not finite.
        """
        self._epoch, self._batch = epoch, begun.batch
        order = epoch_order(self._samples, self._seed, epoch)
        for device in self._devices:
            device.shuffle(order)
        if begun.batch and self._draws:
            self._draw_again()
        else:
            self._seed_devices()
        samples = self._ends[begun.batch - 1] if begun.batch else 0
        self._meter = meter = _Meter(epoch, self._devices, tell, begun, samples)
        due = begun.batch + 1
        for batch in range(begun.batch + 1, self.batches + 1):
            self._train(batch)
            if batch >= due or batch % LOG_EVERY == 0:
                meter.mark(batch, self._ends[batch - 1])
                due = batch + meter.stride
            if ended(batch):
                break
        progress = meter.finish(self._batch, self._ends[self._batch - 1])
        if not self._weights.all_finite():
            raise Diverged("a weight became infinite or nan", epoch, self._batch - 1)
        return progress

    def begun(self) -> Begun:
        """How far the epoch in hand has come; waits for the device."""
        progress = self._meter.settle(self._batch, self._ends[self._batch - 1])
        return Begun(self._batch, progress.loss_sum, progress.correct, self._meter.seconds())

    def _train(self, batch: int) -> None:
        """Queue one batch, counted from 1."""
        begin, end = self._ends[batch - 2] if batch > 1 else 0, self._ends[batch - 1]
        at_work = sum(device.run(batch - 1) for device in self._devices)
        self._weights.step(end - begin, at_work)
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


class _Device:
    """A device, all images on it, and its part of every batch.

    Args:
        graph: of :func:`training_graph`.
        context: the device.
        bounds: its part of each batch, as places in an epoch's order.
        arrays: see :class:`TrainStep`.
        gradients: see :class:`TrainStep`.
        train: the training set.
        classes: what the network tells apart.
        label_smoothing: see :func:`judged`.
    """

    def __init__(
        self,
        graph: Any,
        context: Any,
        bounds: Sequence[tuple[int, int]],
        *,
        arrays: Mapping[str, Any],
        gradients: Mapping[str, Any],
        train: Split,
        classes: int,
        label_smoothing: float,
    ):
        self._label_smoothing = label_smoothing
        self._places = np.concatenate([np.arange(low, high) for low, high in bounds])
        self._rows = rows = [0, *accumulate(high - low for low, high in bounds)]
        self._labels = to_device(train.labels.astype(np.float32), context)
        data = {"images": to_device(train.images, context), "labels": self._labels}
        # Logits are kept until they are judged, which is after LOG_EVERY batches at the latest.
        kept = rows[min(LOG_EVERY, len(bounds))]
        self._order = mx.nd.zeros(rows[-1], context, "int32")
        self._logits = mx.nd.zeros((kept, classes), context)

        @functools.cache
        def step(size: int) -> TrainStep:
            return TrainStep(graph, size, context, arrays=arrays, gradients=gradients, data=data)

        # The views are made once; an epoch only rewrites what they show.
        self._parts = [
            (step(end - begin), self._order[begin:end], self._kept(batch, batch + 1))
            for batch, (begin, end) in enumerate(zip(rows, rows[1:]))
        ]

    def shuffle(self, order: NDArray[Any]) -> None:
        """Take the order of an epoch."""
        self._order[:] = to_device(order[self._places], self._order.context)

    def run(self, batch: int) -> bool:
        """Queue the part of a batch, counted from 0; whether there is one."""
        if batch >= len(self._parts):
            return False
        step, order, logits = self._parts[batch]
        step.run(order, logits)
        return True

    def judge(self, begin: int, end: int) -> _Judged:
        """Queue the judgement of batches, none of them before the last multiple of LOG_EVERY."""
        end = min(end, len(self._parts))
        if begin >= end:
            return _Judged([], None, None)
        rows = self._rows[begin : end + 1]
        labels = mx.nd.take(self._labels, self._order[rows[0] : rows[-1]])
        losses, hits = judged(self._kept(begin, end), labels, self._label_smoothing)
        return _Judged([row - rows[0] for row in rows[:-1]], losses, hits)

    def _kept(self, begin: int, end: int) -> Any:
        """The logits of some batches."""
        first = self._rows[begin // LOG_EVERY * LOG_EVERY]
        return self._logits[self._rows[begin] - first : self._rows[end] - first]


class _Judged(NamedTuple):
    """What a device says of some batches: losses and hits of its images, and where each begins."""

    starts: list[int]
    losses: Any
    hits: Any

    def add_to(self, losses: NDArray[Any], hits: NDArray[Any]) -> None:
        """Add up for each batch; waits for the device."""
        if self.starts:
            for sums, each in ((losses, self.losses), (hits, self.hits)):
                values = each.asnumpy().astype(np.float64)
                sums[: len(self.starts)] += np.add.reduceat(values, self.starts)


class _Meter:
    """Reads the losses of an epoch without making the devices wait."""

    def __init__(
        self,
        epoch: int,
        devices: Sequence[_Device],
        tell: Callable[[Progress], None],
        begun: Begun,
        samples: int,
    ):
        self.stride = 1
        self._progress = Progress(epoch, begun.batch, samples, 0.0, begun.loss, begun.correct)
        self._marked = self._told = begun.batch
        self._devices = devices
        self._tell = tell
        self._held: Any = None
        self._last_read = time.perf_counter()
        self._began = self._last_read - begun.seconds

    def mark(self, batch: int, samples: int) -> None:
        """Read what the last mark held, then hold what has come since, up to ``batch``."""
        self._read()
        now = time.perf_counter()
        if now - self._last_read < READ_EVERY:
            self.stride *= 2
        elif now - self._last_read > 3 * READ_EVERY:
            self.stride = max(1, self.stride // 2)
        self._last_read = now
        if batch > self._marked:
            self._held = self._judge(batch, samples)

    def settle(self, batch: int, samples: int) -> Progress:
        """Wait for the devices and read what is left, but tell only what was marked."""
        self._read()
        if batch > self._marked:
            self._add(*self._judge(batch, samples))
        return self._progress

    def finish(self, batch: int, samples: int) -> Progress:
        """Wait for the devices, and tell the last of it."""
        self.settle(batch, samples)
        if self._told < batch:
            self._tell(self._progress)
        return self._progress

    def seconds(self) -> float:
        """What the epoch has taken, that of an earlier process included."""
        return time.perf_counter() - self._began

    def _read(self) -> None:
        if self._held is not None:
            held, self._held = self._held, None
            self._add(*held)
            self._told = self._progress.batch
            self._tell(self._progress)

    def _judge(self, batch: int, samples: int) -> tuple[int, int, list[_Judged]]:
        begin, self._marked = self._marked, batch
        return batch, samples, [device.judge(begin, batch) for device in self._devices]

    def _add(self, batch: int, samples: int, judged: list[_Judged]) -> None:
        before = self._progress
        losses, hits = np.zeros((2, batch - before.batch))
        for each in judged:
            each.add_to(losses, hits)
        if not np.isfinite(losses).all():
            place = int(np.argmin(np.isfinite(losses)))
            message = f"the loss became {losses[place]}"
            raise Diverged(message, before.epoch, before.batch + place)
        # Batch by batch, so that the sum is the same bits wherever the marks were.
        loss = functools.reduce(operator.add, losses.tolist(), before.loss_sum)
        correct = before.correct + int(hits.sum())
        self._progress = Progress(before.epoch, batch, samples, self.seconds(), loss, correct)


def _classes(network: Any, train: Split) -> int:
    """How many classes a network tells apart."""
    shape = (1, *train.images.shape[1:])
    _, (logits,), _ = network(mx.sym.var("images")).infer_shape(images=shape)
    return int(logits[1])


def to_device(array: NDArray[Any], context: Any) -> Any:
    """An array on a device; on ``cpu(0)`` it shares the memory of ``array``."""
    # from_numpy marks what it is given as read-only: that shall be the view, not the caller's.
    shared = mx.nd.from_numpy(np.ascontiguousarray(array).view(), zero_copy=True)
    return shared.as_in_context(context)
