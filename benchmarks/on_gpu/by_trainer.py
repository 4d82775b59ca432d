"""mxdigits on one of its backends: epochs by the Trainer, and exact resumption."""

from __future__ import annotations

import hashlib
import json
import statistics
import time
from pathlib import Path

import numpy as np

from benchmarks.on_gpu.networks import read
from benchmarks.on_gpu.task import BATCH, LEARNING_RATE, SEED, Task, tell
from mxdigits import Trainer
from mxdigits.backends.choose import choose_devices
from mxdigits.train.state import TrainingState

OPTIONS = {"learning_rate": LEARNING_RATE}


def run(task: Task, backend: str) -> None:
    """Train by the Trainer, with the test set's accuracy after each epoch, and predict it."""
    began = time.perf_counter()
    trainer = _trainer(task, backend)
    images, labels = task.test()
    history = trainer.fit(
        task.train(), epochs=task.epochs, batch_size=BATCH, validation=(images, labels)
    )
    prob = trainer.predict(images)
    np.savez(task.folder / f"{task.network}-predictions.npz", prob=prob)
    later = [record.samples_per_second for record in history][1:] or [history[0].samples_per_second]
    tell(
        name=f"by {backend}",
        images_a_second=statistics.median(later),
        first_epoch=history[0].samples_per_second,
        accuracy=float((prob.argmax(1) == labels).mean()),
        seconds=time.perf_counter() - began,
        **trainer.backend.record(),
    )


def leave(task: Task, backend: str) -> None:
    """Train two epochs; then again, stopped within the second, whose state is saved."""
    whole = _trainer(task, backend)
    whole.fit(task.train(), epochs=2, batch_size=BATCH)
    trainer = _trainer(task, backend)
    trainer.fit(
        task.train(), epochs=2, batch_size=BATCH, sink=_Stop(trainer, task.folder / "state")
    )
    tell(weights=_digest(whole), batch=trainer.position.batch, stopped=trainer.stopped)


def go_on(task: Task, backend: str) -> None:
    """Continue in this new process from the state that :func:`leave` saved."""
    trainer = _trainer(task, backend)
    file = task.folder / "state"
    told = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    with np.load(file.with_suffix(".npz")) as arrays:
        trainer.restore(TrainingState(**told, arrays=dict(arrays)))
    trainer.fit(task.train(), epochs=1, batch_size=BATCH)
    tell(weights=_digest(trainer))


class _Stop:
    """Stops a fit within its second epoch, and saves its state in two files."""

    def __init__(self, trainer: Trainer, file: Path):
        self._trainer, self._file = trainer, file

    def due(self, batch: int) -> bool:
        if len(self._trainer.history) == 1:
            self._trainer.stop()
        return False

    def keep(self, state: TrainingState, *, last: bool) -> None:
        facts = {"epoch": state.epoch, "batch": state.batch, "facts": state.facts}
        self._file.with_suffix(".json").write_text(json.dumps(facts), encoding="utf-8")
        np.savez(self._file.with_suffix(".npz"), **state.arrays)


def _trainer(task: Task, backend: str) -> Trainer:
    network = read(task.networks, task.network)
    contexts = choose_devices(("gpu", "cpu"), backend).contexts
    return Trainer(network, "sgd", OPTIONS, contexts=contexts, seed=SEED, backend=backend)


def _digest(trainer: Trainer) -> str:
    _, arrays = trainer.backend.network()
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(arrays[name].tobytes())
    return digest.hexdigest()


PARTS = {"run": run, "leave": leave, "go-on": go_on}
