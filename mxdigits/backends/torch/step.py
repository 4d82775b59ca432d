"""One training step, from state and batch to new state and outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Callable, Optional

import torch
from torch import Tensor

from ...errors import NetworkError
from ...graph import Graph
from ...graph.frozen import measuring
from ..graphs import loss_scaling
from ..graphs.fit_weights import FitState
from ..graphs.optimizers import Optimizer
from ..graphs.readings import Outcome
from ..graphs.updating import update_function
from ..settings import TrainingSettings
from ..team.agreement import Alone, Team, parts_of
from .evaluator import Evaluator
from .execute import classes_of
from .functions import FUNCTIONS, IN_PLACE
from .objective import Answers, objective, targets, weighted
from .operators.types import Draw
from .parts import Batch, PartResult, divided, in_parts, of_all
from .support import check_supported
from .types import IMAGES, Number, Tensors

# The types in which each precision computes.
_PRECISIONS: Mapping[str, torch.dtype] = {
    "float32": torch.float32,
    "tf32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}
_ALONE = Alone()
_NORMALIZATIONS = frozenset({"BatchNorm", "GroupNorm", "InstanceNorm", "LayerNorm"})


Step = Callable[[FitState, Batch, Number], "tuple[FitState, Outcome]"]

# The objective; and the statistics, the loss of the labels, and the correct answers.
_Losses = tuple[Tensor, dict[str, Tensor], Tensor, Tensor]
_Loss = Callable[[Tensors, FitState, Batch], _Losses]


def scaled(images: Tensor) -> Tensor:
    """Bytes scaled to float32 from 0 to 1, the form of images that every network here takes.

    Example:
        >>> scaled(torch.tensor([0, 255], dtype=torch.uint8)).tolist()
        [0.0, 1.0]
    """
    return images.float() * (1 / 255)


def training_step(
    graph: Graph,
    optimizer: Optimizer,
    settings: TrainingSettings,
    *,
    channels_last: bool = False,
    team: Team = _ALONE,
) -> Step:
    """The function ``step(state, batch, learning_rate)`` of a network.

    It gives the state after the step, and may write into the weights of the one before.

    Args:
        graph: a graph from images (n, C, H, W) float32 from 0 to 1 to logits (n, classes).
        optimizer: the optimizer of the trained parameters; all others stay unchanged.
        settings: how it learns; the augmentation is a Graph from such images to such images.
        channels_last: whether the channels of a pixel lie side by side in memory.
        team: the workers that share each batch.

    Raises:
        NetworkError: if a graph holds layers that this backend cannot run.

    Example:
        >>> from mxdigits.backends.graphs.optimizers import make_optimizer
        >>> from mxdigits.graph import Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=2, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> sgd = make_optimizer("sgd", {}, ["w"], FUNCTIONS, backend="torch")
        >>> weights = {"w": torch.zeros((2, 4))}
        >>> step = training_step(graph, sgd, TrainingSettings("sgd"))
        >>> batch = Batch(torch.full((3, 1, 2, 2), 255), torch.zeros(3, dtype=torch.int64), None)
        >>> state, outcome = step(FitState(weights, {}, sgd.begin(weights), {}, {}), batch, 0.5)
        >>> state.parameters["w"][0].tolist(), int(outcome.correct)
        ([0.25, 0.25, 0.25, 0.25], 3)
    """
    loss = _loss_function(graph, settings, channels_last)
    # With loss scaling, a step may turn out not to count.
    if not loss_scaling.begun(settings.precision):
        optimizer = replace(optimizer, functions=IN_PLACE)
    update = update_function(FUNCTIONS, optimizer, settings)

    def step(state: FitState, batch: Batch, learning_rate: Number) -> tuple[FitState, Outcome]:
        trained = {n: state.parameters[n].detach().requires_grad_() for n in optimizer.parameters}
        samples = batch.whole or len(batch.labels)
        factor = loss_scaling.factor(state.scaling, samples)

        def learn(statistics: dict[str, Tensor], part: Batch) -> PartResult:
            with torch.enable_grad():
                learnt, *others = loss(trained, state._replace(statistics=statistics), part)
                scaled = learnt * factor if state.scaling else learnt
                return PartResult(_gradients(scaled, trained), *others)

        with torch.no_grad():
            parts = parts_of(team, samples, settings.accumulate)
            learnt = in_parts(learn, state.statistics, divided(batch, parts, team))
            gradients, statistics, total, correct = of_all(learnt, team)
            gradients = loss_scaling.unscaled(gradients, factor, state.scaling)
            after = update(state, gradients, statistics, samples, learning_rate)
        return after, Outcome(total.detach().reshape(1), correct.reshape(1))

    return step


def _counted(graph: Graph) -> Callable[[Tensors, torch.Size], int]:
    """A function that gives the network's number of classes, computed once for each image shape."""
    known: dict[torch.Size, int] = {}

    def count(arrays: Tensors, image_shape: torch.Size) -> int:
        if image_shape not in known:
            known[image_shape] = classes_of(graph, arrays, image_shape)
        return known[image_shape]

    return count


