"""The CPUs that a process may use, and their division among several processes."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Optional


@dataclass(frozen=True)
class Share:
    """A worker's share of a machine: its own CPUs, and as many threads.

    Without CPUs, and with None for the threads, nothing is changed.

    >>> Share((0, 1), 2).threads
    2
    """

    cpus: Sequence[int] = ()
    threads: Optional[int] = None


def shares(jobs: int, cpus: Sequence[int], usable: int) -> list[Share]:
    """Divide CPUs among workers, so that they do not wait for each other.

    Args:
        jobs: the number of workers.
        cpus: the numbers of the CPUs.
        usable: the number of these that this process may keep busy at once.

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
    """:func:`shares` of the CPUs of this machine that this process may use.

    >>> len(machine_shares(2))
    2
    """
    return shares(jobs, sorted(os.sched_getaffinity(0)), usable_cpus())


def usable_cpus() -> int:
    """The number of CPUs that this process may really use, by affinity and its cgroup's quota.

    Example:
        >>> usable_cpus() >= 1
        True
    """
    return max(1, math.ceil(share_of_cpus()))


def openmp_threads() -> int:
    """As many threads as OMP_NUM_THREADS says, else as this process has CPUs.

    Example:
        >>> openmp_threads() >= 1
        True
    """
    text = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return int(text) if text.isdecimal() and int(text) else usable_cpus()


def share_of_cpus() -> float:
    """The CPUs that this process may use, by affinity and its cgroup's quota, such as 1.5.

    Example:
        >>> share_of_cpus() <= usable_cpus()
        True
    """
    return min(len(os.sched_getaffinity(0)), cgroup_cpus())


def cgroup_cpus(
    root: Path = Path("/sys/fs/cgroup"), own: Path = Path("/proc/self/cgroup")
) -> float:
    """The least quota of CPUs of this process's cgroup and those around it; infinity without one.

    A container sees its own cgroup as the root; services and users of systemd see theirs below it.

    Args:
        root: the folder of all cgroups, of version 2 or 1.
        own: the file that names this process's cgroups.

    Example:
        >>> cgroup_cpus(Path("no such folder"))
        inf
    """
    return min(map(_quota, {folder for top in _cgroups(root, own) for folder in top}))


def _cgroups(root: Path, own: Path) -> Iterator[Sequence[Path]]:
    """The folders of this process's cgroups that may limit its CPUs, each with those around it."""
    yield [root, root / "cpu"]
    try:
        lines = own.read_text().splitlines()
    except (OSError, ValueError):
        return
    for line in lines:
        _, _, named = line.partition(":")
        controllers, _, path = named.partition(":")
        if not controllers or "cpu" in controllers.split(","):
            folder = root.joinpath("cpu" * bool(controllers), path.strip("/"))
            yield [each for each in (folder, *folder.parents) if root in (each, *each.parents)]


def _quota(folder: Path) -> float:
    try:
        quota, period = (folder / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            quota = (folder / "cpu.cfs_quota_us").read_text()
            period = (folder / "cpu.cfs_period_us").read_text()
        except OSError:
            return math.inf
    try:
        return int(quota) / int(period) if int(quota) > 0 else math.inf
    except (ValueError, ZeroDivisionError):  # "max" means no quota
        return math.inf


class CpuTime(NamedTuple):
    """The CPU time of a process's threads so far, in seconds.

    ``ran`` is the time that all threads together ran. ``waited`` is, for each thread, the time that
    it was ready but other programs had the CPUs. Threads that have ended are not counted. On
    systems that do not report this, no thread seems to wait.

    Example:
        >>> CpuTime(3.0, {"1": 0.75}).waited_since(CpuTime(1.0, {"1": 0.25}))
        0.5
    """

    ran: float = math.inf
    waited: Mapping[str, float] = {}

    @classmethod
    def of(cls, process: int, root: Path = Path("/proc")) -> CpuTime:
        """The CPU time of a running process.

        Args:
            process: its process number.
            root: the folder where Linux reports it.

        Example:
            >>> CpuTime.of(os.getpid()).ran > 0
            True
        """
        told = {}
        for file in root.glob(f"{process}/task/*/schedstat"):
            with suppress(OSError, ValueError):  # the thread has just ended
                ran, waited, _ = map(int, file.read_text().split())
                told[file.parent.name] = ran * 1e-9, waited * 1e-9
        if not told:
            return cls()
        return cls(sum(r for r, _ in told.values()), {name: w for name, (_, w) in told.items()})

    def waited_since(self, before: CpuTime) -> float:
        """The longest time that any one thread waited since an earlier measurement, in seconds."""
        return max((w - before.waited.get(name, 0.0) for name, w in self.waited.items()), default=0)
