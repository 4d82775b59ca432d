"""The CPUs that a process may use, and those of a machine shared out among several."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Optional


@dataclass(frozen=True)
class Share:
    """What a worker gets of a machine: CPUs that are its own, and as many threads.

    No CPUs, and None for the threads, leave both as they are.

    >>> Share((0, 1), 2).threads
    2
    """

    cpus: Sequence[int] = ()
    threads: Optional[int] = None


def shares(jobs: int, cpus: Sequence[int], usable: int) -> list[Share]:
    """Share CPUs out among workers, so that they do not wait for each other.

    Args:
        jobs: the workers.
        cpus: the numbers of the CPUs.
        usable: how many of these this process may keep busy at once.

    >>> shares(2, [0, 1, 2, 3], 4)
    [Share(cpus=[0, 1], threads=2), Share(cpus=[2, 3], threads=2)]
    >>> [share.cpus for share in shares(3, [0, 1], 2)]
    [[0], [1], [0]]
    """
    if jobs == 1:
        return [Share()]
    each = max(1, min(usable, len(cpus)) // jobs)
    places = [(i * each) % len(cpus) for i in range(jobs)]
    return [Share(cpus[place : place + each], each) for place in places]


def machine_shares(jobs: int) -> list[Share]:
    """The same for the CPUs of this machine that this process may use.

    >>> len(machine_shares(2))
    2
    """
    return shares(jobs, sorted(os.sched_getaffinity(0)), usable_cpus())


def usable_cpus() -> int:
    """The CPUs that this process may really use: by affinity and by its control group's quota.

    Example:
        >>> usable_cpus() >= 1
        True
    """
    return max(1, math.ceil(min(len(os.sched_getaffinity(0)), cgroup_cpus())))


def cgroup_cpus(root: Path = Path("/sys/fs/cgroup")) -> float:
    """CPUs by quota (cgroup v2, then v1); infinity where there is none.

    Example:
        >>> cgroup_cpus(Path("no such folder"))
        inf
    """
    try:
        quota, period = (root / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            quota = (root / "cpu/cpu.cfs_quota_us").read_text()
            period = (root / "cpu/cpu.cfs_period_us").read_text()
        except OSError:
            return math.inf
    try:
        return int(quota) / int(period) if int(quota) > 0 else math.inf
    except (ValueError, ZeroDivisionError):  # "max" is no quota
        return math.inf


class CpuTime(NamedTuple):
    """What the threads of a process had of the CPUs so far, in seconds.

    ``ran`` is how long all of them together computed. ``waited`` is by thread how long it could
    have, but others had the CPUs. Threads that have ended count no more. A system that does not
    tell has them wait for nobody.

    Example:
        >>> CpuTime(3.0, {"1": 0.75}).waited_since(CpuTime(1.0, {"1": 0.25}))
        0.5
    """

    ran: float = math.inf
    waited: Mapping[str, float] = {}

    @classmethod
    def of(cls, process: int, root: Path = Path("/proc")) -> CpuTime:
        """Of a process that lives.

        Args:
            process: its number.
            root: where Linux tells it.

        Example:
            >>> CpuTime.of(os.getpid()).ran > 0
            True
        """
        told = {}
        for file in root.glob(f"{process}/task/*/schedstat"):
            with suppress(OSError, ValueError):  # of a thread that has just ended
                ran, waited, _ = map(int, file.read_text().split())
                told[file.parent.name] = ran * 1e-9, waited * 1e-9
        if not told:
            return cls()
        return cls(sum(r for r, _ in told.values()), {name: w for name, (_, w) in told.items()})

    def waited_since(self, before: CpuTime) -> float:
        """The seconds that one thread waited since an earlier time: the one that waited longest."""
        return max((w - before.waited.get(name, 0.0) for name, w in self.waited.items()), default=0)
