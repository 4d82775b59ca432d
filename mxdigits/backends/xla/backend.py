"""XLA, through JAX, as a :class:`~mxdigits.backends.base.Backend`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Optional, Union

import jax
import jax.numpy as jnp
import numpy as np

from ...arrays import Arrays, Floats, Logits, Numbers
from ...errors import NetworkError
from ...graph import Graph
from ...graph.frozen import with_fixed_statistics
from ...workers import ALONE
from ..base import PREDICT_BATCH, Weighing
from ..batches import batches
from ..context import Devices
from ..graphs.stochastic import is_stochastic
from ..mxnet.types import Network
from ..network import GraphNetwork
from ..settings import TrainingSettings
from ..weights import WeightsOwner
from .devices import described, first_device, versions
from .epoch import Fit, Training
from .execute import inference_function
from .placement import OwnImages, Placement, SharedPlacement
from .runtime import import_jax
from .step import scaled
from .team import devices_of_all, team_of
from .types import Array, Device
from .weights import Weights


class XLABackend(WeightsOwner):
    """A network on one device of JAX, or on several that share each batch.

    Args:
        network: a GraphNetwork, or an initialised HybridBlock, which is traced.
        settings: how the network learns: with an optimizer's name, and the augmentation as a graph
            or a HybridBlock.
        devices: devices of JAX, all of one kind; JAX's first device by default.
        repeatable: whether a GPU uses only operations that give the same bits each time.

    Raises:
        NetworkError: if the graph holds layers that this backend cannot run.
        UsageError: if this backend does not have the optimizer.

    Example:
        >>> from mxdigits.graph import Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> network = GraphNetwork(graph, {"w": np.zeros((10, 784), np.float32)})
        >>> backend = XLABackend(network, TrainingSettings("sgd", {"learning_rate": 0.1}))
        >>> images, labels = np.full((20, 1, 28, 28), 255, np.uint8), np.arange(20) % 10
        >>> fit = backend.begin_fit(images, labels, batch_size=10)
        >>> backend.logits(images).shape, fit.batches
        ((20, 10), 2)
    """

    name = "xla"

    def __init__(
        self,
        network: Union[GraphNetwork, Network],
        settings: TrainingSettings,
        devices: Sequence[Device] = (),
        *,
        repeatable: bool = True,
    ):
        if not isinstance(network, GraphNetwork):
            network = _traced(network)
        if not isinstance(settings.augmentation, (Graph, type(None))):
            settings = replace(settings, augmentation=_traced(settings.augmentation).graph)
        graph = network.graph
        self._logits = inference_function(graph)
        if is_stochastic(graph, training=False):
            raise NetworkError(["the network draws random numbers when it predicts"])
        self.team = team_of(settings.workers)
        devices = devices or [first_device()]
        self._placement = Placement(devices)
        if self.team.count > 1:
            every = devices_of_all(devices[0])
            if settings.shard:
                self._placement = OwnImages(every, self.team.rank)
            else:
                self._placement = SharedPlacement(every, devices[0])
        self._graph = graph
        weights = Weights(network, settings, self._placement)
        self._device_weights = weights
        learnt = with_fixed_statistics(self._graph, weights.fixed)
        self._training = Training(learnt, settings, weights, self._placement, repeatable)
        self._predict = jax.jit(lambda arrays, images: self._logits(arrays, scaled(images)))
        self._said, self._pulled = jax.jit(self._logits), jax.jit(self._gradients)

    @property
    def learning_rate(self) -> float:
        """The optimizer's own learning rate."""
        return self._weights.optimizer.learning_rate

    def classes(self, image_shape: Sequence[int]) -> int:
        """The number of logits that the network gives for an image of shape (C, H, W)."""
        image = jax.ShapeDtypeStruct((1, *image_shape), jnp.float32)
        return int(jax.eval_shape(self._logits, self._weights.published, image).shape[1])

    def logits(self, images: Numbers) -> Numbers:
        """The network's logits, float32 (N, classes), for images uint8 (N, C, H, W)."""
        done: list[Numbers] = []
        queued: Optional[tuple[int, Array]] = None
        for begin, end in batches(len(images), PREDICT_BATCH):
            piece = end - begin, self._queued(images[begin:end])
            # Each piece is read one piece later: the device computes the next while this one is
            # copied.
            done += _read(queued)
            queued = piece
        return np.concatenate([*done, *_read(queued)])

    def input_gradients(self, images: Floats, weigh: Weighing) -> tuple[Logits, Floats]:
        """The logits of images float32 (N, C, H, W), and their gradients by the pixels."""
        device = self._placement.own.devices[0]
        arrays, taken = jax.device_put((self._weights.published, images), device)
        said = np.asarray(self._said(arrays, taken))
        return said, np.asarray(self._pulled(arrays, taken, weigh(said).astype(said.dtype)))

    def begin_fit(self, images: Numbers, labels: Numbers, batch_size: int) -> Fit:
        """Bring a training set to the devices, and start from the published weights."""
        self._weights.fetch()
        return Fit(self._training, images, labels, batch_size, self.team)

    def network(self) -> tuple[Graph, Arrays]:
        """The network's graph and arrays."""
        arrays = jax.device_get(self._weights.published)
        return self._graph, {name: np.asarray(array) for name, array in arrays.items()}

    def record(self) -> dict[str, object]:
        """The versions of JAX, and the devices."""
        devices = self._placement.own.devices
        context = Devices(self._placement.platform, tuple(device.id for device in devices))
        return {
            "versions": versions(),
            "device": {"context": str(context), **described(devices)},
        }

    @property
    def _weights(self) -> Weights:
        return self._device_weights

    def _gradients(self, arrays: Mapping[str, Array], images: Array, counted: Array) -> Array:
        _, pull = jax.vjp(lambda each: self._logits(arrays, each), images)
        return pull(counted)[0]

    def _queued(self, images: Numbers) -> Array:
        """The queued logits of a piece, and of the zeros that fill it up."""
        # A program is compiled for one size, so only a few sizes are used.
        size = min(1 << math.ceil(math.log2(len(images))), PREDICT_BATCH)
        filled = np.zeros((size, *images.shape[1:]), images.dtype)
        filled[: len(images)] = images
        return self._predict(self._weights.published, self._placement.own.put_split(filled))


def _read(queued: Optional[tuple[int, Array]]) -> list[Numbers]:
    return [] if queued is None else [np.asarray(queued[1])[: queued[0]].astype(np.float32)]


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
    alone = replace(settings, workers=ALONE)
    XLABackend(network, alone, import_jax().local_devices(backend="cpu")[:1])


def _traced(block: Network) -> GraphNetwork:
    from ..mxnet.networks.symbols import graph_network  # imports MXNet

    return graph_network(block)
