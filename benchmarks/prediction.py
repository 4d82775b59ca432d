"""The second table: the network that mxdigits trained, used by mxdigits and by onnxruntime."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import idx, own_run
from benchmarks.contenders import PREDICTION, Contender
from benchmarks.measure import Failed, environment, measure
from benchmarks.outcome import (
    ACCURACY,
    PEAK,
    SECONDS,
    THROUGHPUT,
    Outcome,
    run_mxdigits,
    run_script,
)
from benchmarks.own_run import MNIST
from benchmarks.report import section
from benchmarks.session import Session

# Images a second are the images by the seconds: one ratio is enough.
COLUMNS = [SECONDS, replace(THROUGHPUT, more_is_better=None), PEAK, ACCURACY]


@dataclass(frozen=True)
class Job:
    """What to predict: so many ``images`` of ``data``, with the network of a run folder."""

    run_folder: Path
    model: Path
    data: Path
    images: int
    threads: int


@dataclass(frozen=True)
class Prediction(Outcome):
    """The measurements of a prediction of ``images`` images."""

    images: int

    @property
    def throughput(self) -> float:
        """Images a second, from the start of the process to its end."""
        return self.images / self.seconds


def tables(session: Session) -> list[str]:
    """A section for each network and number of images."""
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
    # Each network has its own folder: the reader looks for the only run in it.
    output, model = work / f"runs-{network}", work / f"{network}.onnx"
    own_run.run(network, ["epochs=1"], data=MNIST, output=output, work=work)
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
        given = [str(job.model), str(job.data), str(file), str(job.threads)]
        measured = run_script(contender, interpreter, given, work=work, threads=job.threads)
    else:
        given = [str(job.run_folder), "--output", str(file), "--data", str(job.data)]
        chosen = ["--backend", contender.backend] if contender.backend else []
        measured = run_mxdigits(["predict", *given, *chosen], work)
    written = np.load(file)
    accuracy = float((written["prediction"] == written["label"]).mean())
    return Prediction(measured.seconds, measured.peak_mib, accuracy, job.images)
