"""Keeps Typer from converting values that need no conversion.

Typer 0.29 and later convert the values of all parameters with pydantic, even text to text and
values that are not given. Importing pydantic takes longer than predicting with a small network.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any, Callable

# An object of Click or Typer, whose classes have different names in different versions.
_OfTyper = Any
# The value of a parameter, of any type.
_Value = Any


def leave_as_given(command: _OfTyper) -> None:
    """Make a command and its subcommands convert only values that do not have their type already.

    Older versions of Typer convert with functions of Click, which are fast.

    >>> leave_as_given(typer.main.get_command(app))  # doctest: +SKIP
    """
    command.get_params = partial(_parameters, command.get_params)
    for verb in getattr(command, "commands", {}).values():
        leave_as_given(verb)


def _parameters(get: Callable[[_OfTyper], list[_OfTyper]], context: _OfTyper) -> list[_OfTyper]:
    """The parameters of a command, including ``--help``, which is made only when they are asked."""
    parameters = get(context)
    for each in parameters:
        convert = getattr(each, "get_runtime_param", None)
        if convert is not None and not isinstance(convert, _Converter):
            each.get_runtime_param = _Converter(convert)
    return parameters


class _Converter:
    """Replaces the converter of one parameter, and makes it only when it is needed."""

    def __init__(self, make: Callable[[], _OfTyper]):
        self._make = make

    def __call__(self) -> _Converter:
        return self

    def coerce(self, value: _Value, param: _OfTyper, ctx: _OfTyper) -> _Value:
        """The value, converted to the type of its parameter if necessary, or Typer's error."""
        wanted, several = param.type_descriptor.annotation, param.multiple or param.nargs == -1
        if value is None:
            return () if several else None
        if wanted is str and isinstance(value, str):
            return value
        if wanted == list[str] and _are_texts(value):
            return list(value)
        if wanted is Path and isinstance(value, (str, Path)):
            path = Path(value)
            # Typer checks whether an existing path can be read.
            if os.access(path, os.R_OK) or not os.path.exists(path):
                return path
        elif value is param.default and isinstance(wanted, type) and isinstance(value, wanted):
            return value
        return self._make().coerce(value, param=param, ctx=ctx)


def _are_texts(value: _Value) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value)
