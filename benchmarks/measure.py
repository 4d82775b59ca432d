"""Measures one process from start to end: seconds, memory, and when it printed each line."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Optional

ROOT = Path(__file__).resolve().parent.parent

# Variables that a shell may have set, and that would change the default settings of a library.
_TUNING = ("GOMP_", "JAX_", "KERAS_", "KMP_", "MKL_", "MXNET_", "OMP_", "TORCH", "XLA_")


class Failed(Exception):
    """A process that failed; the message is the last line that it wrote to stderr."""


class Line(NamedTuple):
    """A line that a process printed: the seconds since its start, its memory then, and the text."""

    at: float
    resident_mib: float
    text: str


@dataclass(frozen=True)
class Measured:
    """The measurements of a process.

    ``seconds`` last from before its start to its end; ``lines`` are what it printed. ``peak_mib``
    is the largest resident memory, of the largest process if it starts others.
    """

    seconds: float
    peak_mib: float
    lines: list[Line]


def measure(command: Sequence[str], env: Mapping[str, str]) -> Measured:
    """Run a command in the repository's root.

    This process must stay small: Linux counts the memory of the process that starts another
    towards the other's peak.

    Raises:
        Failed: if its exit code is not 0.
    """
    with tempfile.TemporaryFile("w+") as errors:
        began = time.perf_counter()
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, env=env, cwd=ROOT, text=True
        ) as process:
            lines = [
                Line(time.perf_counter() - began, _resident_mib(process.pid), text.rstrip())
                for text in process.stdout or ()
            ]
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            said = errors.read().strip().splitlines() or ["nothing on stderr"]
            raise Failed(f"exit code {process.returncode}: {said[-1].strip()}")
    return Measured(seconds, usage.ru_maxrss / 1024, lines)


def _resident_mib(pid: int) -> float:
    """The resident memory of a process; 0 once it has ended."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def environment(work: Path, threads: Optional[int] = None) -> dict[str, str]:
    """The environment of a process: this one's without any tuning, for the CPU.

    Args:
        work: a folder for caches, empty when the benchmark begins.
        threads: the OpenMP threads; None leaves them at their default.
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith(_TUNING)}
    env.update(
        CUDA_VISIBLE_DEVICES="",
        JAX_PLATFORMS="cpu",
        TORCHINDUCTOR_CACHE_DIR=str(work / "inductor"),
        XDG_CACHE_HOME=str(work / "cache"),  # mxdigits', of what is compiled and of races
    )
    if threads is not None:
        env["OMP_NUM_THREADS"] = str(threads)
    return env
