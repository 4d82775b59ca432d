"""The weights of a graph in training, and their saved states: for every backend of graphs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import NamedTuple, Optional

import numpy as np

from ...arrays import AnyArray, Arrays
from ...errors import CheckpointError, UsageError
from ..base import State
from ..mxnet import slots
from ..network import GraphNetwork, ParameterSettings, natural_key
from ..settings import TrainingSettings
from ..weights import arrays_below, check_same_network
from . import averages, loss_scaling
from .functions import Array, Functions
from .optimizers import Optimizer, make_optimizer

_FORMAT = 1


class FitState(NamedTuple):
    """Everything that a fit changes, by names in the graph.

    ``scaling`` is the state of :mod:`~mxdigits.backends.graphs.loss_scaling`, ``averages`` that of
    :mod:`~mxdigits.backends.graphs.averages`.

    Example:
        >>> FitState({"w": np.ones(3)}, {}, {}, {}, {}).parameters["w"].shape
        (3,)
    """

    parameters: dict[str, Array]
    statistics: dict[str, Array]
    optimizer: dict[str, Array]
    scaling: dict[str, Array]
    averages: dict[str, Array]


class FitWeights(ABC):
    """Everything that a fit changes, and the published weights.

    ``training`` is the state that each step reads and may overwrite in place; ``published`` holds
    the published weights and statistics.

    Args:
        network: the network to train; its arrays are float32.
        settings: how the network learns.
        functions: the functions of the library that holds the arrays.

    Raises:
        UsageError: if this backend does not have the optimizer.

    Example:
        >>> from mxdigits.graph import Graph, Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> network = GraphNetwork(graph, {"w": np.zeros((10, 784), np.float32)})
        >>> from mxdigits.backends.xla.placement import Placement, jax
        >>> from mxdigits.backends.xla.weights import Weights
        >>> weights = Weights(network, TrainingSettings("sgd"), Placement(jax.devices("cpu")[:1]))
        >>> isinstance(weights, FitWeights), list(weights.snapshot())
        (True, ['w'])
    """

    backend: str
    published: dict[str, Array]
    training: FitState

    def __init__(self, network: GraphNetwork, settings: TrainingSettings, functions: Functions):
        self._graph = graph = network.graph
        names = [*graph.parameters, *graph.auxiliary_states]
        given = {name: network.parameters.get(name, ParameterSettings(name)) for name in names}
        learning = {name: each.adjusted(settings.learning) for name, each in given.items()}
        self._places = {name: each.place for name, each in learning.items()}
        self.optimizer = _optimizer(
            settings, {n: learning[n] for n in graph.parameters}, functions, self.backend
        )
        self._scaling = loss_scaling.begun(settings.precision)
        self._ema = settings.ema
        self._frozen = settings.learning.frozen

    @property
    def fixed(self) -> frozenset[str]:
        """The names of statistics that training leaves unchanged."""
        return frozenset(
            name for name in self._graph.auxiliary_states if self._places[name] in self._frozen
        )

    def by_name(self, snapshot: Arrays) -> dict[str, AnyArray]:
        """The arrays of a snapshot by their names in the graph."""
        return {name: snapshot[place] for name, place in self._places.items()}

    def by_place(self, arrays: Arrays) -> dict[str, AnyArray]:
        """Arrays by their place in the network."""
        return {self._places[name]: array for name, array in arrays.items()}

    @abstractmethod
    def on_devices(self, snapshot: Arrays) -> dict[str, Array]:
        """The arrays of a snapshot on the devices of the training, by their names in the graph."""

    @abstractmethod
    def publish(self, snapshot: Optional[Arrays] = None) -> None:
        """Publish the weights in training, or those of a snapshot."""

    @abstractmethod
    def all_finite(self) -> bool:
        """Whether no weight is infinite or not a number; waits for the device."""

    @abstractmethod
    def _go_on(self, memory: Arrays, scaling: Arrays, means: Arrays) -> None:
        """Continue with the published weights, and the rest of a state."""

    @abstractmethod
    def _read(self, arrays: Mapping[str, Array]) -> dict[str, AnyArray]:
        """A copy of arrays as NumPy arrays."""

    def snapshot(self) -> dict[str, AnyArray]:
        """A copy of the weights and statistics as trained so far, by their place in the network."""
        arrays = self._read({**self.training.parameters, **self.training.statistics})
        return self.by_place(arrays)

    def averaged(self) -> dict[str, AnyArray]:
        """A copy of the moving averages of the weights and statistics, by their place."""
        arrays = self._read(self.training.averages)
        return {place: arrays[name] for name, place in self._places.items()}

    def state(self) -> State:
        """Weights, statistics and the optimizer's state: NumPy arrays by name, and the rest."""
        arrays = {
            f"optimizer.{_translated(name, self._places)}": array
            for name, array in self._read(self.training.optimizer).items()
        }
        arrays.update({f"weight.{place}": array for place, array in self.snapshot().items()})
        means = self._read(self.training.averages)
        arrays.update({f"average.{self._places.get(n, n)}": each for n, each in means.items()})
        scaling = self._read(self.training.scaling)
        arrays.update({f"scaling.{name}": array for name, array in scaling.items()})
        facts = {"backend": self.backend, "format": _FORMAT, "optimizer": self.optimizer.name}
        return arrays, facts

    def restore(self, arrays: Arrays, facts: Mapping[str, object]) -> None:
        """Return to a state that :meth:`state` gave, and publish it.

        Raises:
            CheckpointError: if the state is of another backend, network or optimizer.
        """
        snapshot = arrays_below("weight", arrays)
        self.check_snapshot(snapshot)
        memory, scaling = self._memory_of(arrays, facts), self._scaling_of(arrays)
        weights = self.by_name(snapshot)
        means = self._averages_of(weights, arrays_below("average", arrays))
        self.publish(snapshot)
        self._go_on(memory, scaling, means)

    def check_snapshot(self, snapshot: Arrays) -> None:
        """Refuse a snapshot of another network.

        Raises:
            CheckpointError: naming the first array that differs.
        """
        single = np.dtype(np.float32)
        expected = {
            place: (tuple(self.published[name].shape), single)
            for name, place in self._places.items()
        }
        check_same_network(snapshot, expected)

    def _memory_of(self, arrays: Arrays, facts: Mapping[str, object]) -> Arrays:
        """The optimizer's memory in a state."""
        if facts.get("backend", "mxnet") == "mxnet":
            weights = self._parameters()
            shapes = {self._places[name]: tuple(each.shape) for name, each in weights.items()}
            kept = slots.slots_of(self.optimizer.name, arrays, facts, shapes)
        else:
            slots.check_same(facts.get("optimizer"), self.optimizer.name)
            if facts.get("format") != _FORMAT:
                raise CheckpointError(
                    f"the state is of format {facts.get('format')}, not {_FORMAT}"
                )
            kept = arrays_below("optimizer", arrays)
        names = {place: name for name, place in self._places.items()}
        memory = {_translated(name, names): array for name, array in kept.items()}
        self.optimizer.check_state(memory, self._parameters())
        return memory

    def _averages_of(self, weights: Arrays, kept: Optional[Arrays] = None) -> Arrays:
        """The moving averages in a state; if it has none, they begin with its weights."""
        fresh = averages.begun({name: weights[name] for name in self._places}, self._ema)
        if not fresh or not kept:
            return fresh
        names = {place: name for name, place in self._places.items()}
        found = {names.get(place, place): array for place, array in kept.items()}
        averages.check_same(found, fresh)
        return {name: found[name] for name in fresh}

    def _scaling_of(self, arrays: Arrays) -> Arrays:
        """The loss scaling in a state; the initial one if the state has another precision."""
        found = arrays_below("scaling", arrays)
        if not self._scaling or not found:
            return self._scaling
        for name, fresh in self._scaling.items():
            kept = found.get(name)
            if kept is None or (kept.shape, kept.dtype) != (fresh.shape, fresh.dtype):
                raise CheckpointError("the state of the loss scaling is damaged")
        return {name: found[name] for name in self._scaling}

    def _parameters(self) -> dict[str, Array]:
        return {name: self.published[name] for name in self._graph.parameters}


def _translated(name: str, names: Mapping[str, str]) -> str:
    """An optimizer array's name, ``SLOT.PARAMETER``, with the parameter renamed by ``names``."""
    slot, dot, parameter = name.partition(".")
    return f"{slot}.{names.get(parameter, parameter)}" if dot else name


def _optimizer(
    settings: TrainingSettings,
    parameters: Mapping[str, ParameterSettings],
    functions: Functions,
    backend: str,
) -> Optimizer:
    if not isinstance(settings.optimizer, str):
        raise UsageError(
            f"the backend {backend} takes an optimizer by its name, not an object of "
            f"{type(settings.optimizer).__name__}"
        )
    trained = {name: each for name, each in parameters.items() if each.trained}
    return make_optimizer(
        settings.optimizer,
        settings.optimizer_options,
        sorted(trained, key=natural_key),
        functions,
        backend=backend,
        lr_mult={name: each.lr_mult for name, each in trained.items()},
        wd_mult={name: each.wd_mult for name, each in trained.items()},
    )
