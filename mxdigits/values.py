"""Values that come from, or go to, files of JSON and YAML: names for them, and their kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Union

if TYPE_CHECKING:
    from typing_extensions import TypeGuard

# What was read from JSON or YAML and may have any form. Whoever takes it apart catches the
# LookupError, TypeError, ValueError and AttributeError of what has another form than expected.
Unchecked = Any

# What json can write.
Json = Union[None, bool, int, float, str, Sequence["Json"], Mapping[str, "Json"]]

# Of a model, a data set, an optimizer, ... by name: what they take is theirs to check.
Options = Mapping[str, object]


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a number, whole or not; true and false are none, unlike in Python.

    Example:
        >>> is_number(0.5), is_number(1), is_number(True), is_number("1")
        (True, True, False, False)
    """
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_whole(value: object) -> TypeGuard[int]:
    """Whether a value is a whole number; 1.0 is none, nor are true and false.

    Example:
        >>> is_whole(1), is_whole(1.0), is_whole(True)
        (True, False, False)
    """
    return isinstance(value, int) and not isinstance(value, bool)


def as_written(value: object) -> str:
    """A value as a message quotes it: what YAML writes in another way than Python, as in YAML.

    Example:
        >>> as_written(None), as_written(True), as_written("3"), as_written([1, 2])
        ('nothing', 'true', "'3'", '[1, 2]')
    """
    if value is None:
        return "nothing"  # as an empty value stands there
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else repr(value)
