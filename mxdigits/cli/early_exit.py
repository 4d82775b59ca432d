"""Keeps a process that ends too early from looking like a success."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ..printing import print_error


@contextmanager
def no_early_exit() -> Iterator[None]:
    """Have ``os._exit(0)`` in this block exit with 1 and say where it was called.

    It ends a process at once: no error, no ``finally``. A plugin that calls it would make a run
    look finished that is not. Processes that are forked in the block leave as they like.

    >>> with no_early_exit():  # doctest: +SKIP
    ...     plugin()
    """
    leave, process, inside = os._exit, os.getpid(), True

    def guarded(status: int) -> None:
        if inside and status == 0 and os.getpid() == process:
            caller = sys._getframe(1)
            with suppress(Exception):
                print_error(
                    [
                        f"os._exit(0) was called in {caller.f_code.co_filename}, line "
                        f"{caller.f_lineno}, before the command was done"
                    ]
                )
            status = 1
        leave(status)

    os._exit = guarded  # type: ignore[assignment]
    try:
        yield
    finally:
        # What has taken the name from os keeps the guard, which lets it pass from now on.
        inside = False
        os._exit = leave
