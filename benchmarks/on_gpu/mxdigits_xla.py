"""mxdigits on its XLA backend: by the Trainer, and single settings."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.on_gpu.by_trainer import OPTIONS, PARTS
from benchmarks.on_gpu.networks import read
from benchmarks.on_gpu.task import BATCH, LEARNING_RATE, SEED, Task, given, tell
from mxdigits.backends.base import EpochPosition
from mxdigits.backends.settings import TrainingSettings
from mxdigits.backends.xla.backend import XLABackend

# Settings that are measured beside the default.
SETTINGS: dict[str, dict[str, Any]] = {
    "default": {},
    "not repeatable": {"repeatable": False},
    "tf32": {"precision": "tf32"},
    "tf32, not repeatable": {"precision": "tf32", "repeatable": False},
    "bfloat16": {"precision": "bfloat16"},
}


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


if __name__ == "__main__":
    TASK, PART = given()
    if PART == "settings":
        settings(TASK)
    else:
        PARTS[PART](TASK, "xla")
