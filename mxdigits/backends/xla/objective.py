"""The objective of a training step, from the logits, the labels and a teacher."""

from __future__ import annotations

from typing import Callable, NamedTuple, Optional

import jax
import jax.numpy as jnp
import numpy as np

from ...graph.frozen import frozen
from ..settings import LEAST_MISSING, Teacher, TrainingSettings
from .execute import inference_function
from .types import Array, Arrays


class Answers(NamedTuple):
    """A network's logits for a batch, and its targets.

    ``targets`` are the labels' shares of each class, (n, classes); ``images`` the network's input;
    ``teacher`` the arrays of the teacher, if there is one.

    Example:
        >>> Answers(jnp.zeros((5, 10)), jnp.zeros((5, 10)), jnp.zeros((5, 1, 28, 28)), {}).teacher
        {}
    """

    logits: Array
    targets: Array
    images: Array
    teacher: Arrays


Objective = Callable[[Array, Answers], Array]


def targets(labels: Array, classes: int, smoothing: float) -> Array:
    """The labels' shares of each class, float32 (n, classes).

    Example:
        >>> targets(jnp.array([1]), 2, 0.5).tolist()
        [[0.25, 0.75]]
    """
    # By comparison, because the gradient of indexing is a scatter, which is slow if its bits must
    # be repeatable.
    at_label = labels[:, None] == jnp.arange(classes, dtype=jnp.int32)
    return jnp.where(at_label, 1 - smoothing + smoothing / classes, smoothing / classes)


def weighted(targets: Array, labels: Array, weights: tuple[float, ...]) -> Array:
    """Targets, each multiplied by the weight of its label; unchanged if there are no weights.

    Example:
        >>> weighted(jnp.ones((2, 2)), jnp.array([0, 1]), (3.0, 1.0)).tolist()
        [[3.0, 3.0], [1.0, 1.0]]
    """
    return targets * jnp.asarray(weights, jnp.float32)[labels][:, None] if weights else targets


def objective(settings: TrainingSettings) -> Objective:
    """A function of the summed cross-entropy and the answers that gives the summed objective.

    Example:
        >>> same = objective(TrainingSettings())
        >>> same(jnp.float32(2), None).tolist()
        2.0
    """
    distil = _distillation(settings.teacher)

    def labels_part(cross_entropy: Array, answers: Answers) -> Array:
        if settings.minimises_cross_entropy:
            return cross_entropy
        log_prob = jax.nn.log_softmax(answers.logits)
        losses = answers.targets * log_prob
        if settings.focal:
            # A power below 1 has no finite slope at 0.
            missing = jnp.maximum(-jnp.expm1(log_prob), np.float32(LEAST_MISSING))
            losses = losses * missing**settings.focal
        return -losses.sum()

    return lambda cross_entropy, answers: distil(labels_part(cross_entropy, answers), answers)


def _distillation(teacher: Optional[Teacher]) -> Objective:
    """A function of the labels' part and the answers, which mixes in the teacher's part."""
    if teacher is None:
        return lambda loss, answers: loss
    says = inference_function(frozen(teacher.network.graph))
    heat, share = teacher.temperature, teacher.share

    def mixed(loss: Array, answers: Answers) -> Array:
        said = jax.lax.stop_gradient(says(answers.teacher, answers.images))
        wanted = jax.nn.softmax(said / heat)
        other = -(wanted * jax.nn.log_softmax(answers.logits / heat)).sum()
        return (1 - share) * loss + share * heat**2 * other

    return mixed
