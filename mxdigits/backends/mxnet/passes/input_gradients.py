"""The gradients of a network's logits by the pixels."""

from __future__ import annotations

from ....arrays import Floats, Logits
from ....graph.frozen import frozen
from ...base import Weighing
from ...network import GraphNetwork
from ..networks.graph_network import block_of
from ..runtime import import_mxnet
from ..types import Device

mx = import_mxnet()


def input_gradients(
    network: GraphNetwork, device: Device, images: Floats, weigh: Weighing
) -> tuple[Logits, Floats]:
    """The logits of images float32 (N, C, H, W), and their gradients by the pixels.

    Args:
        network: the network with its weights.
        device: the device to compute on.
        images: the images, from 0 to 1.
        weigh: gives the weight of each logit, from the logits.

    Example:
        >>> import numpy as np
        >>> from mxdigits.graph import Graph, Output, Variable, operation
        >>> square = operation("square", "square", [Output(0)])
        >>> network = GraphNetwork(Graph((Variable("data", "input"), square), (Output(1),)), {})
        >>> three = np.array([[3.0]], np.float32)
        >>> logits, found = input_gradients(network, mx.cpu(), three, np.ones_like)
        >>> logits.tolist(), found.tolist()
        ([[9.0]], [[6.0]])
    """
    # Run in training, with a graph that then computes the same as in inference: oneDNN's layers
    # keep what their gradients need only in training, and otherwise silently give wrong gradients.
    block = block_of(GraphNetwork(frozen(network.graph), network.arrays), [device])
    taken = mx.nd.array(images, device, dtype="float32")
    taken.attach_grad()
    with mx.autograd.record():
        logits = block(taken)
    said: Logits = logits.asnumpy()
    counted = mx.nd.array(weigh(said), device, dtype="float32")
    (found,) = mx.autograd.grad([logits], [taken], [counted])
    gradients: Floats = found.asnumpy()
    return said, gradients
