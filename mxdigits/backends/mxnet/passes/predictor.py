"""Computes a network's logits for images, in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ....arrays import Images, Logits
from ...base import PREDICT_BATCH
from ...batches import batches
from ..runtime import import_mxnet
from ..types import Device, MXArray, Network, Operators
from .device_worker import to_device
from .step import scaled

mx = import_mxnet()


class Predictor:
    """A network on one device that predicts from images of bytes.

    Args:
        network: an initialised HybridBlock, from images (n, C, H, W) float32 from 0 to 1 to logits
            (n, classes).
        context: the device, one of those that hold the network.

    Example:
        >>> dense = mx.gluon.nn.Dense(10)
        >>> dense.initialize()
        >>> Predictor(dense, mx.cpu()).logits(np.zeros((5, 1, 28, 28), np.uint8)).shape
        (5, 10)
    """

    def __init__(self, network: Network, context: Device):
        self._graph = _OfBytes(network)
        self._graph.hybridize(static_alloc=True)
        self._context = context

    def classes(self, image_shape: Sequence[int]) -> int:
        """The number of logits for an image of shape (C, H, W)."""
        image = np.zeros((1, *image_shape), np.uint8)
        return int(self._queued(image).shape[1])

    def logits(self, images: Images) -> Logits:
        """The logits (N, classes) of images (N, C, H, W)."""
        (_, end), *others = batches(len(images), PREDICT_BATCH)
        queued = self._queued(images[:end])
        done: list[Logits] = []
        for begin, end in others:
            following = self._queued(images[begin:end])
            # Each piece is read one piece later: the device computes the next while this one is
            # copied.
            done.append(queued.asnumpy())
            queued = following
        return np.concatenate([*done, queued.asnumpy()])

    def _queued(self, images: Images) -> MXArray:
        return self._graph(to_device(images, self._context))


class _OfBytes(mx.gluon.HybridBlock):  # type: ignore[name-defined]
    """A network from images (n, C, H, W) uint8 to logits (n, classes)."""

    def __init__(self, network: Network):
        super().__init__()
        self.network = network

    def hybrid_forward(self, F: Operators, images: MXArray) -> MXArray:
        return self.network(scaled(F, images))
