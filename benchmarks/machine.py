"""The machine and the versions that the numbers were measured with."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from benchmarks.contenders import Contender
from benchmarks.measure import environment, measure

_PROBE = """
import importlib, os, sys, numpy
vars(numpy).setdefault("bool", bool)  # MXNet reads it
os.environ["KERAS_BACKEND"] = "jax"  # Keras would ask for TensorFlow
for name in sys.argv[1:]:
    print(name, importlib.import_module(name).__version__)
print("numpy", numpy.__version__)
print("Python", sys.version.split()[0])
"""


def versions(contender: Contender, interpreter: str, work: Path) -> list[str]:
    """The names and versions of the libraries that a contender uses.

    Raises:
        Failed: if something cannot be imported.
    """
    command = [interpreter, "-c", _PROBE, *contender.needs]
    return [line.text for line in measure(command, environment(work)).lines]


def describe(threads: int) -> list[str]:
    """Facts about the machine, one a line."""
    kernel = platform.release().partition("-")[0]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return [
        f"processor: {_processor()}, {os.cpu_count()} CPUs, of which {threads} used",
        f"memory: {memory:.0f} GiB",
        f"system: {platform.system()} {kernel}, {' '.join(platform.libc_ver())}",
        f"load when the benchmark began: {os.getloadavg()[0]:.2f}",
    ]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
