"""The first table: the same training by each contender in turn, in a fresh process."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Optional

import numpy as np

from benchmarks import idx, own_run
from benchmarks.contenders import TRAINING, Contender
from benchmarks.measure import Failed, Line
from benchmarks.outcome import ACCURACY, PEAK, SECONDS, THROUGHPUT, Outcome, run_script
from benchmarks.own_run import MNIST, Epoch
from benchmarks.report import BASE, Column, Rounds, best, section
from benchmarks.session import Session

# The networks for which the table says how long they took to reach this test accuracy.
TARGETS = {"lenet": 0.98}

TEST_IMAGES = 10_000


@dataclass(frozen=True)
class Job:
    """What every contender has to train."""

    network: str
    data: Path
    epochs: int
    threads: int


@dataclass(frozen=True)
class Training(Outcome):
    """The measurements of a training with ``samples`` images an epoch."""

    samples: int
    epochs: list[Epoch]

    @property
    def throughput(self) -> float:
        """Images a second in the median epoch."""
        return statistics.median(self.samples / epoch.seconds for epoch in self.epochs)

    def seconds_to(self, accuracy: float) -> Optional[float]:
        """From the start of the process until the test accuracy was first reached."""
        return next((e.at for e in self.epochs if e.test_accuracy >= accuracy), None)


def tables(session: Session) -> list[str]:
    """A section for each network."""
    settings = session.settings
    wanted = [who for who in TRAINING if any(map(who.trains, settings.networks))]
    entrants = session.entrants(wanted)
    data = MNIST
    if settings.limit:
        test = min(settings.limit, TEST_IMAGES)
        data = idx.shifted(MNIST, session.work / "limited", train=settings.limit, test=test)
    samples = len(idx.read_idx(data, idx.TRAIN_LABELS))
    sections = []
    for network in settings.networks:
        job = Job(network, data, settings.epochs, settings.threads)
        title = f"Training {network}, {settings.epochs} epochs of {samples:,} images"
        here = [entrant for entrant in entrants if entrant.contender.trains(network)]
        rounds = session.in_turn(title, here, partial(train, job=job, work=session.work))
        notes = [who.note for who, _ in here if who.note and who.name in rounds]
        notes += _against_the_best([who for who, _ in here], rounds)
        base = settings.base or BASE
        sections.append(section(title, _columns(TARGETS.get(network)), rounds, notes, base))
    return sections


def _against_the_best(here: Sequence[Contender], rounds: Rounds) -> list[str]:
    """How mxdigits does beside the best of the peers that compute in the same precision."""
    found = []
    for own in (who for who in here if not who.script and not who.own_epochs):
        peers = [who.name for who in here if who.script and who.precision == own.precision]
        found += [best(column, rounds, own.name, peers) for column in (THROUGHPUT, SECONDS)]
    return [text for text in found if text]


def _columns(target: Optional[float]) -> list[Column]:
    columns = [THROUGHPUT, SECONDS, PEAK, ACCURACY]
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
    with TemporaryDirectory(dir=work) as name:
        folder = Path(name)
        if contender.script:
            options = [f"--epochs={job.epochs}", f"--threads={job.threads}"]
            given = [job.network, str(job.data), str(folder / "predictions.npz"), *options]
            measured = run_script(contender, interpreter, given, work=work, threads=job.threads)
            epochs = _printed_epochs(measured.lines)
        else:
            recipe = contender.recipe.format(network=job.network)
            overrides = [] if contender.own_epochs else [f"epochs={job.epochs}"]
            overrides += [f"backend={contender.backend}"] if contender.backend else []
            overrides += [f"precision={contender.precision}"] if contender.precision else []
            home = folder / "home" if contender.forgets else work
            measured, epochs = own_run.run(
                recipe, overrides, data=job.data, output=folder, work=home
            )
        (predictions,) = folder.rglob("predictions.npz")
        labels = idx.read_idx(job.data, idx.TEST_LABELS)
        accuracy = float((np.load(predictions)["prob"].argmax(axis=1) == labels).mean())
    if len(epochs) != job.epochs and not contender.own_epochs:
        raise Failed(f"{len(epochs)} epochs instead of {job.epochs}")
    samples = len(idx.read_idx(job.data, idx.TRAIN_LABELS))
    return Training(measured.seconds, measured.peak_mib, accuracy, samples, epochs)


def _printed_epochs(lines: list[Line]) -> list[Epoch]:
    return [
        Epoch(line.at, line.resident_mib, **json.loads(line.text))
        for line in lines
        if line.text.startswith("{")
    ]
