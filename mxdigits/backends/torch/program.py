"""A step of training as a program of a device, for batches of a size."""

from __future__ import annotations

from typing import Callable, NamedTuple

from torch import Tensor

from ...graph import Graph
from ..base import TrainingSettings
from ..readings import Outcome
from .operators.types import Draw
from .step import Batch, training_step
from .weights import Weights


class Data(NamedTuple):
    """A training set on the device: uint8 (N, C, H, W) and int64 (N,)."""

    images: Tensor
    labels: Tensor


# Runs a step on some rows of the training set at a learning rate, and changes the weights.
Program = Callable[[Tensor, Tensor], Outcome]


class Programs:
    """The programs of a fit, each made at its first use."""

    def __init__(
        self, graph: Graph, settings: TrainingSettings, weights: Weights, data: Data, draw: Draw
    ):
        self._weights, self._data, self._draw = weights, data, draw
        self._step = training_step(graph, weights.optimizer, settings)

    def of(self, size: int) -> Program:
        """The program for batches of so many images."""
        return self._eager

    def _eager(self, rows: Tensor, rate: Tensor) -> Outcome:
        images, labels = (each.index_select(0, rows) for each in self._data)
        batch = Batch(images, labels, self._draw)
        self._weights.training, outcome = self._step(self._weights.training, batch, rate)
        return outcome
