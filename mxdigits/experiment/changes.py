"""What has changed between two descriptions of a run, key by key."""

from __future__ import annotations

from collections.abc import Mapping

from ..wording import flat

_NOTHING = object()


def changes(then: Mapping[str, object], now: Mapping[str, object]) -> dict[str, str]:
    """Every key whose value differs: {dotted key: ``NEW, was OLD``}.

    >>> changes({"recipe": {"epochs": 3}}, {"recipe": {"epochs": 10, "seed": 1}})
    {'recipe.epochs': '10, was 3', 'recipe.seed': '1, was not there'}
    """
    before, after = _leaves(then), _leaves(now)
    return {
        key: f"{_shown(after.get(key, _NOTHING))}, was {_shown(before.get(key, _NOTHING))}"
        for key in sorted({*before, *after})
        if before.get(key, _NOTHING) != after.get(key, _NOTHING)
    }


def _leaves(value: Mapping[str, object]) -> dict[str, object]:
    """Each value by its dotted key; what is a tuple in memory is a list in a file."""
    pairs = flat(value, lists=True)
    return {key: list(each) if isinstance(each, tuple) else each for key, each in pairs}


def _shown(value: object) -> str:
    if value is _NOTHING:
        return "not there"
    return "null" if value is None else str(value)
