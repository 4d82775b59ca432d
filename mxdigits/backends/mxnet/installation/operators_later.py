"""MXNet's import without the Python of its operators, which takes more than half of it.

MXNet writes and compiles a function for each of 2,500 operators, of which a training calls ten.
Here a function is written when it is called for the first time, and is from then on MXNet's own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import signature
from types import FunctionType, ModuleType
from typing import Any

_BASE = "mxnet.base"
# What goes through the operators, and which of its arguments makes the function of one.
_WALKS = ("_init_op_module", "_init_np_op_module")
_MAKER = "make_op_func"
# Which module is the first to have them go.
_FIRST = "mxnet.ndarray.register"
# MXNet edits these texts while it is imported.
_DOCUMENTATION = "An operator of MXNet, whose documentation is here once it was called."


@contextmanager
def operators_later() -> Iterator[None]:
    """Within it, MXNet is imported with functions of operators that are written when called.

    Until then such a function shows neither its parameters nor its documentation. So at a prompt
    and in a notebook, where people look at them, MXNet is imported as it is, and so is one that
    makes its functions otherwise than 1.9.1.

    Example:
        >>> with operators_later():
        ...     import math
        >>> math.sqrt(9)
        3.0
    """
    if hasattr(sys, "ps1") or sys.flags.interactive or "IPython" in sys.modules:
        yield
        return
    notice = _Notice()
    sys.meta_path.insert(0, notice)
    try:
        yield
    finally:
        sys.meta_path.remove(notice)
        for name, walk in notice.replaced.items():
            setattr(sys.modules[_BASE], name, walk)


class _Notice:
    """Finds nothing; it notices when MXNet is about to make the functions of its operators."""

    def __init__(self) -> None:
        self.replaced: dict[str, Callable[..., None]] = {}

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == _FIRST and _BASE in sys.modules:
            self._replace(sys.modules[_BASE])

    def _replace(self, base: ModuleType) -> None:
        for name in _WALKS:
            walk = getattr(base, name, None)
            if isinstance(walk, FunctionType) and _MAKER in signature(walk).parameters:
                self.replaced[name] = walk
                setattr(base, name, _with_later_functions(walk))


def _with_later_functions(walk: FunctionType) -> Callable[..., None]:
    @wraps(walk)
    def walk_later(*arguments: Any, **named: Any) -> None:
        bound = signature(walk).bind(*arguments, **named)
        make = bound.arguments[_MAKER]
        bound.arguments[_MAKER] = lambda *operator: _later(make, *operator)
        walk(*bound.args, **bound.kwargs)

    return walk_later


def _later(make: FunctionType, handle: Any, operator: str, name: str) -> FunctionType:
    """A function that becomes what ``make(handle, operator, name)`` gives when it is called."""

    def become() -> FunctionType:
        real = make(handle, operator, name)
        made.__defaults__ = real.__defaults__
        made.__code__ = real.__code__  # now it is called otherwise
        made.__kwdefaults__ = None
        if made.__doc__ == _DOCUMENTATION:
            made.__doc__ = real.__doc__
        return made

    # The code that MXNet writes reads the names of the module that makes it.
    made = FunctionType(_at_first.__code__, make.__globals__, name)
    made.__kwdefaults__ = {"_become": become}
    made.__doc__ = _DOCUMENTATION
    return made


def _at_first(*arguments: Any, _become: Callable[[], FunctionType], **named: Any) -> Any:
    return _become()(*arguments, **named)
