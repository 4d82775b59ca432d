"""The second table: the network that mxdigits trained, used by mxdigits and by onnxruntime."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import idx
from benchmarks.contenders import PREDICTION, Contender
from benchmarks.measure import Failed, environment, measure
from benchmarks.report import Column, section
from benchmarks.session import Session
from benchmarks.training import MNIST

COLUMNS = [
    Column("process, s", lambda run: run.seconds, "{:.2f}".format, False),
    Column("images/s", lambda run: run.throughput, "{:,.0f}".format),
    Column("peak, MiB", lambda run: run.peak_mib, "{:,.0f}".format, False),
    Column("accuracy", lambda run: run.accuracy, "{:.4f}".format),
]


@dataclass(frozen=True)
class Job:
    """``images`` to predict, those of ``data``, with the network of a run folder."""

    run_folder: Path
    model: Path
    data: Path
    images: int
    threads: int


@dataclass(frozen=True)
class Prediction:
    """A prediction as it was measured; ``accuracy`` is that of its file."""

    images: int
    seconds: float
    peak_mib: float
    accuracy: float

    @property
    def throughput(self) -> float:
        """Images a second, from the start of the process to its end."""
        return self.images / self.seconds

    def __str__(self) -> str:
        return (
            f"{self.throughput:,.0f} images/s, {self.seconds:.2f} s, "
            f"{self.peak_mib:.0f} MiB, accuracy {self.accuracy:.4f}"
        )


def tables(session: Session) -> list[str]:
    """A section a network and a number of images."""
    settings = session.settings
    entrants = session.entrants(PREDICTION)
    sections = []
    for network in settings.networks:
        try:
            run_folder, model = _prepare(network, session.work)
        except Failed as failure:
            session.skip(f"prediction {network}", failure)
            continue
        for images in sorted(settings.images):
            data = session.work / f"images-{images}"
            if not data.exists():
                idx.shifted(MNIST, data, train=10, test=images)  # nobody looks at the ten
            job = Job(run_folder, model, data, images, settings.threads)
            title = f"Prediction {network}, {images:,} images"
            rounds = session.in_turn(title, entrants, partial(predict, job=job, work=session.work))
            sections.append(section(title, COLUMNS, rounds))
    return sections


def _prepare(network: str, work: Path) -> tuple[Path, Path]:
    """Train a network for an epoch and export it; returns its run folder and the ONNX file.

    Raises:
        Failed: if this interpreter lacks MXNet or an onnx that MXNet can use.
    """
    output, model = work / "runs", work / f"{network}.onnx"
    train = ["run", f"recipes/{network}.yaml", "--plain", "--output", str(output), "epochs=1"]
    measure([sys.executable, "-m", "mxdigits", *train], environment(work))
    (run_folder,) = (output / network).iterdir()
    export = ["benchmarks.contenders.onnx_export", str(run_folder), str(model)]
    measure([sys.executable, "-m", *export], environment(work))
    return run_folder, model


def predict(contender: Contender, interpreter: str, job: Job, work: Path) -> Prediction:
    """Predict in a fresh process, which writes its probabilities to a file.

    Raises:
        Failed: if it fails.
    """
    file = work / f"{contender.name}.npz"
    if contender.script:
        module = f"benchmarks.contenders.{contender.script}"
        given = [str(job.model), str(job.data), str(file), str(job.threads)]
        command = [interpreter, "-m", module, *given]
    else:
        given = [str(job.run_folder), "--output", str(file), "--data", str(job.data)]
        command = [sys.executable, "-m", "mxdigits", "predict", *given]
    env = environment(work, job.threads if contender.threads else None)
    measured = measure(command, env)
    written = np.load(file)
    accuracy = float((written["prediction"] == written["label"]).mean())
    return Prediction(job.images, measured.seconds, measured.peak_mib, accuracy)
