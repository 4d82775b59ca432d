"""What a recipe's model, augmentations and callbacks say of their options, before data are read."""

from __future__ import annotations

from ...models.building import graph_model
from ...plugins.own import OURS
from ...plugins.registry import AUGMENTATIONS, CALLBACKS
from ...recipe.schema import Recipe
from ...recipe.sections import GRAPH

_SOME_CLASSES = 2


def check_choices(recipe: Recipe) -> None:
    """Give what comes with mxdigits its options, so that a wrong value is told of before all else.

    Those of plugins are not called: they may do anything, and are asked when a run begins.

    Raises:
        UsageError: if one refuses the value of an option.

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
