"""The graph of a training step: scaling of bytes, network, and losses and hits of its logits."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from ....environment import variable
from ....graph import Graph
from ...settings import TrainingSettings
from ..networks.symbols import graph_of, symbol_of
from ..runtime import import_mxnet
from ..types import Device, MXArray, Network, Operators
from .objective import objective, targets

mx = import_mxnet()

# Parts of the names of MXNet's operators that draw random numbers, or may do so.
_RANDOM = ("random", "sample", "dropout", "shuffle", "leakyrelu", "custom")


# The number of backward operators that MXNet's engine runs as one, by a variable that it reads when
# a step is made. A user's own value is kept.
_AT_ONCE = "MXNET_EXEC_BULK_EXEC_MAX_NODE_TRAIN_BWD"
_FEW = "4"

# The names of the statistics that heads of a graph update, and their momentum.
Moving = Sequence[tuple[str, float]]


class TrainStep:
    """Gather, scale, augmentation, network and gradients of one batch as one graph.

    Args:
        graph: as from :func:`training_graph`.
        size: the number of images of a batch; a graph's memory is planned for one size.
        context: the device to run on.
        arrays: parameters and statistics by name; the step reads them, and updates the statistics.
        gradients: the gradients of the trained parameters, by name; the step writes them.
        data: ``images`` (N, C, H, W) uint8 and ``labels`` (N,) float32, the whole training set.
        adds: whether gradients are added to the earlier ones.
        moving: the statistics that the graph's heads after the first two update, if there are any.

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
        adds: bool = False,
        moving: Moving = (),
    ):
        self._order = mx.nd.zeros(size, context, "int32")
        known = {**arrays, **data, "order": self._order}
        request = "add" if adds else "write"
        names = [*graph.inputs, *graph.parameters]
        self._executor = symbol_of(graph).bind(
            context,
            {name: known[name] for name in names},
            args_grad={name: gradients[name] for name in names if name in gradients},
            grad_req={name: request if name in gradients else "null" for name in names},
            aux_states={name: known[name] for name in graph.auxiliary_states},
        )
        minimised, self._logits, *statistics = self._executor.outputs
        others = [mx.nd.zeros_like(each) for each in (self._logits, *statistics)]
        self._heads = [mx.nd.ones_like(minimised), *others]
        self._moving = [
            (arrays[name], momentum, each.reshape(-1))
            for (name, momentum), each in zip(moving, statistics)
        ]

    def run(self, order: MXArray, logits: MXArray) -> None:
        """Write or add the gradients of the loss summed over a batch.

        Args:
            order: int32 (size,), the images of the batch.
            logits: float32 (size, classes), into which the network's logits are written.
        """
        order.copyto(self._order)
        self._executor.forward(is_train=True)
        self._executor.backward(self._heads)
        self._logits.copyto(logits)
        for statistic, momentum, of_batch in self._moving:
            statistic *= momentum
            statistic += of_batch * (1 - momentum)


@contextmanager
def backward_in_pieces() -> Iterator[None]:
    """Steps made in a ``with`` block give each gradient as soon as it is computed.

    Other steps give all gradients when the backward pass is done, which costs the engine less.

    Example:
        >>> with backward_in_pieces():
        ...     step = TrainStep(graph, 100, mx.cpu(), **arrays)  # doctest: +SKIP
    """
    with variable(_AT_ONCE, os.environ.get(_AT_ONCE) or _FEW):
        yield


def training_graph(network: Network, classes: int, settings: TrainingSettings) -> Graph:
    """The graph of a training step: of ``images``, ``labels`` and ``order``.

    It holds only what learning needs. The loss is computed separately, from the logits of many
    batches at once (:func:`losses_and_hits`), because on a CPU its dozen small operators would cost
    a small network a tenth of its speed.

    Args:
        network: a HybridBlock, from images (n, C, H, W) float32 from 0 to 1 to logits (n, classes).
        classes: the number of classes.
        settings: how the network learns. The loss's further arrays come from
            :func:`~mxdigits.backends.mxnet.passes.objective.constants`.

    Example:
        >>> graph = training_graph(mx.gluon.nn.Dense(10), 10, TrainingSettings())
        >>> graph.inputs
        ('images', 'order', 'labels')
    """
    S = mx.sym
    order, augmentation = S.var("order"), settings.augmentation
    x = scaled(S, S.take(S.var("images"), order))
    y = S.take(S.var("labels"), order)
    wanted = None
    if isinstance(augmentation, Graph) and settings.mixes:
        given = dict(zip(augmentation.inputs, (x, targets(y, classes, settings))))
        x, wanted = symbol_of(augmentation)(**given)
    elif isinstance(augmentation, Graph):
        (name,) = augmentation.inputs
        x = symbol_of(augmentation)(**{name: x})
    elif augmentation is not None:
        x = augmentation(x)
    logits = S.cast(network(x), dtype="float32")
    if settings.minimises_cross_entropy and settings.teacher is None:
        # Its gradient is that of the summed cross-entropy. It smooths only over the other classes.
        smooth_alpha = settings.label_smoothing * (classes - 1) / classes
        minimised = S.SoftmaxOutput(logits, y, smooth_alpha=smooth_alpha)
    else:
        wanted = targets(y, classes, settings) if wanted is None else wanted
        minimised = objective(logits, wanted, x, settings)
    heads = S.Group([minimised, S.BlockGrad(logits)])
    return graph_of(heads, inputs=("images", "labels", "order"))


def losses_and_hits(
    logits: MXArray, labels: MXArray, label_smoothing: float
) -> tuple[MXArray, MXArray]:
    """The loss of each image, and whether its answer is correct, both float32 (n,).

    Args:
        logits: float32 (n, classes).
        labels: float32 (n,).
        label_smoothing: the share of each label that is spread over all classes.

    Example:
        >>> logits, labels = mx.nd.array([[2, 0], [0, 2]]), mx.nd.array([0, 0])
        >>> losses, hits = losses_and_hits(logits, labels, 0.0)
        >>> hits.asnumpy().tolist()
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
    """Bytes scaled to float32 from 0 to 1, the form of images that every network here takes.

    Example:
        >>> import numpy as np
        >>> float(scaled(mx.nd, mx.nd.array([255], dtype=np.uint8)).asscalar())
        1.0
    """
    return F.cast(images, dtype="float32") * (1 / 255)
