"""The attributes of operators as Python values, read from MXNet's texts and written as them again.

MXNet keeps each attribute as a text, such as ``"(2, 2)"`` or ``"True"``. Here an attribute is an
int, a float, a bool, a str, a tuple of ints, or None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, Optional, Union

import numpy as np

Value = Union[None, bool, int, float, str, "tuple[Optional[int], ...]"]
# An attribute of a known operator, for code that runs it: OPERATORS says which of these types it
# has, but a type checker cannot know.
AttributeValue = Any
Type = Literal["int", "float32", "float64", "bool", "shape", "choice", "str"]

REQUIRED: AttributeValue = type("_Required", (), {"__repr__": lambda _: "REQUIRED"})()

_INT = r"[-+]?\d{1,19}L?"
_SHAPE = re.compile(rf"[(\[]\s*(?:(?:{_INT}|None)\s*(?:,\s*|(?=[)\]])))*[)\]]|{_INT}")
_FLOAT = re.compile(
    r"[-+]?(?:(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][-+]?\d{1,3})?|inf|nan)"
)
_BOOLS = {"True": True, "true": True, "1": True, "False": False, "false": False, "0": False}


class Attributes(Mapping[str, AttributeValue]):
    """The attributes of an operation by name; immutable.

    The table of operators says which type each has, so that a backend can pass them on as
    ``convolution(data, weight, **operation.attributes)``.

    Example:
        >>> Attributes(axis=1)["axis"]
        1
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, Value] = MappingProxyType({}), /, **more: Value):
        self._items = {**items, **more}

    def __getitem__(self, name: str) -> AttributeValue:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return f"Attributes({self._items!r})"


@dataclass(frozen=True)
class Attribute:
    """One attribute that an operator takes.

    ``default`` is :data:`REQUIRED` where there is none; ``optional`` says that None is a value;
    ``choices`` are the words of a ``choice``. A ``float32`` is held as the shortest decimal that
    rounds to MXNet's number.

    Example:
        >>> Attribute("int", default=1).read("3")
        3
    """

    type: Type
    default: Value = REQUIRED
    optional: bool = False
    choices: tuple[str, ...] = ()

    def read(self, text: str) -> Value:
        """The value that MXNet reads from a text.

        Raises:
            ValueError: if it is no value of this attribute; without a message, because only the
                caller knows the attribute's name.

        Example:
            >>> Attribute("shape").read("(2, 2)")
            (2, 2)
        """
        # None is a shape of unknown size; every shape may be unknown.
        if text == "None" and (self.optional or self.type == "shape"):
            return None
        if self.type == "bool" and text in _BOOLS:
            return _BOOLS[text]
        if self.type == "int" and re.fullmatch(_INT, text):
            return int(text.rstrip("L"))
        if self.type in ("float32", "float64") and _FLOAT.fullmatch(text):
            return self.rounded(float(text))
        if self.type == "shape" and _SHAPE.fullmatch(text):
            sizes = re.findall(rf"{_INT}|None", text)
            return tuple(None if s == "None" else int(s.rstrip("L")) for s in sizes)
        if self.type == "str" or text in self.choices:
            return text
        raise ValueError

    def accepted(self, value: object) -> Value:
        """A Python value in the form that this attribute holds, such as (2,) for the shape 2.

        Raises:
            ValueError: if it is of another type; without a message, because only the caller knows
                the attribute's name.
        """
        if isinstance(value, (list, tuple)) or (self.type == "shape" and type(value) is int):
            return self.read(str(tuple(value) if isinstance(value, (list, tuple)) else value))
        if type(value) is bool and self.type != "bool":
            raise ValueError
        return self.read(str(value))

    def rounded(self, value: float) -> float:
        """A number rounded to the attribute's type."""
        if self.type == "float64":
            return value
        with np.errstate(over="ignore"):
            return float(str(np.float32(value)))


def integer(default: Value = REQUIRED, *, optional: bool = False) -> Attribute:
    """A whole number; required where no default is given.

    Example:
        >>> integer(1).read("3")
        3
    """
    return Attribute("int", default, optional or default is None)


def float32(default: Value = REQUIRED, *, optional: bool = False) -> Attribute:
    """A number that MXNet holds as float32; required where no default is given.

    Example:
        >>> float32(0.1).read("1e-3")
        0.001
    """
    return Attribute("float32", default, optional or default is None)


def float64(default: Value = REQUIRED, *, optional: bool = False) -> Attribute:
    """A number that MXNet holds as float64; required where no default is given.

    Example:
        >>> float64(0.1).read("1e-3")
        0.001
    """
    return Attribute("float64", default, optional or default is None)


def boolean(default: Value = REQUIRED, *, optional: bool = False) -> Attribute:
    """True or false; required where no default is given.

    Example:
        >>> boolean(False).read("1")
        True
    """
    return Attribute("bool", default, optional or default is None)


def shape(default: Value = REQUIRED) -> Attribute:
    """A tuple of whole numbers; required where no default is given.

    Example:
        >>> shape().read("(2, 2)")
        (2, 2)
    """
    return Attribute("shape", default, default is None)


def string(default: Value = REQUIRED) -> Attribute:
    """Any text; required where no default is given.

    Example:
        >>> string().read("gamma")
        'gamma'
    """
    return Attribute("str", default)


def choice(words: str, default: Value = REQUIRED) -> Attribute:
    """One of some words, or None if that is the default.

    Example:
        >>> choice("avg max sum", "max").read("avg")
        'avg'
    """
    return Attribute("choice", default, default is None, tuple(words.split()))
