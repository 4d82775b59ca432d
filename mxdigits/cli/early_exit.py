"""Keeps a process that ends too early from looking like a success."""

from __future__ import annotations

import os
import posix  # what os is made of; a plugin may call it by either name
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Callable, NoReturn

from ..printing import print_error

_MODULES: tuple[ModuleType, ...] = (os, posix)


@contextmanager
def no_early_exit() -> Iterator[None]:
    """Let nothing that Python offers end the process in this block as if all were done.

    ``os._exit(0)`` ends it at once: no error, no ``finally``. ``os.execv`` and its kin put another
    program in its place, whose exit code is then the command's. A plugin that calls one would make
    a run look finished that is not. The first exits with 1 and says where it was called; the others
    raise RuntimeError, which is named as the plugin's. Processes that are forked in the block do as
    they like.

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
        # What has taken a name from its module keeps the guard, which lets it pass from now on.
        guard.inside = False
        for module, name, function in before:
            setattr(module, name, function)


class _Guard:
    """Stands before the functions of this process; ``inside`` says whether it lets nobody pass."""

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
