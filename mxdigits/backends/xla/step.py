"""One training step as a pure function, from state and batch to new state and outcome."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable, NamedTuple, Optional

import jax
import jax.numpy as jnp
import numpy as np

from ...errors import NetworkError
from ...graph import Graph
from ...graph.frozen import measuring
from ..graphs import loss_scaling
from ..graphs.fit_weights import FitState
from ..graphs.optimizers import Optimizer
from ..graphs.readings import Outcome
from ..graphs.updating import update_function
from ..settings import TrainingSettings
from .execute import EXACT, evaluate
from .functions import FUNCTIONS
from .objective import Answers, objective, targets, weighted
from .parts import Part, PartResult, in_parts
from .placement import Placement
from .support import check_supported
from .types import Array, Arrays, Number

# For each precision the type of arrays, and the precision of matrix products.
_PRECISIONS: Mapping[str, tuple[str, Optional[str]]] = {
    "float32": ("float32", EXACT),
    "tf32": ("float32", "tensorfloat32"),
    "bfloat16": ("bfloat16", None),
    "float16": ("float16", None),
}


class Batch(NamedTuple):
    """A batch on the device: uint8 (n, C, H, W), int32 (n,), and the key of its random numbers.

    ``teacher`` holds the arrays of the teacher, if there is one.

    Example:
        >>> images = jnp.zeros((5, 1, 28, 28), jnp.uint8)
        >>> len(Batch(images, jnp.zeros(5, jnp.int32), jax.random.key(0)).labels)
        5
    """

    images: Array
    labels: Array
    key: Array
    teacher: dict[str, Array] = {}


Step = Callable[[FitState, Batch, Number], "tuple[FitState, Outcome]"]

# The objective; and the statistics, the loss of the labels, and the correct answers.
_Losses = tuple[Array, tuple[dict[str, Array], Array, Array]]
_Loss = Callable[[Arrays, FitState, Batch], _Losses]


def scaled(images: Array) -> Array:
    """Bytes scaled to float32 from 0 to 1, the form of images that every network here takes.

    Example:
        >>> scaled(jnp.array([0, 255], jnp.uint8)).tolist()
        [0.0, 1.0]
    """
    return images.astype(jnp.float32) * np.float32(1 / 255)


def training_step(
    graph: Graph, optimizer: Optimizer, settings: TrainingSettings, placement: Placement
) -> Step:
    """The function ``step(state, batch, learning_rate)`` of a network.

    Args:
        graph: a graph from images (n, C, H, W) float32 from 0 to 1 to logits (n, classes).
        optimizer: the optimizer of the trained parameters; all others stay unchanged.
        settings: how it learns; the augmentation is a Graph from such images to such images.
        placement: the devices that run it.

    Raises:
        NetworkError: if a graph holds layers that this backend cannot run.

    Example:
        >>> from mxdigits.backends.graphs.optimizers import make_optimizer
        >>> from mxdigits.graph import Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=2, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> sgd = make_optimizer("sgd", {}, ["w"], FUNCTIONS, backend="xla")
        >>> weights = {"w": jnp.zeros((2, 4))}
        >>> placement = Placement(jax.devices("cpu")[:1])
        >>> step = jax.jit(training_step(graph, sgd, TrainingSettings("sgd"), placement))
        >>> batch = Batch(jnp.full((3, 1, 2, 2), 255), jnp.zeros(3, jnp.int32), jax.random.key(0))
        >>> state, outcome = step(FitState(weights, {}, sgd.begin(weights), {}, {}), batch, 0.5)
        >>> state.parameters["w"][0].tolist(), outcome.correct.tolist()
        ([0.25, 0.25, 0.25, 0.25], 3)
    """
    loss = _loss_function(graph, settings, placement.platform)
    update = update_function(FUNCTIONS, optimizer, settings)

    def step(state: FitState, batch: Batch, learning_rate: Number) -> tuple[FitState, Outcome]:
        trained = {name: state.parameters[name] for name in optimizer.parameters}
        samples = len(batch.labels)
        factor = loss_scaling.factor(state.scaling, samples)

        def learn(statistics: dict[str, Array], part: Part) -> PartResult:
            def scaled_loss(trained: Arrays) -> _Losses:
                before = state._replace(statistics=statistics)
                learnt, others = loss(trained, before, Batch(*part, batch.teacher))
                return learnt * factor, others

            (_, others), gradients = jax.value_and_grad(scaled_loss, has_aux=True)(trained)
            return PartResult(gradients, *others)

        gradients, statistics, total, correct = in_parts(
            learn, state.statistics, Part(*batch[:3]), settings.accumulate, placement
        )
        gradients = loss_scaling.unscaled(gradients, factor, state.scaling)
        after = update(state, gradients, statistics, samples, learning_rate)
        return after, Outcome(total, correct)

    return step


def _counted(graph: Graph) -> Callable[[Arrays], int]:
    """A function that gives a network's number of classes, computed once for each image shape."""
    (name,) = graph.inputs
    known: dict[tuple[int, ...], int] = {}

    def count(arrays: Arrays) -> int:
        shape = arrays[name].shape[1:]
        if shape not in known:
            logits = jax.eval_shape(lambda: evaluate(graph, arrays).outputs[0])
            known[shape] = logits.shape[1]
        return known[shape]

    return count


