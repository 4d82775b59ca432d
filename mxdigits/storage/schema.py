"""The base of all pydantic models of mxdigits.

When a class is made, pydantic looks for its own plugins through importlib, which reads the entry
points of every installed distribution and fails at a malformed line in any of them. mxdigits does
not use those plugins; other users of pydantic in the same process keep theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from ..environment import variable

_SWITCH = "PYDANTIC_DISABLE_PLUGINS"

Found = TypeVar("Found")

if TYPE_CHECKING:
    Schema = BaseModel
else:

    class _WithoutPlugins(type(BaseModel)):
        def __new__(cls, *arguments: object, **keywords: object) -> object:
            with variable(_SWITCH, "__all__"):
                return super().__new__(cls, *arguments, **keywords)

    class Schema(BaseModel, metaclass=_WithoutPlugins):
        """A pydantic model without pydantic's plugins."""

        @classmethod
        def model_json_schema(cls, *arguments: object, **keywords: object) -> dict[str, object]:
            # pydantic makes further classes, one for the type of each default.
            with variable(_SWITCH, "__all__"):
                return super().model_json_schema(*arguments, **keywords)


def as_dataclass(kind: type[Found], value: object) -> Optional[Found]:
    """Make a dataclass from a file's mapping, by the names of its fields; None if it does not fit.

    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Size:
    ...     width: int
    >>> as_dataclass(Size, {"width": 28, "of": "a digit"}), as_dataclass(Size, ["width"])
    (Size(width=28), None)
    """
    with variable(_SWITCH, "__all__"):
        adapter = TypeAdapter(kind)
    try:
        return adapter.validate_python(value)
    except ValidationError:
        return None
