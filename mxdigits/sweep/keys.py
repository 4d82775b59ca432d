"""Which keys of a recipe may be searched for, and by which ranges."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from contextlib import suppress

from ..backends.mxnet.names import OPTIMIZERS
from ..errors import UsageError
from ..plugins.registry import AUGMENTATIONS, CALLBACKS, DATASETS, MODELS
from ..recipe.schema import Recipe
from ..train.schedule_shapes import SCHEDULES
from ..values import Unchecked, is_number
from ..wording import in_words
from .ranges import Range, Span

_REGISTRIES = {
    "model": MODELS,
    "data": DATASETS,
    "augmentation": AUGMENTATIONS,
    "callbacks": CALLBACKS,
}

# Keys that must be the same in all trials, so that these can be compared.
_HELD_OUT = "decides which images are held out, so the trials could not be compared"
_FIXED = {
    "name": "is the study's; write --study",
    "validation": _HELD_OUT,
    "seed": _HELD_OUT,
    "data": _HELD_OUT,
    "data.name": _HELD_OUT,
}


def check_keys(space: Sequence[Range], fixed: Sequence[str], base: Recipe) -> None:
    """Check that each key may have a range, and that a range of numbers is of a key of numbers.

    Args:
        space: the ranges.
        fixed: the overrides of the recipe.
        base: the recipe with these.

    Raises:
        UsageError: naming the range.

    >>> from mxdigits.sweep.ranges import read_range
    >>> check_keys([read_range("model.dropout=0..1")], [], Recipe.make(model="mlp"))
    Traceback (most recent call last):
        ...
    mxdigits.errors.UsageError: model.dropout=0..1: model.dropout takes all numbers, and ...
    """
    if not space:
        raise UsageError(
            "which values are to be tried? give a key a range, such as "
            "'optimizer.learning_rate=log(1e-3, 1)'"
        )
    seen = {each.partition("=")[0].strip() for each in fixed}
    for each in space:
        if each.key in seen:
            raise UsageError(f"{each.key}={each.text}: the key is given twice")
        seen.add(each.key)
        why = _FIXED.get(each.key, "")
        if why and not (each.key == "seed" and base.validation is None):
            raise UsageError(f"{each.key}={each.text}: {each.key} {why}")
        if isinstance(each, Span):
            _check_number(base, each)


def _check_number(base: Recipe, tried: Span) -> None:
    """Refuse a range for a key that is certainly no number, or whole numbers for one of others.

    Raises:
        UsageError: naming what to write.
    """
    now = _value_of(base, tried.key)
    told = f"{tried.key}={tried.text}: {tried.key}"
    if now is not None and not is_number(now):
        value = "a list" if now in ((), []) else in_words(now)
        raise UsageError(
            f"{told} is no number, it is {value}; list what to try, as {tried.key}=[..., ...]"
        )
    if tried.whole and isinstance(now, float):
        ends = [f"{end:g}" for end in tried.ends]
        apart = f"log({ends[0]}.0, {ends[1]})" if tried.log else f"{ends[0]}.0..{ends[1]}"
        raise UsageError(
            f"{told} takes all numbers, and this range has whole ones only, because both ends are; "
            f"write {tried.key}={apart}, or list what to try, as {tried.key}=[{', '.join(ends)}]"
        )


def _value_of(base: Recipe, key: str) -> object:
    """The value of a key, or its default; None if neither is known."""
    value: Unchecked = base.model_dump(mode="json")
    *parents, last = key.split(".")
    for part in parents:
        value = _below(value, part)
    found = _below(value, last)
    if found is not None or not parents:
        return found
    name = value if isinstance(value, str) else _below(value, "name")
    return _default(parents[0], name, last) if isinstance(name, str) else None


def _below(value: Unchecked, part: str) -> Unchecked:
    if isinstance(value, list):
        return value[int(part)] if part.isdecimal() and int(part) < len(value) else None
    value = {"name": value} if isinstance(value, str) else value
    return value.get(part) if isinstance(value, dict) else None


def _default(section: str, name: str, option: str) -> object:
    """The default of an option; None if it is not known."""
    if section == "optimizer":
        return OPTIMIZERS[name].get(option)
    if section == "schedule":
        return getattr(SCHEDULES[name], option, None)
    takes = _REGISTRIES[section].options(name) if section in _REGISTRIES else None
    with suppress(ValueError, SyntaxError):  # it is source text, and need not be a plain value
        return ast.literal_eval((takes.defaults.get(option) or "None") if takes else "None")
    return None
