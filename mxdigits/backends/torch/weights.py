"""The weights of a network in training, on a device of PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

import numpy as np
import torch
from torch import Tensor

from ...arrays import AnyArray, Arrays
from ..graphs.fit_weights import FitState, FitWeights
from ..network import GraphNetwork
from ..settings import TrainingSettings
from .functions import FUNCTIONS
from .types import IMAGES


class Weights(FitWeights):
    """Everything that a fit changes, and the published weights.

    A program may write into the tensors of ``training``, because nothing else refers to them.

    Args:
        network: the network to train; its arrays are float32.
        settings: how the network learns.
        device: the device for the arrays.

    Raises:
        UsageError: if this backend does not have the optimizer.

    Example:
        >>> from mxdigits.graph import Graph, Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> network = GraphNetwork(graph, {"w": np.zeros((10, 784), np.float32)})
        >>> weights = Weights(network, TrainingSettings("sgd"), torch.device("cpu"))
        >>> list(weights.snapshot()), weights.all_finite()
        (['w'], True)
    """

    backend = "torch"

    def __init__(self, network: GraphNetwork, settings: TrainingSettings, device: torch.device):
        super().__init__(network, settings, FUNCTIONS)
        self.device = device
        self.published = self._put({name: network.arrays[name] for name in self._places})
        with torch.no_grad():
            memory = self.optimizer.begin(self._parameters())
        self._go_on(self._read(memory), self._scaling, self._averages_of(network.arrays))

    def fetch(self) -> None:
        """Start training from the published weights; the optimizer keeps its state."""
        statistics = {name: self.published[name] for name in self._graph.auxiliary_states}
        self.training = self.training._replace(
            parameters=laid_out(self._parameters()), statistics=laid_out(statistics)
        )

    def on_devices(self, snapshot: Arrays) -> dict[str, Tensor]:
        """The arrays of a snapshot on the device, by their names in the graph."""
        return self._put(self.by_name(snapshot))

    def publish(self, snapshot: Optional[Arrays] = None) -> None:
        """Publish the weights as trained so far, or those of a snapshot."""
        if snapshot is None:
            trained = {**self.training.parameters, **self.training.statistics}
            whole = torch.contiguous_format
            self.published = {n: each.clone(memory_format=whole) for n, each in trained.items()}
        else:
            self.published = self.on_devices(snapshot)

    def all_finite(self) -> bool:
        """Whether no weight is infinite or not a number; waits for the device."""
        finite = [each.isfinite().all() for each in self.training.parameters.values()]
        return bool(torch.stack(finite).all()) if finite else True

    def _go_on(self, memory: Arrays, scaling: Arrays, means: Arrays) -> None:
        kept = (laid_out(self._put(each)) for each in (memory, scaling, means))
        self.training = FitState({}, {}, *kept)
        self.fetch()

    def _read(self, arrays: Mapping[str, Tensor]) -> dict[str, AnyArray]:
        return {name: np.array(each.cpu().numpy(), order="C") for name, each in arrays.items()}

    def _put(self, arrays: Arrays) -> dict[str, Tensor]:
        """Copies of arrays on the device."""
        return {
            name: torch.tensor(np.asarray(each), device=self.device)
            for name, each in arrays.items()
        }


def laid_out(arrays: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Copies in a step's memory layout: filters with their channels side by side.

    All arrays that belong together have the same layout from the first step on, so that a continued
    fit runs the same instructions as one that was never stopped.

    Example:
        >>> laid_out({"w": torch.zeros(20, 8, 5, 5)})["w"].stride()
        (200, 1, 40, 8)
    """
    formats = {IMAGES: torch.channels_last}
    return {
        name: each.clone(memory_format=formats.get(each.ndim, torch.contiguous_format))
        for name, each in arrays.items()
    }
