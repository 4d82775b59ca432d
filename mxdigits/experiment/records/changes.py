"""Compares two descriptions of a run, key by key."""

from __future__ import annotations

from collections.abc import Mapping

from ...recipe.schema import Recipe
from ...recipe.sections import NamedOptions
from ...wording import flat

_NOTHING = object()


def changes(then: Mapping[str, object], now: Mapping[str, object]) -> dict[str, str]:
    """Every key whose value differs: {dotted key: ``NEW, was OLD``}.

    >>> changes({"recipe": {"epochs": 3}}, {"recipe": {"epochs": 10, "seed": 1}})
    {'recipe.epochs': '10, was 3', 'recipe.seed': '1, was not there'}
    """
    both = differences(then, now)
    return {key: f"{after}, was {before}" for key, (before, after) in sorted(both.items())}


def differences(
    then: Mapping[str, object], now: Mapping[str, object]
) -> dict[str, tuple[str, str]]:
    """Every key whose value differs, in the order of the keys: {dotted key: (old, new)}, in words.

    >>> differences({"epochs": 3, "init": None}, {"epochs": 10, "init": None, "seed": 1})
    {'epochs': ('3', '10'), 'seed': ('not there', '1')}
    """
    before, after = _leaves(then), _leaves(now)
    return {
        key: (_shown(before.get(key, _NOTHING)), _shown(after.get(key, _NOTHING)))
        for key in dict.fromkeys([*before, *after])
        if before.get(key, _NOTHING) != after.get(key, _NOTHING)
    }


def recipe_differences(then: Recipe, now: Recipe) -> dict[str, tuple[str, str]]:
    """The differences of two recipes with every default: {dotted key: (old, new)}, in words.

    A name alone in one recipe is compared with the name of a section with options in the other.

    >>> lenet, other = Recipe.make(model="lenet"), Recipe.make(model={"name": "mlp", "hidden": [3]})
    >>> recipe_differences(lenet, other)
    {'model.name': ('lenet', 'mlp'), 'model.hidden': ('not there', '[3]')}
    """
    order = list(Recipe.model_fields)
    found = differences(_with_names(then), _with_names(now))
    return dict(sorted(found.items(), key=lambda each: order.index(each[0].partition(".")[0])))


def _with_names(recipe: Recipe) -> dict[str, object]:
    """A recipe's values, in which each name alone becomes a mapping with that name."""
    named = {k for k in Recipe.model_fields if isinstance(getattr(recipe, k), NamedOptions)}
    values = recipe.model_dump(mode="json")
    return {
        key: {"name": value} if key in named and isinstance(value, str) else value
        for key, value in values.items()
    }


def _leaves(value: Mapping[str, object]) -> dict[str, object]:
    """Each value by its dotted key, with lists for tuples, since files have only lists."""
    pairs = flat(value, lists=True)
    return {key: list(each) if isinstance(each, tuple) else each for key, each in pairs}


def _shown(value: object) -> str:
    if value is _NOTHING:
        return "not there"
    return "null" if value is None else str(value)
