"""onnxruntime as a :class:`~mxdigits.backends.base.Backend` that predicts and does not train."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, NoReturn, Optional, Union

import numpy as np

from ...arrays import Arrays, Floats, Numbers
from ...errors import UsageError
from ..batches import batches
from ..cpus import usable_cpus
from ..team.agreement import Alone, Team
from .loading import Model, written
from .session import CPU, Session, threads_wanted
from .types import Provider

if TYPE_CHECKING:
    from ...graph import Graph
    from ..base import Weighing
    from ..mxnet.types import Network
    from ..network import GraphNetwork

# Images at a time. Several such batches are computed at once, each by one thread, which also scales
# its images: NumPy has no threads, and for a small network scaling takes as long as the layers.
_BATCH = 500

PREDICTS_ONLY = "the backend onnx predicts only; to train, take mxnet, xla or torch"


class ONNXBackend:
    """A network run by onnxruntime.

    Args:
        network: a Model, a GraphNetwork, or an initialised HybridBlock, whose graph is read.
        devices: providers of onnxruntime; the CPU by default.

    Raises:
        NetworkError: if ONNX lacks a layer.

    Example:
        >>> backend = ONNXBackend(network)  # doctest: +SKIP
        >>> backend.logits(images).shape  # doctest: +SKIP
        (100, 10)
    """

    name = "onnx"
    learning_rate = 0.0
    team: Team = Alone()  # it only predicts, so it has no other workers

    def __init__(
        self,
        network: Union[Model, GraphNetwork, Network],
        devices: Sequence[Provider] = (),
    ):
        self._network = network if isinstance(network, Model) else _graph_network(network)
        self._providers = tuple(devices) or (CPU,)
        self._model: Optional[Model] = None
        self._pool: Optional[ThreadPoolExecutor] = None
        self._scaled = _Scaled()
        self._sessions: dict[Optional[int], Session] = {}  # by the number of threads per batch

    def classes(self, image_shape: Sequence[int]) -> int:
        """The number of logits that the network gives for an image of shape (C, H, W)."""
        return self.logits(np.zeros((1, *image_shape), np.uint8)).shape[1]

    def logits(self, images: Numbers) -> Numbers:
        """The network's logits, float32 (N, classes), for images uint8 (N, C, H, W).

        For a file that gives probabilities, the logits are their logarithms.
        """
        parts = [images[begin:end] for begin, end in batches(len(images), _BATCH)]
        several = len(parts) > 1 and self._providers[0] == CPU
        model, session = self._ready(images.shape[1:], threads=1 if several else None)
        compute = partial(_logits, model, session, self._scaled)
        if several:
            self._pool = self._pool or ThreadPoolExecutor(threads_wanted() or usable_cpus())
            return np.concatenate([*self._pool.map(compute, parts)])
        return np.concatenate([compute(part) for part in parts])

    def network(self) -> tuple[Graph, Arrays]:
        """The network's graph and arrays.

        Raises:
            UsageError: if the network comes only from an ONNX file.
        """
        if not isinstance(self._network, Model):
            return self._network.graph, self._network.arrays
        if self._network.read is None:
            raise UsageError("an ONNX file does not hold a network of MXNet's operators")
        return self._network.read()

    def record(self) -> dict[str, object]:
        """The version of onnxruntime, and the device."""
        from ..machine import versions

        device = "cpu(0)" if self._providers[0] == CPU else "gpu"
        return {"versions": versions("onnxruntime"), "device": {"context": device}}

    def input_gradients(self, images: Floats, weigh: Weighing) -> NoReturn:
        """Refused: onnxruntime has no gradients."""
        raise UsageError("the backend onnx has no gradients; take mxnet, xla or torch")

    def begin_fit(self, images: Numbers, labels: Numbers, batch_size: int) -> NoReturn:
        """Refused, like everything for training."""
        raise UsageError(PREDICTS_ONLY)

    def state(self) -> NoReturn:
        """Refused."""
        raise UsageError(PREDICTS_ONLY)

    def restore(self, arrays: Arrays, facts: Mapping[str, object]) -> NoReturn:
        """Refused."""
        raise UsageError(PREDICTS_ONLY)

    def snapshot(self) -> NoReturn:
        """Refused."""
        raise UsageError(PREDICTS_ONLY)

    def check_snapshot(self, snapshot: Arrays) -> NoReturn:
        """Refused."""
        raise UsageError(PREDICTS_ONLY)

    def publish(self, snapshot: Optional[Arrays] = None) -> NoReturn:
        """Refused."""
        raise UsageError(PREDICTS_ONLY)

    def _ready(self, image_shape: Sequence[int], threads: Optional[int]) -> tuple[Model, Session]:
        """The model and a session; a graph's are made when the shape of the images is known."""
        if self._model is None:
            if isinstance(self._network, Model):
                self._model = self._network
            else:
                content = written(self._network.graph, self._network.arrays, image_shape)
                self._model = Model(content, takes_bytes=True, gives_shares=False)
        # A single batch, such as a last one, can also use the session of one thread.
        known = self._sessions.get(threads) or self._sessions.get(1)
        if known is None:
            known = Session(self._model.content, self._providers, threads)
            self._sessions[threads] = known
        return self._model, known


class _Scaled(threading.local):
    """Each thread's memory for images from 0 to 1: allocating it takes as long as scaling."""

    memory = np.empty((0, 0, 0, 0), np.float32)

    def of(self, images: Numbers) -> Numbers:
        if self.memory.shape[1:] != images.shape[1:] or len(self.memory) < len(images):
            self.memory = np.empty(images.shape, np.float32)
        scaled: Numbers = np.multiply(images, np.float32(1 / 255), out=self.memory[: len(images)])
        return scaled


def _logits(model: Model, session: Session, scaled: _Scaled, images: Numbers) -> Numbers:
    """The logits of one batch."""
    given = images if model.takes_bytes else scaled.of(images)
    outputs = session.run({session.inputs[0].name: given})[0]
    if model.gives_shares:
        outputs = np.log(np.maximum(outputs, np.finfo(np.float32).tiny))
    return outputs


def outputs(graph: Graph, arrays: Arrays, images: Numbers, device: Provider) -> Numbers:
    """The output of a graph with one input and one head.

    Example:
        >>> from mxdigits.graph import Graph, Output, Variable, operation
        >>> relu = operation("relu", "relu", [Output(0)])
        >>> graph = Graph((Variable("data", "input"), relu), (Output(1),))
        >>> outputs(graph, {}, np.array([[-1.0, 2.0]], np.float32), CPU).tolist()
        [[0.0, 2.0]]
    """
    from .model import Input, WrittenModel  # imports onnx

    (name,) = graph.inputs
    model = WrittenModel(graph, arrays, {name: Input((None, *images.shape[1:]))})
    return Session(model.checked(), [device]).run({name: images})[0]


def _graph_network(network: Union[GraphNetwork, Network]) -> GraphNetwork:
    from ..network import GraphNetwork

    if isinstance(network, GraphNetwork):
        return network
    from ..mxnet.networks.symbols import graph_network  # imports MXNet

    return graph_network(network)
