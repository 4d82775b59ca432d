"""Keeps Typer from converting what needs no conversion.

Typer 0.29 and later convert the value of every parameter by pydantic, also a text to a text and what
is not given at all. Importing pydantic takes longer than a small network.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Callable

# An object of Click or of Typer, whose classes have other names in each version.
_OfTyper = Any
# Of a parameter: whatever its type is.
_Value = Any


def leave_as_given(command: _OfTyper) -> None:
    """Have a command, and those below it, convert only what is not of its type already.

    Older versions of Typer convert by functions of Click, which cost nothing.

    >>> leave_as_given(typer.main.get_command(app))  # doctest: +SKIP
    """
    for parameter in command.params:
        if hasattr(parameter, "get_runtime_param"):
            parameter.get_runtime_param = _Converter(parameter.get_runtime_param)
    for verb in getattr(command, "commands", {}).values():
        leave_as_given(verb)


class _Converter:
    """Stands before what converts the values of one parameter, which it makes when it is needed."""

    def __init__(self, make: Callable[[], _OfTyper]):
        self._make = make

    def __call__(self) -> _Converter:
        return self

    def coerce(self, value: _Value, param: _OfTyper, ctx: _OfTyper) -> _Value:
        """The value in the type of its parameter, or Typer's own error."""
        wanted, several = param.type_descriptor.annotation, param.multiple or param.nargs == -1
        if value is None:
            return () if several else None
        if wanted is str and isinstance(value, str):
            return value
        if wanted == list[str] and all(isinstance(each, str) for each in value):
            return list(value)
        if wanted is Path and isinstance(value, (str, Path)):
            path = Path(value)
            # Of what is there, Typer asks whether it may be read.
            if os.access(path, os.R_OK) or not os.path.exists(path):
                return path
        elif value is param.default:
            return value
        return self._make().coerce(value, param=param, ctx=ctx)
