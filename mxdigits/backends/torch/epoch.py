"""The epochs of a fit, batch by batch."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Callable, Optional

import numpy as np
import torch
from torch import Tensor

from ...arrays import AnyArray, Arrays, Images, Labels
from ...graph import Graph
from ..base import EpochPosition, Progress, Rates
from ..batches import all_pieces
from ..graphs.epochs import Epochs
from ..graphs.readings import Outcome
from ..graphs.statistics import StatisticsMean
from ..settings import TrainingSettings, check_mixing
from ..team.agreement import Alone, Team, is_asked
from .drawing import Generator
from .program import Data, Program, Programs
from .rows import Rows
from .runtime import keep_memory, take_cpus
from .settings import computing
from .step import measuring_function
from .weights import Weights

_ALONE = Alone()
# A GPU's results are read for this many batches together, and this many such blocks later.
_BLOCK = 20
_AHEAD = 2


@dataclass(frozen=True)
class Training:
    """Everything that the epochs of a fit work with.

    Args:
        graph: the graph of the network.
        settings: how the network learns.
        weights: the network's weights, on ``device``.
        device: the device to train on.
        repeatable: whether the same fit gives the same bits each time.

    Example:
        >>> training = Training(graph, settings, weights, device, True)  # doctest: +SKIP
    """

    graph: Graph
    settings: TrainingSettings
    weights: Weights
    device: torch.device
    repeatable: bool


class Fit(Epochs):
    """A training set on the device, and the programs that train on it.

    It is PyTorch's :class:`~mxdigits.backends.base.FitInProgress`.

    Args:
        training: the network, its weights and the device.
        images: uint8 (N, C, H, W).
        labels: (N,).
        batch_size: images per step.
        team: the workers that share each batch.

    Raises:
        UsageError: if several workers are to mix images.

    Example:
        >>> from mxdigits.backends.network import GraphNetwork
        >>> from mxdigits.backends.torch.backend import TorchBackend
        >>> from mxdigits.graph import Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> network = GraphNetwork(graph, {"w": np.zeros((10, 784), np.float32)})
        >>> backend = TorchBackend(network, TrainingSettings("sgd"))
        >>> images, labels = np.zeros((20, 1, 28, 28), np.uint8), np.arange(20) % 10
        >>> fit = backend.begin_fit(images, labels, batch_size=10)
        >>> told = fit.run(0, 0.1, EpochPosition(), lambda progress: None, lambda batch: False)
        >>> told.batch, told.samples
        (2, 20)
    """

    def __init__(
        self,
        training: Training,
        images: Images,
        labels: Labels,
        batch_size: int,
        team: Team = _ALONE,
    ):
        check_mixing(training.settings, team)
        super().__init__(training.settings, labels, batch_size, team)
        self._training = training
        parts = training.settings.accumulate
        self._rows = Rows(team, self._samples, batch_size, parts, own_alone=self._own_alone)
        teacher = training.settings.teacher
        taught = teacher.network.arrays if teacher else {}
        self._data = Data(
            self._put(images),
            self._put(labels.astype(np.int64)),
            {name: self._put(array) for name, array in taught.items()},
        )
        self._draw = Generator(training.device)
        if self._on_cpu:
            keep_memory()
        with self._computing():
            self._programs = Programs(
                training.graph, training.settings, training.weights, self._data, self._draw, team
            )
            # Compiled now, so that the time of the first epoch is that of its batches.
            for size in {self._size(0), self._size(self.batches - 1)}:
                self._programs.of(size)

    def run(
        self,
        epoch: int,
        learning_rate: Rates,
        position: EpochPosition,
        on_progress: Callable[[Progress], None],
        after_batch: Callable[[int], bool],
    ) -> Progress:
        """Train one epoch, or the rest of one.

        Raises:
            Diverged: if a loss is not finite, or a weight at the end.
        """
        weights = self._training.weights
        take_cpus()
        self._begin(epoch, position, on_progress)
        rows = self._put(self._rows.taken(self._order(epoch)))
        rates = self._put(np.broadcast_to(np.float32(learning_rate), self.batches))
        block = 1 if self._on_cpu else _BLOCK
        outcomes: list[Outcome] = []
        asked = position.batch
        for batch in range(position.batch, self.batches):
            with self._computing():
                outcomes.append(self._step(epoch, batch, rows, rates[batch]))
            end = batch + 1
            if end % block and end < self.batches:
                continue
            self._readings.add(end, self._samples_in(end), _together(outcomes))
            outcomes = []
            self._readings.read(0 if self._on_cpu else _AHEAD)
            if is_asked(self._team, asked, end) and after_batch(end):
                break
            asked = end
        return self._end(epoch, weights)

    def statistics(self, epoch: int, snapshot: Arrays) -> Arrays:
        """The statistics that the network would have if its weights had always been those given."""
        training, mean = self._training, StatisticsMean()
        measure = measuring_function(training.graph, training.settings)
        arrays = training.weights.on_devices(snapshot)
        order, parts = self._put(self._order(epoch)), training.settings.accumulate
        with self._computing():
            for begin, end in all_pieces(self._samples, self._batch_size, parts):
                self._draw.begin(training.settings.seed, epoch, begin)
                images = self._data.images.index_select(0, order[begin:end])
                found = measure(arrays, images, self._draw)
                measured = {name: np.array(each.cpu().numpy()) for name, each in found.items()}
                mean.add(end - begin, measured)
        return training.weights.by_place(mean.arrays())

    def _step(self, epoch: int, batch: int, rows: Tensor, rate: Tensor) -> Outcome:
        program: Program = self._programs.of(self._size(batch))
        begin, end = self._rows.bounds(batch)
        self._draw.begin(self._training.settings.seed, epoch, batch)
        return program(rows[begin:end], rate)

    def _computing(self) -> AbstractContextManager[None]:
        training = self._training
        return computing(training.settings.precision, repeatable=training.repeatable)

    def _put(self, array: AnyArray) -> Tensor:
        return torch.tensor(array, device=self._training.device)

    @property
    def _on_cpu(self) -> bool:
        return bool(self._training.device.type == "cpu")


def _together(outcomes: list[Outcome]) -> Outcome:
    """The outcomes of several batches joined; they are fetched from a GPU when they are read."""
    if len(outcomes) == 1:
        losses, correct = outcomes[0]
    else:
        losses, correct = (torch.cat(each) for each in zip(*outcomes))
    if losses.device.type == "cpu":
        return Outcome(losses, correct)
    return Outcome(_Fetched(losses), _Fetched(correct))


class _Fetched:
    """A GPU's tensor on its way to Python; it waits only for work that was queued before it."""

    def __init__(self, tensor: Tensor):
        self._event: Optional[torch.cuda.Event] = None
        if tensor.device.type == "cuda":
            self._here = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
            self._here.copy_(tensor, non_blocking=True)
            self._event = torch.cuda.Event()
            self._event.record()
        else:
            self._here = tensor.cpu()

    def tolist(self) -> list[float]:
        if self._event is not None:
            self._event.synchronize()
        found: list[float] = self._here.tolist()
        return found
