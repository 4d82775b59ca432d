"""Keeps a process that a plugin ends early from looking like a success."""

from __future__ import annotations

import os
import posix  # os takes its functions from there; a plugin may use either module
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Callable, NoReturn

from ..printing import print_error

_MODULES: tuple[ModuleType, ...] = (os, posix)


@contextmanager
def no_early_exit() -> Iterator[None]:
    """Keep Python code in this block from ending the process as if everything had succeeded.

    ``os._exit(0)`` ends it at once, without an error or ``finally``. ``os.execv`` and the like
    replace it by another program, whose exit code becomes the command's. If a plugin calls one, an
    unfinished run looks finished. Here the first exits with 1 and says where it was called; the
    others raise RuntimeError, which is reported as the plugin's error. Processes that are forked in
    the block are not affected.

    >>> with no_early_exit():  # doctest: +SKIP
    ...     plugin()
    """
    guard = _Guard()
    doors = {"_exit": guard.leaving(os._exit)}
    doors |= {name: guard.replacing(name) for name in ("execv", "execve")}
    before = [(module, name, getattr(module, name)) for module in _MODULES for name in doors]
    for module, name, _ in before:
        setattr(module, name, doors[name])
    try:
        yield
    finally:
        # Code that imported a guarded function keeps it; from now on it does nothing special.
        guard.inside = False
        for module, name, function in before:
            setattr(module, name, function)


class _Guard:
    """Wraps functions that end the process; while ``inside`` is true, they are refused."""

    def __init__(self) -> None:
        self.inside = True
        self._process = os.getpid()

    def leaving(self, leave: Callable[[int], NoReturn]) -> Callable[..., None]:
        def _exit(status: int) -> None:
            if isinstance(status, int) and not status & 0xFF and self._holds():
                caller = sys._getframe(1)
                with suppress(Exception):
                    print_error(
                        [
                            f"os._exit({status:d}) was called in {caller.f_code.co_filename}, line "
                            f"{caller.f_lineno}, before the command was done"
                        ]
                    )
                status = 1
            leave(status)

        return _exit

    def replacing(self, name: str) -> Callable[..., None]:
        replace = getattr(os, name)

        def execute(*arguments: object, **options: object) -> None:
            if self._holds():
                raise RuntimeError(
                    f"os.{name} would put another program in the place of mxdigits before the "
                    "command is done; start one with subprocess.run"
                )
            replace(*arguments, **options)

        return execute

    def _holds(self) -> bool:
        return self.inside and os.getpid() == self._process
