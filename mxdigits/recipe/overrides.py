"""Overrides of a recipe, ``key.path=value``, and options that are written in the same form."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Mapping, Sequence
from functools import partial
from numbers import Integral, Real
from typing import Union

from ..arguments import as_items, as_name, quoted
from ..errors import RecipeError, UsageError
from ..storage.strict_yaml import Path, parse
from ..values import Unchecked
from .inheritance import EXTENDS

# Keys of recipes that hold a list, or in its place a single value.
_LISTS = ("augmentation", "callbacks", "predictions")


def as_overrides(keys: Mapping[str, object]) -> list[str]:
    """Overrides ``key=value`` for keys with plain values.

    NumPy numbers and path objects count as plain too.

    Raises:
        RecipeError: if a value is not plain.

    >>> as_overrides({"epochs": 3, "optimizer": {"name": "adam"}})
    ['epochs=3', 'optimizer={"name": "adam"}']
    """
    overrides = []
    for key, value in keys.items():
        try:
            overrides.append(f"{key}={json.dumps(value, default=_plain)}")
        except (TypeError, ValueError):
            what = f"{key}: must be a number, text, list or mapping, got {quoted(value)}"
            raise RecipeError([what]) from None
    return overrides


def _plain(value: object) -> object:
    """The JSON value for a NumPy number or a path object."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Real):
        return int(value) if isinstance(value, Integral) else float(value)
    raise TypeError


def listed(overrides: Sequence[str]) -> list[str]:
    """Overrides as a list; a text alone is refused, since its letters would count as overrides.

    Raises:
        UsageError: if they are a text, or not a list of texts.

    >>> listed(("epochs=3", "seed=1"))
    ['epochs=3', 'seed=1']
    """
    if isinstance(overrides, str):
        raise UsageError(f"overrides are a list: write [{overrides!r}]")
    what = "text such as 'epochs=3'"
    return as_items("overrides", overrides, what, partial(as_name, "overrides: each"))


def options_from(overrides: Sequence[str]) -> dict[str, object]:
    """Options written as ``key=value``, each value read as in a recipe.

    Raises:
        RecipeError: if one is not of that form.

    >>> options_from(["path=mine", "transpose=true"])
    {'path': 'mine', 'transpose': True}
    """
    options: dict[str, object] = {}
    for override in overrides:
        apply_override(override, options, {})
    return options


def apply_override(override: str, value: dict[str, object], defaults: Mapping[str, object]) -> Path:
    """Set one ``key.path=value`` in the plain values of a recipe, or in options.

    Args:
        override: what to set; its value is YAML. A number in the key means a value of a list.
        value: the mapping that is changed.
        defaults: the default sections of a recipe. An override of one option keeps the others of
            its default section. Empty if ``value`` holds options.

    Returns:
        The path of the key.

    Raises:
        RecipeError: if it is not of that form, or a part of its path is a value without keys, or
            a list that has no such value.

    >>> recipe = {"model": "mlp", "optimizer": "adam"}
    >>> apply_override("optimizer.learning_rate=0.01", recipe, {})
    ('optimizer', 'learning_rate')
    >>> recipe["optimizer"]
    {'name': 'adam', 'learning_rate': 0.01}
    """
    dotted, equals, text = override.partition("=")
    path = tuple(dotted.strip().split("."))
    if path[0] == EXTENDS and defaults:
        raise RecipeError([f"override {override}: {EXTENDS} is allowed only in a recipe's file"])
    if not equals or not all(path):
        raise RecipeError([f"{override!r} is not an override; write key=value, as in epochs=3"])
    # An override of the name does not keep the default's options.
    if len(path) > 1 and path[0] in defaults and path[1:] != ("name",):
        value.setdefault(path[0], copy.deepcopy(defaults[path[0]]))
    inner: Unchecked = value
    done: Path = ()
    if defaults and path[0] in _LISTS and len(path) > 1 and path[1].isdecimal():
        value[path[0]] = _as_list(value.get(path[0]))
    for key in path[:-1]:
        place: Unchecked = _place(inner, done, key, override)
        below = inner.get(key, {}) if isinstance(inner, dict) else inner[place]
        # One word stands for a mapping with that name, and nothing for an empty one.
        below = {"name": below} if isinstance(below, str) else {} if below is None else below
        if not isinstance(below, (dict, list)):
            raise RecipeError([f"override {override}: {key} holds a value, not keys"])
        inner[place] = below
        inner = below
        done = (*done, place)
    last = _place(inner, done, path[-1], override)
    inner[last] = parse(text, f"override {override}").value
    return (*done, last)


def _as_list(value: Unchecked) -> Unchecked:
    """The list that a single word or mapping stands for, or nothing for an empty one."""
    if isinstance(value, (str, dict)):
        return [value]
    return [] if value is None else value


def _place(inner: Unchecked, path: Path, key: str, override: str) -> Union[str, int]:
    """A key of a mapping, or the index of a value of a list, such as the 0 of ``callbacks.0``.

    Raises:
        RecipeError: if a list does not have that value.
    """
    if not isinstance(inner, list):
        return key
    if key.isdecimal() and int(key) < len(inner):
        return int(key)
    name = ".".join(map(str, path))
    if not inner:
        raise RecipeError([f"override {override}: {name} is an empty list; write {name}=[...]"])
    known = f"{name}.0" if len(inner) == 1 else f"{name}.0 to {name}.{len(inner) - 1}"
    raise RecipeError([f"override {override}: {name} is a list; its values are {known}"])
