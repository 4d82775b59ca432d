"""The first table: the same training by everyone, a fresh process each, in turn."""

from __future__ import annotations

import csv
import json
import statistics
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Optional

import numpy as np

from benchmarks import idx
from benchmarks.contenders import TRAINING, Contender
from benchmarks.measure import ROOT, Failed, Measured, environment, measure
from benchmarks.report import Column, section
from benchmarks.session import Session

MNIST = ROOT / "mxdigits" / "data" / "mnist_idx"

# The networks of which the table tells how long they took to get there.
TARGETS = {"lenet": 0.98}


@dataclass(frozen=True)
class Job:
    """What everyone has to train."""

    network: str
    data: Path
    epochs: int
    threads: int


@dataclass(frozen=True)
class Epoch:
    """``at`` is when it was done and evaluated, ``seconds`` how long its training took."""

    at: float
    seconds: float
    train_accuracy: float
    test_accuracy: float


@dataclass(frozen=True)
class Training:
    """A training as it was measured; ``accuracy`` is that of the predictions in its file."""

    samples: int
    epochs: list[Epoch]
    seconds: float
    peak_mib: float
    accuracy: float

    @property
    def throughput(self) -> float:
        """Images a second in the median epoch."""
        return statistics.median(self.samples / epoch.seconds for epoch in self.epochs)

    def seconds_to(self, accuracy: float) -> Optional[float]:
        """From the start of the process until the test accuracy was first reached."""
        return next((e.at for e in self.epochs if e.test_accuracy >= accuracy), None)

    def __str__(self) -> str:
        return (
            f"{self.throughput:,.0f} images/s, {self.seconds:.2f} s, "
            f"{self.peak_mib:.0f} MiB, accuracy {self.accuracy:.4f}"
        )


def tables(session: Session) -> list[str]:
    """A section a network."""
    settings = session.settings
    entrants = session.entrants(TRAINING)
    data = MNIST
    if settings.limit:
        data = idx.shifted(MNIST, session.work / "limited", train=settings.limit, test=10_000)
    samples = len(idx.read_idx(data, idx.TRAIN_LABELS))
    sections = []
    for network in settings.networks:
        job = Job(network, data, settings.epochs, settings.threads)
        title = f"Training {network}, {settings.epochs} epochs of {samples:,} images"
        rounds = session.in_turn(title, entrants, partial(train, job=job, work=session.work))
        sections.append(section(title, _columns(TARGETS.get(network)), rounds))
    return sections


def _columns(target: Optional[float]) -> list[Column]:
    columns = [
        Column("images/s", lambda run: run.throughput, "{:,.0f}".format, True),
        Column("process, s", lambda run: run.seconds, "{:.2f}".format, False),
        Column("peak, MiB", lambda run: run.peak_mib, "{:,.0f}".format, False),
        Column("accuracy", lambda run: run.accuracy, "{:.4f}".format),
    ]
    if target is not None:
        columns.append(
            Column(
                f"to {target:.0%}, s", lambda run: run.seconds_to(target), "{:.2f}".format, False
            )
        )
    return columns


def train(contender: Contender, interpreter: str, job: Job, work: Path) -> Training:
    """Train in a fresh process and check what it wrote.

    Raises:
        Failed: if the process failed, or did not do what it was asked to.
    """
    env = environment(work, job.threads if contender.threads else None)
    with TemporaryDirectory(dir=work) as name:
        folder = Path(name)
        if contender.script:
            measured = measure(_script_command(contender, interpreter, job, folder), env)
            epochs = _printed_epochs(measured)
        else:
            measured = measure(_mxdigits_command(job, folder), env)
            epochs = _mxdigits_epochs(measured, folder)
        (predictions,) = folder.rglob("predictions.npz")
        labels = idx.read_idx(job.data, idx.TEST_LABELS)
        accuracy = float((np.load(predictions)["prob"].argmax(axis=1) == labels).mean())
    if len(epochs) != job.epochs:
        raise Failed(f"{len(epochs)} epochs instead of {job.epochs}")
    samples = len(idx.read_idx(job.data, idx.TRAIN_LABELS))
    return Training(samples, epochs, measured.seconds, measured.peak_mib, accuracy)


def _script_command(contender: Contender, interpreter: str, job: Job, folder: Path) -> list[str]:
    options = [f"--epochs={job.epochs}", f"--threads={job.threads}"]
    module = f"benchmarks.contenders.{contender.script}"
    predictions = str(folder / "predictions.npz")
    return [interpreter, "-m", module, job.network, str(job.data), predictions, *options]


def _printed_epochs(measured: Measured) -> list[Epoch]:
    return [Epoch(at, **json.loads(text)) for at, text in measured.lines if text.startswith("{")]


def _mxdigits_command(job: Job, folder: Path) -> list[str]:
    recipe = f"recipes/{job.network}.yaml"
    overrides = [f"epochs={job.epochs}"]
    if job.data != MNIST:
        overrides.append(f"data={{name: idx, path: {job.data}, batch_size: 100}}")
    options = ["--plain", "--format", "npz", "--output", str(folder)]
    return [sys.executable, "-m", "mxdigits", "run", recipe, *options, *overrides]


def _mxdigits_epochs(measured: Measured, folder: Path) -> list[Epoch]:
    """From the history that a run keeps; when an epoch was done, its line on stdout tells."""
    (history,) = folder.rglob("history.csv")
    with open(history, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    times = [at for at, text in measured.lines if "Validation-accuracy" in text]
    return [
        Epoch(
            at,
            float(row["seconds"]),
            float(row["train_accuracy"]),
            float(row["validation_accuracy"]),
        )
        for at, row in zip(times, rows)
    ]
