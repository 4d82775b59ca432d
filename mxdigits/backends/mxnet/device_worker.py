"""A device, the training set on it, and its part of every batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Callable, NamedTuple, Optional

import numpy as np
from numpy.typing import NDArray

from ...arrays import Images, Labels, Numbers
from ...graph import Graph
from .runtime import import_mxnet
from .step import TrainStep, judged
from .types import Device, MXArray

mx = import_mxnet()

# Batches whose logits are kept: they must be judged before the next multiple of it is passed.
KEPT_BATCHES = 100


class Judged(NamedTuple):
    """What a device says of some batches: losses and hits of its images, and where each begins.

    Example:
        >>> judged = Judged([0, 2], mx.nd.array([0.5, 0.5, 3.0]), mx.nd.array([1, 1, 0]))
        >>> losses, hits = np.zeros((2, 2))
        >>> judged.add_to(losses, hits)
        >>> losses.tolist(), hits.tolist()
        ([1.0, 3.0], [2.0, 0.0])
    """

    starts: list[int]
    losses: MXArray
    hits: MXArray

    def add_to(self, losses: NDArray[np.float64], hits: NDArray[np.float64]) -> None:
        """Add up for each batch; waits for the device."""
        if self.starts:
            for sums, each in ((losses, self.losses), (hits, self.hits)):
                values = each.asnumpy().astype(np.float64)
                sums[: len(self.starts)] += np.add.reduceat(values, self.starts)


class DeviceWorker:
    """All images on a device, and its part of every batch.

    Args:
        graph_of: the graph of a batch, counted from 0, as of :func:`training_graph`; the same
            object for batches that share one.
        context: the device.
        bounds: its part of each batch, as places in an epoch's order.
        arrays: see :class:`TrainStep`.
        gradients: see :class:`TrainStep`.
        images: of the whole training set, uint8 (N, C, H, W).
        labels: theirs, (N,).
        classes: what the network tells apart.
        label_smoothing: the share of each label that is spread over all classes.
        idle: the graph of a batch of which it has no part, if others wait for it there.

    Example:
        >>> worker.shuffle(order)  # doctest: +SKIP
        >>> while worker.run(batch):  # doctest: +SKIP
        ...     batch += 1
    """

    def __init__(
        self,
        graph_of: Callable[[int], Graph],
        context: Device,
        bounds: Sequence[tuple[int, int]],
        *,
        arrays: Mapping[str, MXArray],
        gradients: Mapping[str, MXArray],
        images: Images,
        labels: Labels,
        classes: int,
        label_smoothing: float,
        idle: Optional[Graph] = None,
    ):
        self._label_smoothing = label_smoothing
        self._places = np.concatenate(
            [np.arange(low, high, dtype=np.int32) for low, high in bounds]
        )
        self._rows = rows = [0, *accumulate(high - low for low, high in bounds)]
        self._labels = to_device(labels.astype(np.float32), context)
        data = {"images": to_device(images, context), "labels": self._labels}
        # Logits are kept until they are judged, after KEPT_BATCHES batches at the latest.
        kept = rows[min(KEPT_BATCHES, len(bounds))]
        self._order = mx.nd.zeros(rows[-1], context, "int32")
        self._logits = mx.nd.zeros((kept, classes), context)

        made: dict[tuple[int, int], TrainStep] = {}

        def step(graph: Graph, size: int) -> TrainStep:
            key = id(graph), size
            if key not in made:
                made[key] = TrainStep(
                    graph, size, context, arrays=arrays, gradients=gradients, data=data
                )
            return made[key]

        # The views are made once; an epoch only rewrites what they show.
        self._parts = [
            (
                step(graph_of(batch), end - begin),
                self._order[begin:end],
                self._kept(batch, batch + 1),
            )
            for batch, (begin, end) in enumerate(zip(rows, rows[1:]))
        ]
        self._idle: Optional[Callable[[], None]] = None
        if idle is not None:
            waiting, nothing = step(idle, 1), mx.nd.zeros((1, classes), context)
            self._idle = lambda: waiting.run(self._order[:1], nothing)

    def shuffle(self, order: NDArray[np.int32]) -> None:
        """Take the order of an epoch."""
        self._order[:] = to_device(order[self._places], self._order.context)

    def run(self, batch: int) -> bool:
        """Queue the part of a batch, counted from 0; whether there is one."""
        if batch >= len(self._parts):
            if self._idle is not None:
                self._idle()
            return False
        step, order, logits = self._parts[batch]
        step.run(order, logits)
        return True

    def judge(self, begin: int, end: int) -> Judged:
        """Queue the judgement of batches, none of them before the last multiple of KEPT_BATCHES."""
        end = min(end, len(self._parts))
        if begin >= end:
            return Judged([], None, None)
        rows = self._rows[begin : end + 1]
        labels = mx.nd.take(self._labels, self._order[rows[0] : rows[-1]])
        losses, hits = judged(self._kept(begin, end), labels, self._label_smoothing)
        return Judged([row - rows[0] for row in rows[:-1]], losses, hits)

    def _kept(self, begin: int, end: int) -> MXArray:
        """The logits of some batches."""
        first = self._rows[begin // KEPT_BATCHES * KEPT_BATCHES]
        return self._logits[self._rows[begin] - first : self._rows[end] - first]


def to_device(array: Numbers, context: Device) -> MXArray:
    """An array on a device; on ``cpu(0)`` it shares the memory of ``array``.

    Example:
        >>> to_device(np.zeros((2, 3), np.float32), mx.cpu()).shape
        (2, 3)
    """
    # from_numpy marks what it is given as read-only: that shall be the view, not the caller's.
    shared = mx.nd.from_numpy(np.ascontiguousarray(array).view(), zero_copy=True)
    return shared.as_in_context(context)
