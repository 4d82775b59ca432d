"""One device in training: the training set on it, and its part of every batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....arrays import Images, Labels, Numbers
from ....graph import Graph
from ..runtime import import_mxnet
from ..types import Device, MXArray
from .step import Moving, TrainStep, losses_and_hits

mx = import_mxnet()

# The number of batches whose logits are kept; they must be measured before its next multiple.
KEPT_BATCHES = 100


class BatchResults(NamedTuple):
    """A device's losses and hits for the images of some batches, and where each batch begins.

    Example:
        >>> results = BatchResults([0, 2], mx.nd.array([0.5, 0.5, 3.0]), mx.nd.array([1, 1, 0]))
        >>> losses, hits = np.zeros((2, 2))
        >>> results.add_to(losses, hits)
        >>> losses.tolist(), hits.tolist()
        ([1.0, 3.0], [2.0, 0.0])
    """

    starts: list[int]
    losses: MXArray
    hits: MXArray

    def add_to(self, losses: NDArray[np.float64], hits: NDArray[np.float64]) -> None:
        """Add the sums of each batch to the given arrays; waits for the device."""
        if self.starts:
            for sums, each in ((losses, self.losses), (hits, self.hits)):
                values = each.asnumpy().astype(np.float64)
                sums[: len(self.starts)] += np.add.reduceat(values, self.starts)


class Piece(NamedTuple):
    """Images that are computed at once, as bounds in an epoch's order, and the graph for them.

    If the bounds are empty, the graph still gets one image, with weight 0. ``moving`` is as for
    :class:`TrainStep`.

    Example:
        >>> Piece(0, 50, graph).end  # doctest: +SKIP
        50
    """

    begin: int
    end: int
    graph: Graph
    moving: Moving = ()


class DeviceWorker:
    """The training images on a device, and its part of every batch.

    Args:
        context: the device.
        work: for each batch, the pieces that the device computes one after the other.
        arrays: see :class:`TrainStep`.
        gradients: see :class:`TrainStep`.
        images: the images of the whole training set, uint8 (N, C, H, W).
        labels: the labels of the images, (N,).
        classes: the number of classes.
        label_smoothing: the share of each label that is spread over all classes.
        adds: whether gradients are added up, because a batch has several pieces.

    Example:
        >>> worker.shuffle(order)  # doctest: +SKIP
        >>> while worker.run(batch):  # doctest: +SKIP
        ...     batch += 1
    """

    def __init__(
        self,
        context: Device,
        work: Sequence[Sequence[Piece]],
        *,
        arrays: Mapping[str, MXArray],
        gradients: Mapping[str, MXArray],
        images: Images,
        labels: Labels,
        classes: int,
        label_smoothing: float,
        adds: bool = False,
    ):
        self._label_smoothing = label_smoothing
        self._places = np.concatenate(
            [np.arange(each.begin, each.end, dtype=np.int32) for batch in work for each in batch]
        )
        sizes = [sum(each.end - each.begin for each in batch) for batch in work]
        # A worker may have no image of the last batch, and still work on it.
        self._rows = rows = [0, *accumulate(size for size in sizes if size)]
        self._labels = to_device(labels.astype(np.float32), context)
        data = {"images": to_device(images, context), "labels": self._labels}
        # Logits are kept until they are measured, at the latest after KEPT_BATCHES batches.
        kept = rows[min(KEPT_BATCHES, len(rows) - 1)]
        self._order = mx.nd.zeros(rows[-1], context, "int32")
        self._logits = mx.nd.zeros((kept, classes), context)

        self._sums = list(gradients.values()) if adds else []
        self._nothing = mx.nd.zeros((1, classes), context)
        made: dict[tuple[int, int], TrainStep] = {}

        def step(piece: Piece, size: int) -> TrainStep:
            key = id(piece.graph), size
            if key not in made:
                made[key] = TrainStep(
                    piece.graph,
                    size,
                    context,
                    arrays=arrays,
                    gradients=gradients,
                    data=data,
                    adds=adds,
                    moving=piece.moving,
                )
            return made[key]

        # The views are made once; each epoch only changes their contents.
        self._steps: list[list[tuple[TrainStep, MXArray, MXArray]]] = []
        begin = 0
        for batch, pieces in enumerate(work):
            self._steps.append([])
            for piece in pieces:
                end = begin + piece.end - piece.begin
                order, logits = self._order[begin:end], self._kept_rows(batch, begin, end)
                if begin == end:
                    order, logits = self._order[:1], self._nothing
                self._steps[-1].append((step(piece, len(order)), order, logits))
                begin = end

    def shuffle(self, order: NDArray[np.int32], *, own: bool = False) -> None:
        """Set the order of an epoch, of all images, or only of this worker's own."""
        self._order[:] = to_device(order if own else order[self._places], self._order.context)

    def run(self, batch: int) -> bool:
        """Queue this device's part of a batch, counted from 0; returns whether it has one."""
        if batch >= len(self._steps):
            return False
        for gradient in self._sums:
            gradient[:] = 0
        for step, order, logits in self._steps[batch]:
            step.run(order, logits)
        return batch < len(self._rows) - 1

    def measure(self, begin: int, end: int) -> BatchResults:
        """Queue the measuring of batches, all of them after the last multiple of KEPT_BATCHES."""
        end = min(end, len(self._rows) - 1)
        if begin >= end:
            return BatchResults([], None, None)
        rows = self._rows[begin : end + 1]
        labels = mx.nd.take(self._labels, self._order[rows[0] : rows[-1]])
        losses, hits = losses_and_hits(self._kept(begin, end), labels, self._label_smoothing)
        return BatchResults([row - rows[0] for row in rows[:-1]], losses, hits)

    def _kept(self, begin: int, end: int) -> MXArray:
        """The kept logits of some batches."""
        return self._kept_rows(begin, self._rows[begin], self._rows[end])

    def _kept_rows(self, batch: int, begin: int, end: int) -> MXArray:
        """The kept logits of some images, beginning with those of a batch."""
        first = self._rows[batch // KEPT_BATCHES * KEPT_BATCHES]
        return self._logits[begin - first : end - first]


def to_device(array: Numbers, context: Device) -> MXArray:
    """An array copied to a device; on ``cpu(0)`` it shares the memory of ``array``.

    Example:
        >>> to_device(np.zeros((2, 3), np.float32), mx.cpu()).shape
        (2, 3)
    """
    # from_numpy marks its argument as read-only, so it gets a view instead of the caller's array.
    shared = mx.nd.from_numpy(np.ascontiguousarray(array).view(), zero_copy=True)
    return shared.as_in_context(context)
