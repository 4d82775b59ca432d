"""Memory that the workers of one machine share.

It belongs to no file system: worker 0 makes it, and the others open it through worker 0's entry in
``/proc``, which nobody but the same user may do. It is gone with the last of them, however they
end.
"""

from __future__ import annotations

import mmap
import os
import secrets
from typing import Optional, cast

import numpy as np

from ..arrays import Numbers
from .team import Team, agreed, first_decides

_SECRET = 64  # bytes before the numbers, by which the others know that it is this memory


def shared_numbers(team: Team, size: int) -> Optional[Numbers]:
    """As many numbers, float32 and 0, that all workers read and write; None if they cannot.

    All workers call it at the same time, and get the same answer.

    Args:
        team: the workers.
        size: how many numbers.

    Example:
        >>> from mxdigits.backends.team import Alone
        >>> shared_numbers(Alone(), 3).tolist()
        [0.0, 0.0, 0.0]
    """
    length, secret = _SECRET + 4 * size, secrets.token_bytes(_SECRET)
    file = _made(length, secret) if team.rank == 0 else None
    try:
        own = None if file is None else (f"/proc/{os.getpid()}/fd/{file}", secret.hex())
        told = cast("Optional[tuple[str, str]]", first_decides(team, own))
        memory = _opened(told[0], length) if told else None
        is_it = told is not None and memory is not None and memory[:_SECRET].hex() == told[1]
        fails = any(agreed(team, not is_it))
    finally:
        if file is not None:
            os.close(file)
    if memory is None or fails:
        return None
    numbers: Numbers = np.frombuffer(memory, np.float32, offset=_SECRET)
    return numbers


def _made(length: int, secret: bytes) -> Optional[int]:
    """New memory, as a file descriptor."""
    try:
        file = os.memfd_create("mxdigits")
    except (AttributeError, OSError):  # not Linux, or not allowed
        return None
    try:
        os.posix_fallocate(file, 0, length)
        os.pwrite(file, secret, 0)
    except OSError:  # there is not so much
        os.close(file)
        return None
    return file


def _opened(path: str, length: int) -> Optional[mmap.mmap]:
    try:
        file = os.open(path, os.O_RDWR)
    except OSError:
        return None
    try:
        return mmap.mmap(file, length)
    except (OSError, ValueError):
        return None
    finally:
        os.close(file)
