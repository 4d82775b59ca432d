"""Imports MXNet without generating its operators' functions, more than half of the time.

MXNet generates and compiles a function for each of 2,500 operators, of which a training calls ten.
Here a function is generated at its first call, and is MXNet's own from then on.
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
# MXNet's functions that go through the operators, and their argument that makes one's function.
_WALKS = ("_init_op_module", "_init_np_op_module")
_MAKER = "make_op_func"
# The module that is the first to call them.
_FIRST = "mxnet.ndarray.register"
# A text is needed, because MXNet edits these texts during its import.
_DOCUMENTATION = "An operator of MXNet, whose documentation is here once it was called."


@contextmanager
def operators_later() -> Iterator[None]:
    """In a ``with`` block, import MXNet with operator functions that are generated when called.

    Until then, such a function shows neither its parameters nor its documentation. So MXNet is
    imported unchanged at a prompt and in a notebook, where people look at them, and also if it
    makes its functions in another way than 1.9.1.

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
    """A finder that finds nothing, but notices when MXNet is about to make operator functions."""

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
    """A function that turns into ``make(handle, operator, name)`` when it is called."""

    def become() -> FunctionType:
        real = make(handle, operator, name)
        made.__defaults__ = real.__defaults__
        made.__code__ = real.__code__  # now it takes other arguments
        made.__kwdefaults__ = None
        if made.__doc__ == _DOCUMENTATION:
            made.__doc__ = real.__doc__
        return made

    # MXNet's generated code uses the global names of the module that makes it.
    made = FunctionType(_at_first.__code__, make.__globals__, name)
    made.__kwdefaults__ = {"_become": become}
    made.__doc__ = _DOCUMENTATION
    return made


def _at_first(*arguments: Any, _become: Callable[[], FunctionType], **named: Any) -> Any:
    return _become()(*arguments, **named)
