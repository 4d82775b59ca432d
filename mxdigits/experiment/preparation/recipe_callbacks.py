"""The callbacks that a recipe names."""

from __future__ import annotations

from collections.abc import Sequence

from ...data.dataset import Dataset
from ...errors import PluginError, UsageError
from ...foreign import type_name
from ...plugins.registry import CALLBACKS
from ...recipe.problems import unwatchable
from ...recipe.schema import Recipe
from ...train.callbacks import Callback, WithoutValidation
from ...train.tracker import Tracker


def make_callbacks(recipe: Recipe) -> list[Callback]:
    """The callbacks of a recipe, in its order.

    Raises:
        UsageError: if one does not take its options.
        PluginError: if one cannot be loaded, or is not a callback.

    Example:
        >>> recipe = Recipe.make(model="mlp", validation=0.1, callbacks="early_stopping")
        >>> [callback.name for callback in make_callbacks(recipe)]
        ['EarlyStopping']
    """
    return [_callback(each.name, each.options) for each in recipe.callbacks]


def without_test_set(named: Sequence[Callback], recipe: Recipe, dataset: Dataset) -> list[Callback]:
    """A recipe's callbacks, wrapped so that they never see numbers of the test set.

    Raises:
        UsageError: if one watches validation columns, and no images are held out.

    Example:
        >>> recipe = Recipe.make(model="mlp", validation=0.1, callbacks="early_stopping")
        >>> without_test_set(make_callbacks(recipe), recipe, dataset)  # doctest: +SKIP
    """
    if recipe.validation is not None or dataset.validation is not None:
        return list(named)
    for place, chosen in enumerate(recipe.callbacks):
        if what := unwatchable(chosen.name, chosen.options):
            raise UsageError(f"callbacks.{place}: {what}")
    # If no images are held out, the validation columns hold numbers of the test set. People may see
    # them, also through a tracker, which cannot act on them.
    return [each if isinstance(each, Tracker) else WithoutValidation(each) for each in named]


def _callback(name: str, options: dict[str, object]) -> Callback:
    made = CALLBACKS.make(name, options)
    if not isinstance(made, Callback):
        raise PluginError(
            f"{CALLBACKS.owner(name, options)} must give an mxdigits.Callback, "
            f"not {type_name(made)}"
        )
    return made
