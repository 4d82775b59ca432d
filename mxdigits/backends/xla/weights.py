"""The weights of a network in training, on devices of JAX."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

import jax
import jax.numpy as jnp
import numpy as np

from ...arrays import AnyArray, Arrays
from ..graphs.fit_weights import FitState, FitWeights
from ..network import GraphNetwork
from ..settings import TrainingSettings
from .functions import FUNCTIONS
from .placement import Placement


class Weights(FitWeights):
    """Everything that a fit changes, and the published weights.

    Args:
        network: the network to train; its arrays are float32.
        settings: how the network learns.
        placement: the devices for the arrays.

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

    backend = "xla"

    def __init__(
        self,
        network: GraphNetwork,
        settings: TrainingSettings,
        placement: Placement,
    ):
        super().__init__(network, settings, FUNCTIONS)
        self._placement = placement
        self.published: dict[str, jax.Array] = {
            name: placement.own.put(np.asarray(network.arrays[name])) for name in self._places
        }
        memory = jax.jit(self.optimizer.begin)(self._parameters())
        self._go_on(memory, self._scaling, self._averages_of(network.arrays))

    def fetch(self) -> None:
        """Start training from the published weights; the optimizer keeps its state."""
        statistics = {name: self.published[name] for name in self._graph.auxiliary_states}
        parameters, statistics = self._placement.copied((self._parameters(), statistics))
        self.training = self.training._replace(parameters=parameters, statistics=statistics)

    def on_devices(self, snapshot: Arrays) -> dict[str, jax.Array]:
        """The arrays of a snapshot at ``placement``, by their names in the graph."""
        found = self.by_name(snapshot)
        return {name: self._placement.put(np.asarray(each)) for name, each in found.items()}

    def publish(self, snapshot: Optional[Arrays] = None) -> None:
        """Publish the weights as trained so far, or those of a snapshot."""
        if snapshot is None:
            trained = {**self.training.parameters, **self.training.statistics}
            self.published = self._placement.copied_to_own(trained)
        else:
            found = self.by_name(snapshot)
            own = self._placement.own
            self.published = {name: own.put(np.asarray(each)) for name, each in found.items()}

    def all_finite(self) -> bool:
        """Whether no weight is infinite or not a number; waits for the device."""
        return bool(_all_finite(self.training.parameters))

    def _go_on(self, memory: Arrays, scaling: Arrays, means: Arrays) -> None:
        kept = (self._placement.put(dict(each)) for each in (memory, scaling, means))
        self.training = FitState({}, {}, *kept)
        self.fetch()

    def _read(self, arrays: Mapping[str, jax.Array]) -> dict[str, AnyArray]:
        return {name: np.array(array) for name, array in jax.device_get(dict(arrays)).items()}


def _all_finite_in(arrays: Mapping[str, jax.Array]) -> jax.Array:
    return jnp.all(jnp.stack([jnp.isfinite(each).all() for each in arrays.values()]))


_all_finite = jax.jit(_all_finite_in)
