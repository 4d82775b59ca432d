"""What a recipe's choices say of their options, before data are read."""

from __future__ import annotations

from ...backends.choose import BACKENDS
from ...backends.graphs.optimizers import unsupported_optimizer
from ...errors import UsageError
from ...models.building import graph_model
from ...plugins.own import OURS
from ...plugins.registry import AUGMENTATIONS, CALLBACKS
from ...recipe.schema import Recipe
from ...recipe.sections import GRAPH

_SOME_CLASSES = 2


def check_choices(recipe: Recipe) -> None:
    """Give what comes with mxdigits its options, so that a wrong value is told of before all else.

    Those of plugins are not called: they may do anything, and are asked when a run begins. Where
    the recipe names one backend, that is asked for the optimizer; it need not be installed.

    Raises:
        UsageError: if one refuses the value of an option, or the backend lacks the optimizer.

    Example:
        >>> check_choices(Recipe.make(model="lenet", augmentation="affine"))
    """
    if recipe.model.name != GRAPH:  # a file, which is read once it is needed
        graph_model(recipe.model.name, recipe.model.options, _SOME_CLASSES)
    for registry, chosen in (
        (AUGMENTATIONS, recipe.augmentation),
        (CALLBACKS, recipe.callbacks),
    ):
        for each in chosen:
            if registry.entry(each.name).distribution == OURS:
                registry.make(each.name, each.options)
    _check_optimizer(recipe)


def _check_optimizer(recipe: Recipe) -> None:
    named = recipe.backend if isinstance(recipe.backend, str) else ""
    implementation = BACKENDS.get(named)
    if implementation and implementation.check_trainable:  # MXNet's own has all of them
        lacking = unsupported_optimizer(recipe.optimizer.name, recipe.optimizer.options, named)
        if lacking:
            raise UsageError(lacking)
