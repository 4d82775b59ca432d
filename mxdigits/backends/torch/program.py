"""A training step as a program of a device, for batches of one size."""

from __future__ import annotations

from functools import partial
from typing import Callable, NamedTuple

import torch
from torch import Tensor

from ...graph import Graph
from ..graphs.fit_weights import FitState
from ..graphs.pool_first import pool_first
from ..graphs.readings import Outcome
from ..settings import TrainingSettings
from ..team.agreement import Alone, Team
from .drawing import Drawn, Generator
from .operators.types import Draw
from .parts import Batch
from .step import training_step
from .weights import Weights

_ALONE = Alone()
# Steps before a GPU captures one: libraries choose kernels and allocate memory at the first ones.
_WARM = 3
# A convolution of images is faster if the channels of each pixel lie side by side in memory.
_OF_IMAGES = frozenset({"Convolution", "Deconvolution"})


class Data(NamedTuple):
    """A training set on the device: uint8 (N, C, H, W) and int64 (N,); and a teacher's arrays.

    Example:
        >>> len(Data(torch.zeros(5, 1, 28, 28, dtype=torch.uint8), torch.arange(5)).labels)
        5
    """

    images: Tensor
    labels: Tensor
    teacher: dict[str, Tensor] = {}


# Runs a step on some rows of the training set at a learning rate, and changes the weights.
Program = Callable[[Tensor, Tensor], Outcome]
# Runs a step on a given state and generator, without changing anything.
_Run = Callable[[FitState, Tensor, Tensor, Draw], "tuple[FitState, Outcome]"]


class Programs:
    """The programs of a fit, each made at its first use.

    Args:
        graph: the graph of the network.
        settings: how the network learns.
        weights: the weights that the programs change.
        data: the training set.
        draw: the generator of their random numbers, which must be started before each step.
        team: the workers that share each batch.

    Example:
        >>> program = Programs(graph, settings, weights, data, draw).of(100)  # doctest: +SKIP
        >>> outcome = program(rows, rate)  # doctest: +SKIP
    """

    def __init__(
        self,
        graph: Graph,
        settings: TrainingSettings,
        weights: Weights,
        data: Data,
        draw: Generator,
        team: Team = _ALONE,
    ):
        self._weights, self._data, self._draw = weights, data, draw
        self._step = training_step(
            pool_first(graph),
            weights.optimizer,
            settings,
            channels_last=bool(graph.operators & _OF_IMAGES),
            team=team,
        )
        self._team = team
        self._captured: dict[int, Program] = {}

    def of(self, size: int) -> Program:
        """The program for batches of ``size`` images, over all workers."""
        # Several workers exchange numbers within a step, which a GPU cannot replay by itself.
        if self._team.count > 1 or not _captures(self._data.images.device):
            return partial(self._eager, size)
        if size not in self._captured:
            run = partial(self._run, size)
            self._captured[size] = _Captured(run, self._weights, self._draw, size)
        return self._captured[size]

    def _eager(self, size: int, rows: Tensor, rate: Tensor) -> Outcome:
        weights = self._weights
        weights.training, outcome = self._run(size, weights.training, rows, rate, self._draw)
        return outcome

    def _run(
        self, size: int, state: FitState, rows: Tensor, rate: Tensor, draw: Draw
    ) -> tuple[FitState, Outcome]:
        images, labels = (each.index_select(0, rows) for each in self._data[:2])
        return self._step(state, Batch(images, labels, draw, self._data.teacher, size), rate)


def _captures(device: torch.device) -> bool:
    return device.type == "cuda" and torch.version.hip is None


class _Captured:
    """A step that an NVIDIA GPU replays by itself, without waiting for Python.

    It reads and writes the same memory each time: the rows of the batch, the learning rate and the
    random numbers are copied there before it, and the weights are changed in place.
    """

    def __init__(self, run: _Run, weights: Weights, draw: Generator, size: int):
        device = weights.device
        self._weights, self._draw = weights, draw
        self._rows = torch.zeros(size, dtype=torch.int64, device=device)
        self._rate = torch.zeros((), device=device)
        before = _copied(weights.training)
        self._state = weights.training
        self._drawn = Drawn(draw)
        self._warm_up(run, device)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._outcome = self._step(run)
        _write(self._state, before)

    def __call__(self, rows: Tensor, rate: Tensor) -> Outcome:
        if self._weights.training is not self._state:  # after a restore, or a step of another size
            _write(self._state, self._weights.training)
            self._weights.training = self._state
        self._rows.copy_(rows)
        self._rate.copy_(rate)
        self._drawn.refill()
        self._graph.replay()
        # Copied, because the next step overwrites them.
        return Outcome(*(each.clone() for each in self._outcome))

    def _warm_up(self, run: _Run, device: torch.device) -> None:
        """Run some steps on a separate stream, as CUDA requires; the first records all draws."""
        beside = torch.cuda.Stream(device)
        beside.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(beside):
            for _ in range(_WARM):
                self._step(run)
                self._drawn.known()
        torch.cuda.current_stream(device).wait_stream(beside)

    def _step(self, run: _Run) -> Outcome:
        self._drawn.begin()
        state, outcome = run(self._state, self._rows, self._rate, self._drawn)
        _write(self._state, state)
        return outcome


def _copied(state: FitState) -> FitState:
    return FitState(*({name: each.clone() for name, each in part.items()} for part in state))


def _write(state: FitState, new: FitState) -> None:
    """Write new numbers into the memory of a state."""
    with torch.no_grad():
        for old, part in zip(state, new):
            for name, each in old.items():
                if part[name] is not each:
                    each.copy_(part[name])