def measuring_function(
    graph: Graph, settings: TrainingSettings, platform: str
) -> Callable[[Arrays, Array, Array], dict[str, Array]]:
    """The function ``statistics(arrays, images, key)`` of a network: the batch's statistics.

    Args:
        graph: as for :func:`training_step`.
        settings: how the network learns.
        platform: the platform of the devices that run it.

    Example:
        >>> from mxdigits.graph import Variable, Output
        >>> same = Graph((Variable("data", "input"),), (Output(0),))
        >>> statistics = measuring_function(same, TrainingSettings(), "cpu")
        >>> statistics({}, jnp.zeros((5, 1, 28, 28), jnp.uint8), jax.random.key(0))
        {}
    """
    measured, names = measuring(graph)
    augment = _augmentation(settings.augmentation)
    (name,) = graph.inputs

    def statistics(arrays: Arrays, images: Array, key: Array) -> dict[str, Array]:
        shown, _ = augment(scaled(images), jnp.zeros((len(images), 1)), key)
        given = {**arrays, name: shown}
        found = evaluate(
            measured, given, training=True, key=key, precision=EXACT, platform=platform
        )
        return {each: found.auxiliary[each] for each in names}

    return statistics


def _loss_function(graph: Graph, settings: TrainingSettings, platform: str) -> _Loss:
    """The objective summed over a batch; and statistics, the labels' loss and correct answers."""
    check_supported(graph)
    minimised = objective(settings)
    count = _counted(graph)
    augment = _augmentation(settings.augmentation)
    dtype, precision = _PRECISIONS[settings.precision]
    (name,) = graph.inputs

    def loss(trained: Arrays, state: FitState, batch: Batch) -> _Losses:
        images = scaled(batch.images)
        known = {**state.parameters, **state.statistics, name: images}
        told = targets(batch.labels, count(known), settings.label_smoothing)
        wanted = weighted(told, batch.labels, settings.class_weights)
        shown, wanted = augment(images, wanted, batch.key)
        given = {**state.parameters, **trained, name: shown}
        # Statistics change in small steps, so they stay in float32.
        arrays = {**{n: array.astype(dtype) for n, array in given.items()}, **state.statistics}
        result = evaluate(
            graph, arrays, training=True, key=batch.key, precision=precision, platform=platform
        )
        logits = result.outputs[0].astype(jnp.float32)
        losses = -(told * jax.nn.log_softmax(logits)).sum(axis=1)
        correct = jnp.sum(jnp.argmax(logits, axis=1) == batch.labels, dtype=jnp.int32)
        total = losses.sum()
        learnt = minimised(total, Answers(logits, wanted, shown, batch.teacher))
        return learnt, (result.auxiliary, total, correct)

    return loss


def _augmentation(graph: Optional[Graph]) -> Callable[[Array, Array, Array], tuple[Array, Array]]:
    """A function that augments images and targets for training, with a key for random numbers."""
    if graph is None:
        return lambda images, targets, key: (images, targets)
    check_supported(graph)
    if graph.parameters or graph.auxiliary_states:
        raise NetworkError(["the augmentation has parameters, so it cannot be run as a graph"])

    def augment(images: Array, targets: Array, key: Array) -> tuple[Array, Array]:
        # Another key than those of the network's layers.
        own = jax.random.fold_in(key, len(graph.nodes))
        given = dict(zip(graph.inputs, (images, targets)))
        found = evaluate(graph, given, training=True, key=own).outputs
        return found[0], found[1] if len(found) > 1 else targets

    return augment
