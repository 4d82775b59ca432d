"""Checks the options of a recipe's models, callbacks and augmentations before data are read."""

from __future__ import annotations

from ...backends.choose import BACKENDS
from ...backends.graphs.optimizers import unsupported_optimizer
from ...errors import MXNetMissing, UsageError
from ...models.building import graph_model
from ...plugins.own import OURS
from ...plugins.registry import AUGMENTATIONS, CALLBACKS, DATASETS, EXPORTERS, MODELS
from ...recipe.schema import Recipe
from ...recipe.sections import GRAPH
from ...wording import Say

_SOME_CLASSES = 2


def check_choices(recipe: Recipe) -> None:
    """Call the factories that come with mxdigits, so that a wrong value is reported first of all.

    Factories of plugins are not called, since they may do anything; a run calls them when it
    begins. If the recipe names one backend, the optimizer is looked up there, installed or not.

    Raises:
        UsageError: if a factory refuses the value of an option, or the backend lacks the optimizer.

    Example:
        >>> check_choices(Recipe.make(model="lenet", augmentation="affine"))
    """
    if recipe.model.name != GRAPH:  # a graph's file is read only when it is needed
        graph_model(recipe.model.name, recipe.model.options, _SOME_CLASSES)
    for registry, chosen in (
        (AUGMENTATIONS, recipe.augmentation),
        (CALLBACKS, recipe.callbacks),
    ):
        for each in chosen:
            if registry.entry(each.name).distribution == OURS:
                registry.make(each.name, each.options)
    _check_optimizer(recipe)


def check_plugins(recipe: Recipe, say: Say) -> None:
    """Import the factories of plugins that a recipe names; none is called.

    ``say`` is told which need MXNet, if that is not here: another machine may have it.

    Raises:
        PluginError: if one cannot be imported.

    Example:
        >>> check_plugins(Recipe.make(model="lenet", augmentation="affine"), print)
    """
    for registry, name in (
        (MODELS, recipe.model.name),
        (DATASETS, recipe.data.name),
        *((AUGMENTATIONS, each.name) for each in recipe.augmentation),
        *((CALLBACKS, each.name) for each in recipe.callbacks),
        *((EXPORTERS, name) for name in recipe.predictions),
    ):
        if registry.entry(name).distribution == OURS:
            continue
        try:
            registry.get(name)
        except MXNetMissing as error:
            say(f"not checked: {error}")


def _check_optimizer(recipe: Recipe) -> None:
    named = recipe.backend if isinstance(recipe.backend, str) else ""
    implementation = BACKENDS.get(named)
    if implementation and implementation.check_trainable:  # MXNet itself has all optimizers
        lacking = unsupported_optimizer(recipe.optimizer.name, recipe.optimizer.options, named)
        if lacking:
            raise UsageError(lacking)
