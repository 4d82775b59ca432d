"""What the tables share: running a contender, and the numbers that it gives."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders import Contender
from benchmarks.measure import Measured, environment, measure
from benchmarks.report import Column


@dataclass(frozen=True)
class Outcome(ABC):
    """What a process did; ``accuracy`` is that of the probabilities that it wrote."""

    seconds: float
    peak_mib: float
    accuracy: float

    @property
    @abstractmethod
    def throughput(self) -> float:
        """Images a second."""

    def __str__(self) -> str:
        return (
            f"{self.throughput:,.0f} images/s, {self.seconds:.2f} s, "
            f"{self.peak_mib:.0f} MiB, accuracy {self.accuracy:.4f}"
        )


THROUGHPUT = Column("images/s", lambda run: run.throughput, "{:,.0f}".format, True)
SECONDS = Column("process, s", lambda run: run.seconds, "{:.2f}".format, False)
PEAK = Column("peak, MiB", lambda run: run.peak_mib, "{:,.0f}".format, False)
ACCURACY = Column("accuracy", lambda run: run.accuracy, "{:.4f}".format)


def run_script(
    contender: Contender, interpreter: str, given: Sequence[str], *, work: Path, threads: int
) -> Measured:
    """Run a contender's file in a fresh process.

    Raises:
        Failed: if it fails.
    """
    command = [interpreter, "-m", f"benchmarks.contenders.{contender.script}", *given]
    return measure(command, environment(work, threads if contender.threads else None))


def run_mxdigits(given: Sequence[str], work: Path) -> Measured:
    """Run mxdigits' command line in a fresh process.

    Raises:
        Failed: if it fails.
    """
    return measure([sys.executable, "-m", "mxdigits", *given], environment(work))
