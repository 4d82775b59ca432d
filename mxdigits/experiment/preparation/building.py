"""Builds what a recipe trains: the network, its augmentation and its teacher."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Union

from ...arrays import Shape
from ...augmentations.build import build_augmentations
from ...backends.choose import DeviceChoice
from ...backends.graphs.initializers import Initializer
from ...backends.mxnet.types import Network
from ...backends.network import GraphNetwork, Learning, learning_of, places_of
from ...backends.settings import Teacher, TrainingSettings
from ...data.dataset import Dataset
from ...errors import UsageError
from ...graph import Graph
from ...models.building import build_network
from ...recipe.schema import Recipe
from ...runs.folder import RunFolder
from ...wording import Say
from .named_runs import TeacherRecord, read_teacher, starting_run


@dataclass(frozen=True)
class Built:
    """What was built from a recipe; ``started`` and ``taught`` go into the record.

    Example:
        >>> built = build(recipe, choice, dataset, initializer, None, print)  # doctest: +SKIP
        >>> built.learning.frozen, built.teacher  # doctest: +SKIP
        (frozenset(), None)
    """

    network: Network
    augmentation: Union[Graph, Network, None]
    learning: Learning
    teacher: Optional[Teacher]
    started: Optional[dict[str, object]]
    taught: TeacherRecord


def build(
    recipe: Recipe,
    choice: DeviceChoice,
    dataset: Dataset,
    initializer: Initializer,
    source: Optional[RunFolder],
    say: Say,
) -> Built:
    """The network, with the weights of ``source`` if there is one, and what its training needs.

    Args:
        recipe: what to build.
        choice: the backend and the devices to build it for.
        dataset: the data set with its images and classes.
        initializer: sets its first weights.
        source: a run to start from.
        say: called with what a user should know at once.

    Raises:
        MxdigitsError: if it cannot be built, or the runs of ``init`` and ``teacher`` do not suit
            it.

    Example:
        >>> built = build(recipe, choice, dataset, initializer, None, print)  # doctest: +SKIP
    """
    shape = dataset.image_shape
    network = new_network(recipe, choice, len(dataset.classes), shape, initializer)
    _check_reloading(network, dataset, say)
    started = None
    if source is not None:
        started = starting_run(source, dataset, say)
        network = source.load_weights(network)
    augmentation = augmentation_of(recipe, choice, shape)
    learning = learning_of(places_of(network), recipe.freeze, recipe.lr_mult)
    teacher, taught = read_teacher(recipe.teacher, dataset)
    return Built(network, augmentation, learning, teacher, started, taught)


def new_network(
    recipe: Recipe,
    choice: DeviceChoice,
    classes: int,
    image_shape: Shape,
    initializer: Initializer,
) -> Network:
    """The recipe's model with initial weights, for a backend and its devices.

    Raises:
        MxdigitsError: if it cannot be built.

    Example:
        >>> new_network(recipe, choice, 10, (1, 28, 28), initializer)  # doctest: +SKIP
    """
    return build_network(
        recipe.model.name,
        recipe.model.options,
        classes=classes,
        image_shape=image_shape,
        initializer=initializer,
        contexts=choice.contexts if choice.backend == "mxnet" else (),
        backend=choice.backend,
    )


def augmentation_of(
    recipe: Recipe, choice: DeviceChoice, image_shape: Shape
) -> Union[Graph, Network, None]:
    """All augmentations of the recipe as one, for a backend and its devices; None for none.

    Raises:
        MxdigitsError: if they cannot be built.

    Example:
        >>> augmentation_of(recipe, choice, (1, 28, 28))  # doctest: +SKIP
    """
    return build_augmentations(
        [(each.name, each.options) for each in recipe.augmentation],
        image_shape=image_shape,
        context=choice.contexts[0] if choice.backend == "mxnet" else None,
    )


def settings_of(
    recipe: Recipe,
    augmentation: Union[Graph, Network, None],
    teacher: Optional[Teacher],
    class_weights: tuple[float, ...],
) -> TrainingSettings:
    """The settings that decide whether a backend can train a network, and how fast.

    Example:
        >>> settings_of(Recipe.make(model="lenet", ema=0.99), None, None, ()).ema
        0.99
    """
    return TrainingSettings(
        recipe.optimizer.name,
        recipe.optimizer.options,
        label_smoothing=recipe.loss.label_smoothing,
        class_weights=class_weights,
        focal=recipe.loss.focal,
        accumulate=recipe.accumulate,
        clip_global_norm=recipe.clip_global_norm,
        augmentation=augmentation,
        teacher=teacher,
        ema=recipe.ema,
        seed=recipe.seed,
        precision=recipe.precision,
    )


def initializer_of(recipe: Recipe) -> Initializer:
    """The initializer of the weights; needs no data.

    Raises:
        UsageError: if there is no such initializer, or not with these options.

    Example:
        >>> initializer_of(Recipe.make(model="lenet"))
        Initializer(name='xavier', options={})
    """
    try:
        return Initializer(recipe.initializer.name, recipe.initializer.options)
    except ValueError as error:
        raise UsageError(f"initializer: {error}") from None


def _check_reloading(network: Network, dataset: Dataset, say: Say) -> None:
    if isinstance(network, GraphNetwork):
        return  # a network from a file can be read again
    from ...backends.mxnet.networks.saved_network import check_reloading  # imports MXNet

    check_reloading(network, dataset.image_shape, len(dataset.classes), say)