def measuring_function(
    graph: Graph, settings: TrainingSettings
) -> Callable[[Tensors, Tensor, Draw], Tensors]:
    """The function ``statistics(arrays, images, draw)`` of a network: the batch's statistics.

    Args:
        graph: as for :func:`training_step`.
        settings: how the network learns.

    Example:
        >>> from mxdigits.graph import Output, Variable
        >>> same = Graph((Variable("data", "input"),), (Output(0),))
        >>> statistics = measuring_function(same, TrainingSettings())
        >>> statistics({}, torch.zeros((5, 1, 28, 28), dtype=torch.uint8), None)
        {}
    """
    measured, names = measuring(graph)
    run = Evaluator(measured)
    augment = _augmentation(settings.augmentation)
    (name,) = graph.inputs

    def statistics(arrays: Tensors, images: Tensor, draw: Draw) -> Tensors:
        with torch.no_grad():
            none = torch.zeros((len(images), 1), device=images.device)
            shown, _ = augment(scaled(images), none, draw)
            given = {**arrays, name: shown}
            found = run(given, training=True, draw=draw)
        return {each: found.auxiliary[each] for each in names}

    return statistics


def _gradients(total: Tensor, trained: Tensors) -> dict[str, Tensor]:
    """The gradient of each array; zeros if the loss does not depend on it."""
    if not trained:
        return {}
    found = torch.autograd.grad(total, list(trained.values()), allow_unused=True)
    return {
        name: torch.zeros_like(array) if gradient is None else gradient
        for (name, array), gradient in zip(trained.items(), found)
    }


def _loss_function(graph: Graph, settings: TrainingSettings, channels_last: bool) -> _Loss:
    """The objective summed over a batch; and statistics, the labels' loss and correct answers."""
    check_supported(graph)
    minimised = objective(settings)
    count = _counted(graph)
    augment = _augmentation(settings.augmentation)
    dtype = _PRECISIONS[settings.precision]
    (name,) = graph.inputs
    run, single = Evaluator(graph), _of_normalizations(graph)

    def laid_out(name: str, array: Tensor) -> Tensor:
        if name in single:
            return array
        if channels_last and array.ndim == IMAGES:
            return array.to(dtype, memory_format=torch.channels_last)
        return array.to(dtype)

    def loss(trained: Tensors, state: FitState, batch: Batch) -> _Losses:
        with torch.no_grad():
            images = scaled(batch.images)
            classes = count({**state.parameters, **state.statistics}, images.shape[1:])
            told = targets(batch.labels, classes, settings.label_smoothing)
            wanted = weighted(told, batch.labels, settings.class_weights)
            shown, wanted = augment(images, wanted, batch.draw)
        given = {**state.parameters, **trained, name: shown}
        # Statistics change in small steps, so they stay in float32.
        arrays = {**{n: laid_out(n, array) for n, array in given.items()}, **state.statistics}
        result = run(arrays, training=True, draw=batch.draw, others=batch.others)
        logits = result.outputs[0].float()
        if len(batch.labels) < len(logits):
            logits, shown = (each[: len(batch.labels)] for each in (logits, shown))
        correct = (logits.detach().argmax(1) == batch.labels).sum()
        statistics = {n: each.detach() for n, each in result.auxiliary.items()}
        total = -(told * logits.log_softmax(1)).sum()
        learnt = minimised(total, Answers(logits, wanted, shown, batch.teacher))
        return learnt, statistics, total, correct

    return loss


def _of_normalizations(graph: Graph) -> frozenset[str]:
    """The parameters that only normalizations take: these compute in float32 in any case."""
    taken: dict[int, bool] = {}
    for node in graph.operations:
        for index, each in enumerate(node.inputs):
            normalizes = node.operator in _NORMALIZATIONS and index > 0
            taken[each.node] = taken.get(each.node, True) and normalizes
    return frozenset(graph.nodes[place].name for place, alone in taken.items() if alone)


def _augmentation(
    graph: Optional[Graph],
) -> Callable[[Tensor, Tensor, Draw], tuple[Tensor, Tensor]]:
    """A function that augments images and targets for training."""
    if graph is None:
        return lambda images, targets, draw: (images, targets)
    check_supported(graph)
    if graph.parameters or graph.auxiliary_states:
        raise NetworkError(["the augmentation has parameters, so it cannot be run as a graph"])
    run = Evaluator(graph)

    def augment(images: Tensor, targets: Tensor, draw: Draw) -> tuple[Tensor, Tensor]:
        given = dict(zip(graph.inputs, (images, targets)))
        found = run(given, training=True, draw=draw).outputs
        return found[0], found[1] if len(found) > 1 else targets

    return augment
