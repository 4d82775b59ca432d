"""mxdigits on its XLA backend: ten epochs by the Trainer, exact resumption, single settings."""

from __future__ import annotations

import hashlib
import json
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.on_gpu.networks import read
from benchmarks.on_gpu.task import BATCH, LEARNING_RATE, SEED, Task, given, tell
from mxdigits import Trainer
from mxdigits.backends.base import EpochPosition, TrainingSettings
from mxdigits.backends.xla.backend import XLABackend
from mxdigits.backends.xla.devices import first_device
from mxdigits.train.state import TrainingState

OPTIONS = {"learning_rate": LEARNING_RATE}

# Settings that are measured beside the default.
SETTINGS: dict[str, dict[str, Any]] = {
    "default": {},
    "not repeatable": {"repeatable": False},
    "tf32": {"precision": "tf32"},
    "tf32, not repeatable": {"precision": "tf32", "repeatable": False},
    "bfloat16": {"precision": "bfloat16"},
}


def run(task: Task) -> None:
    """Train by the Trainer, with the test set's accuracy after each epoch, and predict it."""
    began = time.perf_counter()
    trainer = _trainer(task)
    images, labels = task.test()
    history = trainer.fit(
        task.train(), epochs=task.epochs, batch_size=BATCH, validation=(images, labels)
    )
    prob = trainer.predict(images)
    np.savez(task.folder / f"{task.network}-predictions.npz", prob=prob)
    later = [record.samples_per_second for record in history][1:] or [history[0].samples_per_second]
    tell(
        images_a_second=statistics.median(later),
        first_epoch=history[0].samples_per_second,
        accuracy=float((prob.argmax(1) == labels).mean()),
        seconds=time.perf_counter() - began,
        **trainer.backend.record(),
    )


def leave(task: Task) -> None:
    """Train two epochs; then again, stopped within the second, whose state is saved."""
    whole = _trainer(task)
    whole.fit(task.train(), epochs=2, batch_size=BATCH)
    trainer = _trainer(task)
    trainer.fit(
        task.train(), epochs=2, batch_size=BATCH, keeper=_Stop(trainer, task.folder / "state")
    )
    tell(weights=_digest(whole), batch=trainer.position.batch, stopped=trainer.stopped)


def go_on(task: Task) -> None:
    """Continue in this new process from the state that :func:`leave` saved."""
    trainer = _trainer(task)
    file = task.folder / "state"
    told = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    with np.load(file.with_suffix(".npz")) as arrays:
        trainer.restore(TrainingState(**told, arrays=dict(arrays)))
    trainer.fit(task.train(), epochs=1, batch_size=BATCH)
    tell(weights=_digest(trainer))


def settings(task: Task) -> None:
    """Images a second of single settings, and the accuracy after three epochs."""
    images, labels = task.train()
    test_images, test_labels = task.test()
    for name, chosen in SETTINGS.items():
        precision = chosen.get("precision", "float32")
        backend = XLABackend(
            read(task.networks, task.network),
            TrainingSettings("sgd", OPTIONS, seed=SEED, precision=precision),
            repeatable=chosen.get("repeatable", True),
        )
        began = time.perf_counter()
        fit = backend.begin_fit(images, labels, BATCH)
        compiled = time.perf_counter() - began
        done = [
            fit.run(epoch, LEARNING_RATE, EpochPosition(), lambda _: None, lambda _: False)
            for epoch in range(3)
        ]
        backend.publish()
        right = backend.logits(test_images).argmax(1) == test_labels
        tell(
            name=name,
            images_a_second=max(each.samples_per_second for each in done),
            accuracy=float(right.mean()),
            compile_seconds=compiled,
        )


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


def _trainer(task: Task) -> Trainer:
    network = read(task.networks, task.network)
    device = first_device()
    return Trainer(network, "sgd", OPTIONS, contexts=[device], seed=SEED, backend="xla")


def _digest(trainer: Trainer) -> str:
    _, arrays = trainer.backend.network()
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(arrays[name].tobytes())
    return digest.hexdigest()


PARTS = {"run": run, "leave": leave, "go-on": go_on, "settings": settings}

if __name__ == "__main__":
    TASK, PART = given()
    PARTS[PART](TASK)
