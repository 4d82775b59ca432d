"""The limit on open files: each connection needs one."""

from __future__ import annotations

import errno
import logging
import os
import resource
import time
from asyncio import AbstractEventLoop
from contextlib import suppress
from typing import Callable

from ..errors import SetupError
from ..wording import Say

# Connections that asyncio accepts before it handles any of them.
ACCEPTED_AT_ONCE = 16

# A refused connection is closed three rounds of the event loop later; each round accepts others.
# Files are also needed for new reader processes, for kept digits and for imports.
_SPARE = 5 * ACCEPTED_AT_ONCE + 48

_SHORTAGES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


def allow_connections(wanted: int, say: Say) -> int:
    """Raise the limit on open files; return how many connections there can be at one time.

    Call it when everything else is open.

    Args:
        wanted: the most connections.
        say: told if there will be fewer.

    Raises:
        SetupError: if the limit does not even allow one.

    Example:
        >>> allow_connections(100, print)  # doctest: +SKIP
        100
    """
    taken = len(os.listdir("/proc/self/fd")) + _SPARE
    most = _raise_limit(taken + wanted)
    room = min(wanted, most - taken)
    if room < 1:
        raise SetupError(
            f"the server may open {most} files, and needs more than {taken}; "
            f"allow it more first: ulimit -n {taken + wanted}"
        )
    if room < wanted:
        say(f"at most {room} connections at once, not {wanted}: only {most} files may be open")
    return room


def _raise_limit(count: int) -> int:
    """Raise the limit on open files as far as the system allows; return the new limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= count:
        return count if soft == resource.RLIM_INFINITY else soft
    with suppress(OSError, ValueError):
        top = count if hard == resource.RLIM_INFINITY else min(count, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (top, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


class Shortages:
    """An exception handler for an event loop: if files or memory run out, say so once a minute.

    asyncio tries again after a second. All other exceptions go to the default handler.

    Example:
        >>> asyncio.get_running_loop().set_exception_handler(Shortages())  # doctest: +SKIP
    """

    _SECONDS = 60

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock, self._next = clock, -float("inf")

    def __call__(self, loop: AbstractEventLoop, context: dict[str, object]) -> None:
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in _SHORTAGES:
            loop.default_exception_handler(context)
        elif self._clock() >= self._next:
            self._next = self._clock() + self._SECONDS
            logging.getLogger("uvicorn.error").error(
                "connections have to wait: %s (said once a minute)", error.strerror
            )
