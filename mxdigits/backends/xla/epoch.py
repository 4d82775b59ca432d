"""The epochs of a fit, each made of a few calls of compiled programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Union

import jax
import jax.numpy as jnp
import numpy as np

from ...arrays import Arrays as HostArrays
from ...arrays import Numbers
from ...graph import Graph
from ..base import EpochPosition, Progress, Rates
from ..batches import all_pieces, batches
from ..graphs.epochs import Epochs
from ..graphs.fit_weights import FitState
from ..graphs.statistics import StatisticsMean
from ..settings import TrainingSettings
from ..team.agreement import Alone, Team, is_asked
from .placement import Placement
from .program import Data, Place, Program, block, block_length, compiled, unrolled
from .step import measuring_function, training_step
from .types import Arrays
from .weights import Weights

# The number of blocks that are queued before the first of them is read.
_AHEAD = 2
# A CPU's blocks are single batches, so it needs more of them.
_AHEAD_ON_CPU = 8
_ALONE = Alone()
# On a CPU, XLA computes these several times more slowly within a loop.
_SLOW_IN_LOOPS = frozenset({"Convolution", "Deconvolution"})


@dataclass(frozen=True)
class Training:
    """Everything that the epochs of a fit work with.

    Args:
        graph: the graph of the network.
        settings: how the network learns.
        weights: the network's weights, at ``placement``.
        placement: the devices.
        repeatable: whether the same fit gives the same bits each time.

    Example:
        >>> training = Training(graph, settings, weights, placement, True)  # doctest: +SKIP
        >>> fit = Fit(training, images, labels, batch_size=100)  # doctest: +SKIP
    """

    graph: Graph
    settings: TrainingSettings
    weights: Weights
    placement: Placement
    repeatable: bool


class Fit(Epochs):
    """A training set on the device, and the programs that train on it.

    It is XLA's :class:`~mxdigits.backends.base.FitInProgress`. An epoch is divided into blocks that
    begin at the same batches in every process; one program runs a block. So a fit can stop after
    any block and continue later with the same bits.

    Args:
        training: the network, its weights and the devices.
        images: uint8 (N, C, H, W).
        labels: (N,).
        batch_size: images per step.
        team: the workers that share each batch.

    Example:
        >>> from mxdigits.backends.network import GraphNetwork
        >>> from mxdigits.graph import Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> network = GraphNetwork(graph, {"w": np.zeros((10, 784), np.float32)})
        >>> settings, placement = TrainingSettings("sgd"), Placement(jax.devices("cpu")[:1])
        >>> weights = Weights(network, settings, placement)
        >>> training = Training(graph, settings, weights, placement, repeatable=True)
        >>> images, labels = np.zeros((20, 1, 28, 28), np.uint8), np.zeros(20, np.int64)
        >>> fit = Fit(training, images, labels, batch_size=10)
        >>> fit.run(0, 0.1, EpochPosition(), lambda progress: None, lambda batch: False).batch
        2
    """

    def __init__(
        self,
        training: Training,
        images: Numbers,
        labels: Numbers,
        batch_size: int,
        team: Team = _ALONE,
    ):
        super().__init__(training.settings, labels, batch_size, team)
        self._training = training
        teacher = training.settings.teacher
        taught = teacher.network.arrays if teacher else {}
        self._data = Data(
            training.placement.put_data(images),
            training.placement.put_data(labels.astype(np.int32)),
            {name: self._put(array) for name, array in taught.items()},
        )
        self._step = training_step(
            training.graph,
            training.weights.optimizer,
            training.settings,
            training.placement,
        )
        self._programs: dict[tuple[int, int], Program] = {}
        self._length = self._block_length()
        # Compiled now, so that the time of the first epoch is that of its batches.
        for begin, end in self._blocks(0):
            self._program(end - begin, self._size(begin))

    def run(
        self,
        epoch: int,
        learning_rate: Rates,
        position: EpochPosition,
        on_progress: Callable[[Progress], None],
        after_batch: Callable[[int], bool],
    ) -> Progress:
        """Train one epoch, or the rest of one; ``after_batch`` is called after each block.

        Raises:
            Diverged: if a loss is not finite, or a weight at the end.
        """
        weights = self._training.weights
        self._begin(epoch, position, on_progress)
        order = self._put_order(epoch)
        key = self._put(_key(self._training.settings.seed, epoch))
        rates = self._put(np.broadcast_to(np.float32(learning_rate), self.batches))
        for begin, end in self._blocks(position.batch):
            program = self._program(end - begin, self._size(begin))
            place = Place(order, self._put(np.int32(begin)), key)
            weights.training, outcome = program(weights.training, self._data, place, rates)
            self._readings.add(end, self._samples_in(end), outcome)
            self._readings.read(self._ahead)
            if is_asked(self._team, begin, end) and after_batch(end):
                break
        return self._end(epoch, weights)

    def statistics(self, epoch: int, snapshot: HostArrays) -> HostArrays:
        """The statistics that the network would have if its weights had always been those given."""
        training, mean = self._training, StatisticsMean()
        placement, weights = training.placement, training.weights
        measure = measuring_function(training.graph, training.settings, placement.platform)

        def of_rows(arrays: Arrays, images: jax.Array, rows: jax.Array, key: jax.Array) -> Arrays:
            return measure(arrays, placement.gathered(images, rows), key)

        compiled_measure = placement.jit(of_rows)
        arrays = weights.on_devices(snapshot)
        own = jax.random.wrap_key_data(jnp.asarray(_key(training.settings.seed, epoch)))
        order, parts = self._order(epoch), training.settings.accumulate
        for begin, end in all_pieces(self._samples, self._batch_size, parts):
            rows, key = self._put(order[begin:end]), jax.random.fold_in(own, begin)
            found = compiled_measure(arrays, self._data.images, rows, key)
            mean.add(end - begin, jax.device_get(found))
        return weights.by_place(mean.arrays())

    def _put(self, array: Union[jax.Array, Numbers, np.generic]) -> jax.Array:
        result: jax.Array = self._training.placement.put(array)
        return result

    def _put_order(self, epoch: int) -> jax.Array:
        bounds = list(batches(self._samples, self._batch_size))
        return self._training.placement.put_order(self._order(epoch), bounds)

    @property
    def _on_cpu(self) -> bool:
        return bool(self._training.placement.platform == "cpu")

    @property
    def _ahead(self) -> int:
        return _AHEAD_ON_CPU if self._on_cpu else _AHEAD

    def _blocks(self, begin: int) -> list[tuple[int, int]]:
        """The bounds of all blocks from a batch on, counted in batches.

        They end at multiples of their length; a smaller last batch is a block of its own.
        """
        full = self._samples // self._batch_size
        ends = [*range(self._length, full, self._length), full, self.batches]
        ends = sorted({end for end in ends if end > begin})
        return list(zip([begin, *ends], ends))

    def _block_length(self) -> int:
        full = self._samples // self._batch_size
        if self._on_cpu and self._training.graph.operators & _SLOW_IN_LOOPS:
            return 1
        step = self._function(1, self._batch_size)
        return block_length(step, self._arguments(), full)

    def _program(self, length: int, size: int) -> Program:
        """The compiled program of a block, made at its first use."""
        if (length, size) not in self._programs:
            self._tell_once()
            self._programs[length, size] = compiled(
                self._function(length, size),
                *self._arguments(),
                placement=self._training.placement,
                repeatable=self._training.repeatable,
            )
        return self._programs[length, size]

    def _function(self, length: int, size: int) -> Program:
        training = self._training
        unroll = unrolled(training.graph, training.placement.platform)
        return block(self._step, length, size, self._batch_size, training.placement, unroll)

    def _tell_once(self) -> None:
        """Tell the user once that compiling takes a while."""
        if not self._programs:
            self._training.settings.say("compiling ...")

    def _arguments(self) -> tuple[FitState, Data, Place, jax.Array]:
        """Example arguments, like those of every call."""
        place = Place(self._put_order(0), self._put(np.int32(0)), self._put(_key(0, 0)))
        rates = self._put(np.zeros(self.batches, np.float32))
        return self._training.weights.training, self._data, place, rates


def _key(seed: int, epoch: int) -> Numbers:
    """The key of an epoch's random numbers; the order of its images has another key."""
    return np.random.SeedSequence([seed, epoch, 2]).generate_state(2).astype(np.uint32)
