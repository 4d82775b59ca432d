"""The objective of a training step, from the logits, the labels and a teacher."""

from __future__ import annotations

from functools import lru_cache
from typing import Callable, NamedTuple, Optional

import torch
from torch import Tensor

from ...graph.frozen import frozen
from ..settings import LEAST_MISSING, Teacher, TrainingSettings
from .evaluator import Evaluator
from .support import check_supported
from .types import Tensors


class Answers(NamedTuple):
    """A network's logits for a batch, and its targets.

    ``targets`` are the labels' shares of each class, (n, classes); ``images`` the network's input;
    ``teacher`` the arrays of the teacher, if there is one.

    Example:
        >>> Answers(*torch.zeros(2, 5, 10), torch.zeros(5, 1, 28, 28), {}).teacher
        {}
    """

    logits: Tensor
    targets: Tensor
    images: Tensor
    teacher: Tensors


Objective = Callable[[Tensor, Answers], Tensor]


def targets(labels: Tensor, classes: int, smoothing: float) -> Tensor:
    """The labels' shares of each class, float32 (n, classes).

    Example:
        >>> targets(torch.tensor([1]), 2, 0.5).tolist()
        [[0.25, 0.75]]
    """
    # By comparison, because the gradient of indexing is a scatter, which is slow if its bits must
    # be repeatable.
    at_label = (labels.unsqueeze(1) == _numbers(classes, labels.device)).float()
    return at_label * (1 - smoothing) + smoothing / classes if smoothing else at_label


def weighted(targets: Tensor, labels: Tensor, weights: tuple[float, ...]) -> Tensor:
    """Targets, each multiplied by the weight of its label; unchanged if there are no weights.

    Example:
        >>> weighted(torch.ones(2, 2), torch.tensor([0, 1]), (3.0, 1.0)).tolist()
        [[3.0, 3.0], [1.0, 1.0]]
    """
    if not weights:
        return targets
    return targets * _on(labels.device, weights)[labels].unsqueeze(1)


@lru_cache(maxsize=8)
def _numbers(count: int, device: torch.device) -> Tensor:
    return torch.arange(count, device=device)


@lru_cache(maxsize=8)
def _on(device: torch.device, numbers: tuple[float, ...]) -> Tensor:
    """Numbers on a device, kept: nothing may be copied there while a GPU captures a step."""
    return torch.tensor(numbers, dtype=torch.float32, device=device)


def objective(settings: TrainingSettings) -> Objective:
    """A function of the summed cross-entropy and the answers that gives the summed objective.

    Example:
        >>> same = objective(TrainingSettings())
        >>> float(same(torch.tensor(2.0), None))
        2.0
    """
    distil = _distillation(settings.teacher)

    def labels_part(cross_entropy: Tensor, answers: Answers) -> Tensor:
        if settings.minimises_cross_entropy:
            return cross_entropy
        log_prob = answers.logits.log_softmax(1)
        losses = answers.targets * log_prob
        if settings.focal:
            # A power below 1 has no finite slope at 0.
            missing = (-log_prob.expm1()).clamp_min(LEAST_MISSING)
            losses = losses * missing**settings.focal
        return -losses.sum()

    return lambda cross_entropy, answers: distil(labels_part(cross_entropy, answers), answers)


def _distillation(teacher: Optional[Teacher]) -> Objective:
    """A function of the labels' part and the answers, which mixes in the teacher's part."""
    if teacher is None:
        return lambda loss, answers: loss
    graph = frozen(teacher.network.graph)
    check_supported(graph)
    (name,) = graph.inputs
    teach = Evaluator(graph)
    heat, share = teacher.temperature, teacher.share

    def mixed(loss: Tensor, answers: Answers) -> Tensor:
        with torch.no_grad():
            said = teach({**answers.teacher, name: answers.images}).outputs[0]
            wanted = (said / heat).softmax(1)
        other = -(wanted * (answers.logits / heat).log_softmax(1)).sum()
        return loss * (1 - share) + other * (share * heat**2)

    return mixed
