"""Values that are read from or written to JSON and YAML: names for their types, and checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Union

if TYPE_CHECKING:
    from typing_extensions import TypeGuard

# A value read from JSON or YAML, of any form. Code that takes it apart catches the LookupError,
# TypeError, ValueError and AttributeError that an unexpected form raises.
Unchecked = Any

# What Python's json can write.
Json = Union[None, bool, int, float, str, Sequence["Json"], Mapping[str, "Json"]]

# The options of a model, a data set, an optimizer, ... by name; each checks its own.
Options = Mapping[str, object]


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a number, whole or not; unlike in Python, true and false are not numbers.

    Example:
        >>> is_number(0.5), is_number(1), is_number(True), is_number("1")
        (True, True, False, False)
    """
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_whole(value: object) -> TypeGuard[int]:
    """Whether a value is a whole number; 1.0, true and false are not.

    Example:
        >>> is_whole(1), is_whole(1.0), is_whole(True)
        (True, False, False)
    """
    return isinstance(value, int) and not isinstance(value, bool)


def as_written(value: object) -> str:
    """A value as a message quotes it: true and false as in YAML, None as "nothing".

    Example:
        >>> as_written(None), as_written(True), as_written("3"), as_written([1, 2])
        ('nothing', 'true', "'3'", '[1, 2]')
    """
    if value is None:
        return "nothing"  # in YAML it is an empty value
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else repr(value)
