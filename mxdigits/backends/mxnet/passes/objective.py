"""The objective of a training step in symbols, from the logits, the labels and a teacher."""

from __future__ import annotations

import numpy as np

from ....arrays import Numbers
from ....graph.building import GraphBuilder
from ....graph.frozen import frozen
from ...settings import LEAST_MISSING, Teacher, TrainingSettings
from ..networks.symbols import symbol_of, with_checks
from ..runtime import import_mxnet
from ..types import Symbol

mx = import_mxnet()

_TEACHER = "teacher_"  # before the names of its variables
_WEIGHTS = "class_weights_of_loss"


def constants(settings: TrainingSettings) -> dict[str, Numbers]:
    """The further arrays that an objective needs, by their names in its graph.

    Example:
        >>> list(constants(TrainingSettings(class_weights=(1.0, 2.0))))
        ['class_weights_of_loss']
    """
    teacher = settings.teacher
    taught = teacher.network.arrays if teacher else {}
    found: dict[str, Numbers] = {f"{_TEACHER}{name}": array for name, array in taught.items()}
    if settings.class_weights:
        found[_WEIGHTS] = np.array(settings.class_weights, np.float32)
    return found


def targets(labels: Symbol, classes: int, settings: TrainingSettings) -> Symbol:
    """The labels' shares of each class times the labels' weights: (n, classes).

    Example:
        >>> symbol = targets(mx.sym.var("labels"), 2, TrainingSettings(label_smoothing=0.5))
        >>> symbol.eval(labels=mx.nd.array([1]))[0].asnumpy().tolist()
        [[0.25, 0.75]]
    """
    S, smoothing = mx.sym, settings.label_smoothing
    told = S.one_hot(labels, depth=classes) * (1 - smoothing) + smoothing / classes
    if settings.class_weights:
        weights = S.take(S.var(_WEIGHTS), labels)
        told = S.broadcast_mul(told, S.expand_dims(weights, axis=1))
    return told


def objective(
    logits: Symbol, targets: Symbol, images: Symbol, settings: TrainingSettings
) -> Symbol:
    """The objective of each image: (n,).

    Args:
        logits: (n, classes).
        targets: as from :func:`targets`.
        images: the network's input.
        settings: how the network learns.

    Example:
        >>> names = [mx.sym.var(name) for name in ("logits", "targets", "images")]
        >>> symbol = objective(*names, TrainingSettings(focal=2.0))
        >>> given = {"logits": mx.nd.zeros((1, 2)), "targets": mx.nd.array([[0, 1]])}
        >>> round(float(symbol.eval(**given)[0].asscalar()), 4)  # -0.5 ** 2 * log(0.5)
        0.1733
    """
    S = mx.sym
    log_prob = S.log_softmax(logits)
    losses = targets * log_prob
    if settings.focal:
        # A power below 1 has no finite slope at 0.
        losses = losses * S.maximum(-S.expm1(log_prob), LEAST_MISSING) ** settings.focal
    own = -S.sum(losses, axis=1)
    teacher = settings.teacher
    return own if teacher is None else _distilled(own, logits, images, teacher)


def _distilled(own: Symbol, logits: Symbol, images: Symbol, teacher: Teacher) -> Symbol:
    """The loss of each image, mixed as :class:`~mxdigits.backends.settings.Teacher` says."""
    S = mx.sym
    graph = frozen(teacher.network.graph)
    build = GraphBuilder()
    named = build.graph(build.copy(graph, build.variable("seen", "input"), _TEACHER))
    says = S.BlockGrad(symbol_of(with_checks(named))(seen=images))
    heat, share = teacher.temperature, teacher.share
    wanted, said = S.softmax(says / heat), S.log_softmax(logits / heat)
    other = -S.sum(wanted * said, axis=1) * (share * heat**2)
    return other + own * (1 - share)
