"""Checks of what Python callers pass: a wrong path, number or list gives a one-line error.

Command lines and recipes are checked elsewhere. These checks are for mistakes in a notebook.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from numbers import Number, Real
from pathlib import Path
from typing import Callable, Optional, TypeVar

from .errors import UsageError
from .foreign import type_name
from .values import as_written, is_number, is_whole

_LONGEST = 60  # characters of a value that a message quotes

Made = TypeVar("Made")


def _plain(value: object) -> object:
    """A NumPy number, or an array of one number, as a plain Python number."""
    if isinstance(value, Number) or getattr(value, "shape", None) == ():
        with suppress(AttributeError):
            return value.item()  # type: ignore[attr-defined]
    return value


def quoted(value: object) -> str:
    """A value as a message quotes it, in one short line; of a long value only its type.

    Example:
        >>> quoted(3), quoted(None), quoted({"a": "x" * 100})
        ('3', 'nothing', 'a dict')
        >>> import numpy as np
        >>> quoted(np.zeros((28, 28)))
        'an array of shape (28, 28)'
    """
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and shape:
        return f"an array of shape {shape}"
    if isinstance(value, (str, bytes, int, float, type(None), list, tuple, set, dict, os.PathLike)):
        text = " ".join(as_written(value).split())
        if len(text) <= _LONGEST:
            return text
    elif isinstance(value, Real):
        return str(value)
    name = type_name(value)
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def as_path(name: str, value: object, what: str = "a path", instead: str = "") -> Path:
    """A path from a caller, who may give text or a path object.

    Args:
        name: what to call it in messages.
        value: what was given.
        what: what it must be, in words.
        instead: more text for the error, such as which function takes such a value.

    Raises:
        UsageError: if it is not a path, or is empty.

    Example:
        >>> as_path("output", "runs").name
        'runs'
    """
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if isinstance(value, str) and value:
        return Path(value)
    raise UsageError(f"{name}: must be {what}, got {quoted(value)}{instead}")


def check_path(value: object, what: str) -> None:
    """Check the option ``path`` of a data set; YAML reads the name ``2026`` as a number.

    Args:
        value: what was given.
        what: what it must be, in words.

    Raises:
        UsageError: if it is not a path, or is empty.

    Example:
        >>> check_path(2026, "a folder")
        Traceback (most recent call last):
            ...
        mxdigits.errors.UsageError: option path: must be a folder, got 2026; write ./ before ...
    """
    if not isinstance(value, (str, os.PathLike)) or not os.fspath(value):
        hint = "; write ./ before a name that is a number" if is_number(value) else ""
        raise UsageError(f"option path: must be {what}, got {as_written(value)}{hint}")


def as_name(name: str, value: object, instead: str = "") -> str:
    """A name from a caller.

    Raises:
        UsageError: if it is not text.

    Example:
        >>> as_name("the name of a model", "lenet")
        'lenet'
    """
    if isinstance(value, str):
        return value
    raise UsageError(f"{name}: must be text, got {quoted(value)}{instead}")


def as_whole(name: str, value: object, *, least: int, most: Optional[int] = None) -> int:
    """A whole number from a caller; NumPy numbers are accepted.

    Raises:
        UsageError: if it is not a whole number, or out of range.

    Example:
        >>> as_whole("epochs", 3, least=1)
        3
    """
    number = _plain(value)
    if is_whole(number) and least <= number and (most is None or number <= most):
        return number
    bound = f"of at least {least}" if most is None else f"from {least} to {most}"
    raise UsageError(f"{name}: must be a whole number {bound}, got {quoted(value)}")


def as_number(
    name: str, value: object, *, least: float = 0.0, below: float = math.inf, above: bool = False
) -> float:
    """A finite number from a caller; NumPy numbers are accepted.

    Args:
        name: what to call it in messages.
        value: what was given.
        least: the smallest number that is accepted.
        below: what it must be less than.
        above: whether ``least`` itself is too small.

    Raises:
        UsageError: if it is not a finite number, or out of range.

    Example:
        >>> as_number("label_smoothing", 0.1, below=1)
        0.1
    """
    number = _plain(value)
    enough = is_number(number) and (least < number if above else least <= number)
    if is_number(number) and enough and number < below:
        return float(number)
    bound = f"above {least:g}" if above else f"of at least {least:g}"
    bound += "" if math.isinf(below) else f" and less than {below:g}"
    raise UsageError(f"{name}: must be a number {bound}, got {quoted(value)}")


def as_items(name: str, value: object, what: str, item: Callable[[object], Made]) -> list[Made]:
    """A list from a caller, who may also give a tuple or an array.

    Args:
        name: what to call it in messages.
        value: what was given; text and mappings do not count as lists.
        what: what it must be a list of.
        item: converts one item, or raises UsageError.

    Raises:
        UsageError: if it is not a list, or ``item`` refuses an item.

    Example:
        >>> as_items("freeze", ("features.*",), "patterns", str)
        ['features.*']
    """
    alone = isinstance(value, (str, bytes, Mapping)) or getattr(value, "shape", None) == ()
    if alone or not isinstance(value, Iterable):
        advice = f"; write [{quoted(value)}]" if isinstance(value, str) else ""
        raise UsageError(f"{name}: must be a list of {what}, got {quoted(value)}{advice}")
    return [item(each) for each in value]


def as_options(name: str, value: object, example: str = "{'seed': 1}") -> dict[str, object]:
    """Options by name from a caller; None stands for no options.

    Args:
        name: what to call them in messages.
        value: what was given.
        example: what could be given, as text.

    Raises:
        UsageError: if they are not a mapping, or a name is not text.

    Example:
        >>> as_options("options", None)
        {}
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise UsageError(f"{name}: must be a mapping such as {example}, got {quoted(value)}")
    for key in value:
        if not isinstance(key, str):
            raise UsageError(f"{name}: the name of an option is text, got {quoted(key)}")
    return dict(value)


def as_function(name: str, value: object) -> None:
    """Check that a caller gave something that can be called.

    Raises:
        UsageError: if not.

    Example:
        >>> as_function("say", print)
    """
    if not callable(value):
        raise UsageError(f"{name}: must be a function, such as print, got {quoted(value)}")
