"""PyTorch as a :class:`~mxdigits.backends.base.Backend`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Union

import numpy as np
import torch

from ...arrays import Arrays, Floats, Images, Labels, Logits
from ...errors import NetworkError
from ...graph import Graph
from ...graph.frozen import with_fixed_statistics
from ...workers import ALONE
from ..base import Weighing
from ..context import Devices
from ..graphs.stochastic import is_stochastic
from ..mxnet.types import Network
from ..network import GraphNetwork
from ..settings import TrainingSettings
from ..weights import WeightsOwner
from .devices import described, versions
from .epoch import Fit, Training
from .execute import check_network, classes_of, evaluate
from .predictor import Predictor
from .runtime import take_cpus
from .settings import computing
from .step import training_step
from .team import team_of
from .weights import Weights


class TorchBackend(WeightsOwner):
    """A network on one device of PyTorch; several workers with a device each may share each batch.

    Args:
        network: a GraphNetwork, or an initialised HybridBlock, which is traced.
        settings: how the network learns: with an optimizer's name, and the augmentation as a graph
            or a HybridBlock.
        devices: a device of PyTorch; the CPU by default.
        repeatable: whether to use only operations that give the same bits each time.

    Raises:
        NetworkError: if the graph holds layers that this backend cannot run.
        UsageError: if this backend does not have the optimizer.

    Example:
        >>> from mxdigits.graph import Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> network = GraphNetwork(graph, {"w": np.zeros((10, 784), np.float32)})
        >>> backend = TorchBackend(network, TrainingSettings("sgd", {"learning_rate": 0.1}))
        >>> images, labels = np.full((20, 1, 28, 28), 255, np.uint8), np.arange(20) % 10
        >>> fit = backend.begin_fit(images, labels, batch_size=10)
        >>> backend.logits(images).shape, fit.batches
        ((20, 10), 2)
    """

    name = "torch"

    def __init__(
        self,
        network: Union[GraphNetwork, Network],
        settings: TrainingSettings,
        devices: Sequence[torch.device] = (),
        *,
        repeatable: bool = True,
    ):
        if not isinstance(network, GraphNetwork):
            network = _traced(network)
        if not isinstance(settings.augmentation, (Graph, type(None))):
            settings = replace(settings, augmentation=_traced(settings.augmentation).graph)
        check_network(network.graph)
        if is_stochastic(network.graph, training=False):
            raise NetworkError(["the network draws random numbers when it predicts"])
        self.team = team_of(settings.workers)
        (self._device,) = devices or [torch.device("cpu")]
        self._graph = network.graph
        self._predict = Predictor(self._graph, self._device)
        weights = Weights(network, settings, self._device)
        training_step(self._graph, weights.optimizer, settings)  # refuses untrainable networks
        self._device_weights = weights
        learnt = with_fixed_statistics(self._graph, weights.fixed)
        self._training = Training(learnt, settings, weights, self._device, repeatable)

    @property
    def learning_rate(self) -> float:
        """The optimizer's own learning rate."""
        return self._weights.optimizer.learning_rate

    def classes(self, image_shape: Sequence[int]) -> int:
        """The number of logits that the network gives for an image of shape (C, H, W)."""
        return classes_of(self._graph, self._weights.published, image_shape)

    def logits(self, images: Images) -> Logits:
        """The network's logits, float32 (N, classes), for images uint8 (N, C, H, W)."""
        return self._predict(self._weights.published, images)

    def input_gradients(self, images: Floats, weigh: Weighing) -> tuple[Logits, Floats]:
        """The logits of images float32 (N, C, H, W), and their gradients by the pixels."""
        (name,) = self._graph.inputs
        taken = torch.tensor(images, device=self._device, requires_grad=True)
        take_cpus()
        with computing(), torch.enable_grad():
            logits = evaluate(self._graph, {**self._weights.published, name: taken}).outputs[0]
            said = logits.detach().float().cpu().numpy()
            counted = torch.tensor(weigh(said), dtype=logits.dtype, device=self._device)
            (found,) = torch.autograd.grad(logits, taken, counted)
        return said, found.cpu().numpy()

    def begin_fit(self, images: Images, labels: Labels, batch_size: int) -> Fit:
        """Bring a training set to the device, and start from the published weights."""
        self._weights.fetch()
        return Fit(self._training, images, labels, batch_size, self.team)

    def network(self) -> tuple[Graph, Arrays]:
        """The network's graph and arrays."""
        published = self._weights.published
        arrays = {name: np.array(each.cpu().numpy()) for name, each in published.items()}
        return self._graph, arrays

    def record(self) -> dict[str, object]:
        """The version of PyTorch, and the device."""
        kind = "cpu" if self._device.type == "cpu" else "gpu"
        context = str(Devices(kind, (self._device.index or 0,)))
        return {
            "versions": versions(),
            "device": {"context": context, **described(self._device)},
        }

    @property
    def _weights(self) -> Weights:
        return self._device_weights


def check_trainable(network: Union[GraphNetwork, Network], settings: TrainingSettings) -> None:
    """Refuse a network that this backend cannot train, before any data are on a device.

    Args:
        network: a GraphNetwork, or an initialised HybridBlock, which is traced.
        settings: how the network learns.

    Raises:
        NetworkError: naming each layer that this backend does not have.
        UsageError: if this backend does not have the optimizer.

    Example:
        >>> from mxdigits.graph import Output, Variable
        >>> graph = Graph((Variable("data", "input"),), (Output(0),))
        >>> check_trainable(GraphNetwork(graph, {}), TrainingSettings("none"))
        Traceback (most recent call last):
            ...
        mxdigits.errors.UsageError: no optimizer is called 'none'; there are adadelta, ...
    """
    TorchBackend(network, replace(settings, workers=ALONE))


def _traced(block: Network) -> GraphNetwork:
    from ..mxnet.networks.symbols import graph_network  # imports MXNet

    return graph_network(block)
