"""The graph of a training step: bytes scaled, the network, and losses and hits of its logits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional, Union

from ...arrays import Numbers
from ...graph import Graph
from ...graph.building import GraphBuilder
from ...graph.frozen import frozen
from ..base import Teacher
from .runtime import import_mxnet
from .symbols import graph_of, symbol_of, with_checked_reshapes
from .types import Device, MXArray, Network, Operators, Symbol

mx = import_mxnet()

_TEACHER = "teacher_"  # before the names of its variables

# In the names of MXNet's operators that draw random numbers, and of those that may.
_RANDOM = ("random", "sample", "dropout", "shuffle", "leakyrelu", "rnn", "custom")


class TrainStep:
    """Gather, scale, augmentation, network and gradients of one batch as one graph.

    Args:
        graph: of :func:`training_graph`.
        size: the images of a batch; a graph's memory is planned for one size.
        context: the device to run on.
        arrays: parameters by name; the step reads them, and changes statistics.
        gradients: of those that are trained, by name; the step writes them.
        data: ``images`` (N, C, H, W) uint8 and ``labels`` (N,) float32, the whole training set.

    Example:
        >>> step = TrainStep(graph, 100, mx.cpu(), arrays=a, gradients=g, data=d)  # doctest: +SKIP
        >>> step.run(order, logits)  # doctest: +SKIP
    """

    def __init__(
        self,
        graph: Graph,
        size: int,
        context: Device,
        *,
        arrays: Mapping[str, MXArray],
        gradients: Mapping[str, MXArray],
        data: Mapping[str, MXArray],
    ):
        self._order = mx.nd.zeros(size, context, "int32")
        known = {**arrays, **data, "order": self._order}
        names = [*graph.inputs, *graph.parameters]
        self._executor = symbol_of(graph).bind(
            context,
            {name: known[name] for name in names},
            args_grad={name: gradients[name] for name in names if name in gradients},
            grad_req={name: "write" if name in gradients else "null" for name in names},
            aux_states={name: known[name] for name in graph.auxiliary_states},
        )
        probabilities, self._logits = self._executor.outputs
        self._heads = [mx.nd.ones_like(probabilities), mx.nd.zeros_like(self._logits)]

    def run(self, order: MXArray, logits: MXArray) -> None:
        """Write the gradients of the loss, summed over a batch.

        Args:
            order: int32 (size,), the images of the batch.
            logits: float32 (size, classes), to be written: what the network said of them.
        """
        order.copyto(self._order)
        self._executor.forward(is_train=True)
        self._executor.backward(self._heads)
        self._logits.copyto(logits)


def training_graph(
    network: Network,
    classes: int,
    label_smoothing: float,
    augmentation: Union[Graph, Network, None] = None,
    teacher: Optional[Teacher] = None,
) -> Graph:
    """The graph of a training step: of ``images``, ``labels`` and ``order``.

    It holds what learning needs and no more: the loss is counted apart, from the logits of many
    batches at once (:func:`judged`), because on a CPU its dozen small operators would cost a small
    network a tenth of its speed.

    Args:
        network: a HybridBlock: images (n, C, H, W) float32 in 0 to 1 -> logits (n, classes).
        classes: what the network tells apart.
        label_smoothing: the share of each label that is spread over all classes.
        augmentation: a Graph or a HybridBlock from such images to such images, which the network
            then sees.
        teacher: what it learns from besides; its variables are called as :func:`taught_by` says.

    Example:
        >>> graph = training_graph(mx.gluon.nn.Dense(10), classes=10, label_smoothing=0.0)
        >>> graph.inputs
        ('images', 'order', 'labels')
    """
    S = mx.sym
    order = S.var("order")
    x = scaled(S, S.take(S.var("images"), order))
    if isinstance(augmentation, Graph):
        (name,) = augmentation.inputs
        x = symbol_of(augmentation)(**{name: x})
    elif augmentation is not None:
        x = augmentation(x)
    y = S.take(S.var("labels"), order)
    logits = S.cast(network(x), dtype="float32")
    if teacher is not None:
        heads = _distilled(logits, y, x, label_smoothing, teacher), S.BlockGrad(logits)
        return graph_of(S.Group(heads), inputs=("images", "labels", "order"))
    # Its gradient is that of the summed cross-entropy. It smooths over the other classes alone.
    smooth_alpha = label_smoothing * (classes - 1) / classes
    heads = S.SoftmaxOutput(logits, y, smooth_alpha=smooth_alpha), S.BlockGrad(logits)
    return graph_of(S.Group(heads), inputs=("images", "labels", "order"))


def taught_by(teacher: Teacher) -> dict[str, Numbers]:
    """The arrays of a teacher by the names that they have in a training graph.

    Example:
        >>> from mxdigits.backends.base import GraphNetwork
        >>> same = graph_of(mx.sym.var("data") + mx.sym.var("bias"))
        >>> list(taught_by(Teacher(GraphNetwork(same, {"bias": mx.nd.zeros(1).asnumpy()}))))
        ['teacher_bias']
    """
    return {f"{_TEACHER}{name}": array for name, array in teacher.network.arrays.items()}


def _distilled(
    logits: Symbol, labels: Symbol, images: Symbol, label_smoothing: float, teacher: Teacher
) -> Symbol:
    """The loss of each image, mixed as :class:`~mxdigits.backends.base.Teacher` says."""
    S = mx.sym
    graph = frozen(teacher.network.graph)
    build = GraphBuilder()
    named = build.graph(build.copy(graph, build.variable("seen", "input"), _TEACHER))
    says = S.BlockGrad(symbol_of(with_checked_reshapes(named))(seen=images))
    heat, share = teacher.temperature, teacher.share
    wanted, said = S.softmax(says / heat), S.log_softmax(logits / heat)
    other = -S.sum(wanted * said, axis=1) * (share * heat**2)
    log_prob = S.log_softmax(logits)
    own = S.pick(log_prob, labels) * (1 - label_smoothing)
    own = own + S.mean(log_prob, axis=1) * label_smoothing
    return other - own * (1 - share)


def judged(logits: MXArray, labels: MXArray, label_smoothing: float) -> tuple[MXArray, MXArray]:
    """The loss of each image, and whether the answer is correct: float32 (n,) both.

    Args:
        logits: float32 (n, classes).
        labels: float32 (n,).
        label_smoothing: the share of each label that is spread over all classes.

    Example:
        >>> losses, correct = judged(mx.nd.array([[2, 0], [0, 2]]), mx.nd.array([0, 0]), 0.0)
        >>> correct.asnumpy().tolist()
        [1.0, 0.0]
    """
    log_prob = mx.nd.log_softmax(logits)
    losses = -mx.nd.pick(log_prob, labels)
    if label_smoothing:
        uniform = -mx.nd.mean(log_prob, axis=1)
        losses = (1 - label_smoothing) * losses + label_smoothing * uniform
    return losses, mx.nd.argmax(logits, axis=1) == labels


def is_stochastic(graph: Graph) -> bool:
    """Whether a graph may draw random numbers.

    Example:
        >>> is_stochastic(graph_of(mx.sym.Dropout(mx.sym.var("data"))))
        True
    """
    return any(word in operator.lower() for operator in graph.operators for word in _RANDOM)


def scaled(F: Operators, images: MXArray) -> MXArray:
    """Bytes to float32 from 0 to 1, the form in which every network here sees an image.

    Example:
        >>> import numpy as np
        >>> float(scaled(mx.nd, mx.nd.array([255], dtype=np.uint8)).asscalar())
        1.0
    """
    return F.cast(images, dtype="float32") * (1 / 255)
