"""Memory that the workers of one machine share.

It belongs to no file system: worker 0 creates it, and the others open it through worker 0's entry
in ``/proc``, which only the same user may do. It disappears with the last worker, however they end.
"""

from __future__ import annotations

import mmap
import os
import secrets
import time
from typing import Optional, cast

import numpy as np

from ...arrays import Numbers
from .agreement import Team, agreed, first_decides

_SECRET = 64  # bytes before the numbers, by which the others recognize this memory
_SPINS = 1e-3  # seconds that a worker polls without sleeping, which reacts faster
_SLEEP = 1e-4  # seconds


def shared_numbers(team: Team, size: int) -> Optional[Numbers]:
    """``size`` numbers, float32 and first 0, that all workers read and write; None if impossible.

    All workers call it at the same time, and either all or none get the memory.

    Args:
        team: the workers.
        size: the number of numbers.

    Example:
        >>> from mxdigits.backends.team.agreement import Alone
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


class Barrier:
    """A reusable barrier, at which workers wait until all of them have arrived.

    Each worker counts its own arrivals, in memory that the others read.

    Args:
        rank: this worker's number, from 0.
        numbers: shared memory with :attr:`NUMBERS` numbers for each worker, first 0.

    Example:
        >>> barrier = Barrier(0, np.zeros((1, Barrier.NUMBERS), np.float32))
        >>> barrier.wait()
    """

    NUMBERS = 16  # a cache line for each worker, so that none waits to write into another's

    def __init__(self, rank: int, numbers: Numbers):
        self._counts = numbers.reshape(-1, self.NUMBERS).view(np.int64)[:, 0]
        self._rank = rank

    def wait(self) -> None:
        """Arrive, and wait for the others.

        On a processor that keeps the order of writes, such as x86-64, the others then see
        everything that this worker wrote before.
        """
        self._counts[self._rank] += 1
        arrived = self._counts[self._rank]
        began = time.perf_counter()
        while (self._counts < arrived).any():
            if time.perf_counter() - began < _SPINS:
                os.sched_yield()  # lets another worker use this CPU
            else:
                time.sleep(_SLEEP)


def _made(length: int, secret: bytes) -> Optional[int]:
    """Create new memory, as a file descriptor."""
    try:
        file = os.memfd_create("mxdigits")
    except (AttributeError, OSError):  # not Linux, or not permitted
        return None
    try:
        os.posix_fallocate(file, 0, length)
        os.pwrite(file, secret, 0)
    except OSError:  # not enough memory
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
