"""The weights of a network on a device while it is trained, and what is kept of them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Optional

import jax
import jax.numpy as jnp
import numpy as np

from ...arrays import Arrays, Numbers
from ...errors import CheckpointError, UsageError
from ..base import GraphNetwork, ParameterSettings, State, TrainingSettings
from ..mxnet import slots
from ..parameters import natural_key
from ..weights import arrays_below, check_same_network
from . import loss_scaling
from .optimizers import Optimizer, make_optimizer
from .placement import Placement
from .step import FitState

_FORMAT = 1


class Weights:
    """What a fit changes, and the published weights.

    ``training`` is the state that each step reads and may overwrite in place; ``published`` holds
    the published weights and statistics.

    Args:
        network: what is trained; its arrays are float32.
        settings: how it learns.
        placement: where the arrays are put.

    Raises:
        UsageError: if this backend does not have the optimizer.

    Example:
        >>> from mxdigits.graph import Graph, Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> network = GraphNetwork(graph, {"w": np.zeros((10, 784), np.float32)})
        >>> weights = Weights(network, TrainingSettings("sgd"), Placement(jax.devices("cpu")[:1]))
        >>> list(weights.snapshot()), weights.all_finite()
        (['w'], True)
    """

    def __init__(
        self,
        network: GraphNetwork,
        settings: TrainingSettings,
        placement: Placement,
    ):
        self._graph, self._placement = network.graph, placement
        graph = network.graph
        names = [*graph.parameters, *graph.auxiliary_states]
        learning = {name: network.parameters.get(name, ParameterSettings(name)) for name in names}
        self._places = {name: each.place for name, each in learning.items()}
        self.optimizer = _optimizer(settings, {n: learning[n] for n in graph.parameters})
        self.published: dict[str, jax.Array] = {
            name: placement.put(np.asarray(network.arrays[name])) for name in names
        }
        memory = jax.jit(self.optimizer.begin)(self._parameters())
        self._scaling = loss_scaling.begun(settings.precision)
        self.training = FitState({}, {}, placement.put(memory), placement.put(self._scaling))
        self.fetch()

    def fetch(self) -> None:
        """Begin to train with the published weights; the optimizer's state stays."""
        statistics = {name: self.published[name] for name in self._graph.auxiliary_states}
        parameters, statistics = _copied((self._parameters(), statistics))
        self.training = self.training._replace(parameters=parameters, statistics=statistics)

    def publish(self, snapshot: Optional[Arrays] = None) -> None:
        """Publish the weights in training, or those of a snapshot."""
        if snapshot is None:
            self.published = _copied({**self.training.parameters, **self.training.statistics})
        else:
            self.published = {
                name: self._placement.put(np.asarray(snapshot[place]))
                for name, place in self._places.items()
            }

    def snapshot(self) -> dict[str, Numbers]:
        """A copy of the weights and statistics in training, by their place in the network."""
        arrays = jax.device_get({**self.training.parameters, **self.training.statistics})
        return {self._places[name]: np.array(array) for name, array in arrays.items()}

    def state(self) -> State:
        """Weights, statistics and the optimizer's state: NumPy arrays by name, and the rest."""
        memory = jax.device_get(self.training.optimizer)
        arrays = {
            f"optimizer.{self._translated(name, self._places)}": np.array(array)
            for name, array in memory.items()
        }
        arrays.update({f"weight.{place}": array for place, array in self.snapshot().items()})
        scaling = jax.device_get(self.training.scaling)
        arrays.update({f"scaling.{name}": np.array(array) for name, array in scaling.items()})
        return arrays, self._facts

    def restore(self, arrays: Arrays, facts: Mapping[str, object]) -> None:
        """Go back to what :meth:`state` gave, and publish it.

        Raises:
            CheckpointError: if it is of another backend, network or optimizer.
        """
        snapshot = arrays_below("weight", arrays)
        self.check_snapshot(snapshot)
        memory, scaling = self._memory_of(arrays, facts), self._scaling_of(arrays)
        self.publish(snapshot)
        self.training = self.training._replace(
            optimizer=self._placement.put(memory), scaling=self._placement.put(scaling)
        )
        self.fetch()

    def _memory_of(self, arrays: Arrays, facts: Mapping[str, object]) -> dict[str, jax.Array]:
        """What the optimizer remembers, as a state says."""
        if facts.get("backend", "mxnet") == "mxnet":
            shapes = {self._places[name]: each.shape for name, each in self._parameters().items()}
            kept = slots.slots_of(self.optimizer.name, arrays, facts, shapes)
        else:
            slots.check_same(facts.get("optimizer"), self.optimizer.name)
            if facts.get("format") != _FORMAT:
                raise CheckpointError(
                    f"the state is of format {facts.get('format')}, not {_FORMAT}"
                )
            kept = arrays_below("optimizer", arrays)
        names = {place: name for name, place in self._places.items()}
        memory = {self._translated(name, names): array for name, array in kept.items()}
        return self.optimizer.restore(memory, self._parameters())

    def _scaling_of(self, arrays: Arrays) -> dict[str, jax.Array]:
        """How the loss was scaled in a state; as at the start if it was of another precision."""
        found = arrays_below("scaling", arrays)
        if not self._scaling or not found:
            return self._scaling
        for name, fresh in self._scaling.items():
            kept = found.get(name)
            if kept is None or (kept.shape, kept.dtype) != (fresh.shape, fresh.dtype):
                raise CheckpointError("the state of the loss scaling is damaged")
        return {name: jnp.asarray(found[name]) for name in self._scaling}

    def check_snapshot(self, snapshot: Arrays) -> None:
        """Refuse a snapshot of another network.

        Raises:
            CheckpointError: naming the first array that differs.
        """
        published = ((place, self.published[name]) for name, place in self._places.items())
        check_same_network(snapshot, {place: (a.shape, a.dtype) for place, a in published})

    def all_finite(self) -> bool:
        """Whether no weight is infinite or not a number; waits for the device."""
        return bool(_all_finite(self.training.parameters))

    @property
    def _facts(self) -> dict[str, object]:
        return {"backend": "xla", "format": _FORMAT, "optimizer": self.optimizer.name}

    def _parameters(self) -> dict[str, jax.Array]:
        return {name: self.published[name] for name in self._graph.parameters}

    @staticmethod
    def _translated(name: str, names: Mapping[str, str]) -> str:
        """The name of an array of the optimizer, ``SLOT.PARAMETER``, with another parameter."""
        slot, dot, parameter = name.partition(".")
        return f"{slot}.{names.get(parameter, parameter)}" if dot else name


def _optimizer(
    settings: TrainingSettings, parameters: Mapping[str, ParameterSettings]
) -> Optimizer:
    if not isinstance(settings.optimizer, str):
        raise UsageError(
            f"the backend xla takes an optimizer by its name, not an object of "
            f"{type(settings.optimizer).__name__}"
        )
    trained = {name: each for name, each in parameters.items() if each.trained}
    return make_optimizer(
        settings.optimizer,
        settings.optimizer_options,
        sorted(trained, key=natural_key),
        lr_mult={name: each.lr_mult for name, each in trained.items()},
        wd_mult={name: each.wd_mult for name, each in trained.items()},
    )


def _all_finite_in(arrays: Mapping[str, jax.Array]) -> jax.Array:
    return jnp.all(jnp.stack([jnp.isfinite(each).all() for each in arrays.values()]))


_all_finite = jax.jit(_all_finite_in)
_copied = jax.jit(functools.partial(jax.tree_util.tree_map, jnp.copy))
