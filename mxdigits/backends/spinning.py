"""Decides how long waiting OpenMP threads spin before they sleep.

A thread that spins begins its next work at once; one that sleeps has to be woken, dozens of times
in a training step. But a thread that spins on a CPU that another program needs holds up both.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from .cpus import openmp_threads, share_of_cpus

# GNU OpenMP reads it when it is loaded.
SPIN_COUNT = "GOMP_SPINCOUNT"
# Rounds of spinning, of 20 to 60 ns. GNU's default is 300,000 (some 10 ms): with it, one other busy
# program makes a training ten times as slow.
_ALONE = "10000"
_SHARED = "2000"
_SAMPLES = 5
_PAUSE = 0.002  # seconds between two samples


def set_spin_count() -> None:
    """Set GOMP_SPINCOUNT, unless it is set: higher if the threads have the CPUs for themselves.

    It has an effect only before the process loads OpenMP.

    Example:
        >>> set_spin_count()
    """
    if not os.environ.get(SPIN_COUNT):
        os.environ[SPIN_COUNT] = spin_count(openmp_threads())


def spin_count(threads: int, processes: Path = Path("/proc")) -> str:
    """The value of GOMP_SPINCOUNT for so many threads, at this moment.

    Args:
        threads: the OpenMP threads of this process.
        processes: the folder in which Linux tells what runs on the machine.

    Example:
        >>> spin_count(10_000)
        '2000'
    """
    try:
        others = _others_running(processes)
    except (OSError, ValueError, IndexError):  # another system
        return _SHARED
    return _ALONE if threads + others <= share_of_cpus() else _SHARED


def _others_running(processes: Path) -> int:
    """The threads of other processes on this machine that keep a CPU busy or wait for one.

    What runs only for a moment is left out: the least of several counts is taken.
    """
    counts = []
    for _ in range(_SAMPLES):
        # Threads of this process may be about to sleep, as those of a library just imported are.
        own = sum(_runs(each) for each in (processes / "self" / "task").iterdir())
        running, _, _ = (processes / "loadavg").read_text().split()[3].partition("/")
        counts.append(max(0, int(running) - own))
        if not counts[-1]:
            break
        time.sleep(_PAUSE)
    return min(counts)


def _runs(thread: Path) -> bool:
    try:
        _, _, told = (thread / "stat").read_text().rpartition(")")
    except OSError:  # it has just ended
        return False
    return told.split()[0] == "R"
