"""A worker of a test: trains small networks with the others, and keeps what came of it.

``python -m tests.backends.team_worker BACKEND FOLDER CASE...``; worker 0 writes ``CASE.npz``. Of
the case ``nan`` every worker writes ``nan.RANK``, the error that it ends with.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mxdigits import build_network
from mxdigits.augmentations.build import build_augmentations
from mxdigits.backends.batches import sharded
from mxdigits.backends.choose import choose_devices
from mxdigits.backends.mxnet.runtime import seed_everything
from mxdigits.backends.mxnet.team.team import team_of
from mxdigits.backends.team.companions import companions
from mxdigits.errors import Diverged
from mxdigits.train.callbacks import Callback, KeepWeights, ScaleLearningRate, Stop
from mxdigits.train.trainer import Trainer
from mxdigits.workers import ALONE, Workers, current

SAMPLES, BATCH = 53, 10  # the last batch has three images: fewer than four workers
SHAPE = (1, 16, 16)
SMALL = {"channels": [4], "depth": [1], "hidden": 8, "squeeze": 0}

CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "momentum": {
        # More than half of its numbers lie after the first layer, so they travel apart.
        "model": ("mlp", {"hidden": [8, 200]}),
        "optimizer": ("nag", {"learning_rate": 0.05, "momentum": 0.9, "wd": 1e-3}),
        "clip_global_norm": 0.5,
        "ema": 0.9,
        "label_smoothing": 0.1,
    },
    "adam": {"optimizer": ("adam", {"learning_rate": 0.01})},
    "lars": {"optimizer": ("lars", {"learning_rate": 0.1, "momentum": 0.9})},
    "dropout": {"model": ("mlp", {"hidden": [16], "dropout": 0.5})},
    "statistics": {"model": ("deep", SMALL)},
    "statistics_dropout": {"model": ("deep", {**SMALL, "dropout": 0.3})},
    "augmentation": {
        "augmentation": [("affine", {}), ("elastic", {"probability": 0.5}), ("erasing", {})]
    },
    "accumulated": {"model": ("deep", {**SMALL, "dropout": 0.3}), "accumulate": 2},
    "weighted": {"class_weights": (1.0, 2.0, 0.5, 1.0), "focal": 2.0, "sampler": "balanced"},
    "swa": {"model": ("deep", SMALL), "swa": 2},
    "callbacks": {"callbacks": True},
}


# Compared with one process that has the images in the same order.
SHARD = {
    "shard": {"shard": True, "model": ("mlp", {"hidden": [16], "dropout": 0.5})},
    "shard_accumulated": {"shard": True, "model": ("deep", SMALL), "accumulate": 2},
}


# The weights of worker 1 are no numbers when it begins; those of the others are.
NAN = "nan"


class Wants(Callback):
    """What only worker 0 has: it keeps the first epoch, halves the rate, and stops after two."""

    def on_epoch_end(self, record):
        if record.epoch == 0:
            return [KeepWeights(), ScaleLearningRate(0.5)]
        return Stop("two are enough")


def data():
    random = np.random.default_rng(5)
    images = random.integers(0, 256, (SAMPLES, *SHAPE)).astype(np.uint8)
    return images, random.integers(0, 4, SAMPLES)


def trained(case: str, backend: str, workers: Workers = ALONE, **more: Any) -> Trainer:
    """A Trainer after two epochs; of its network, what every worker has."""
    wanted = {"model": ("mlp", {"hidden": [16]}), "optimizer": ("sgd", {"learning_rate": 0.05})}
    wanted = {**wanted, **{**CASES, **SHARD, NAN: {}}[case]}
    seed_everything(3 + workers.rank)  # they have to begin with the weights of worker 0
    model, options = wanted.pop("model")
    network = build_network(model, options, classes=4, image_shape=SHAPE, backend=backend)
    optimizer, optimizer_options = wanted.pop("optimizer")
    if "augmentation" in wanted:
        wanted["augmentation"] = build_augmentations(
            wanted["augmentation"], image_shape=SHAPE, context=None
        )
    asked = wanted.pop("callbacks", False) and workers.is_first
    trainer = Trainer(
        network,
        optimizer,
        optimizer_options,
        workers=workers,
        backend=backend,
        seed=5,
        callbacks=[Wants()] * asked,
        **wanted,
    )
    trainer.meet()
    if case == NAN and workers.rank == 1:
        state = trainer._state(trainer.position)
        lost = {k: v * np.nan for k, v in state.arrays.items() if k.startswith("weight.")}
        trainer.restore(replace(state, arrays={**state.arrays, **lost}))
    images, labels = data()
    own = slice(None)
    if "shard" in wanted and workers.count > 1:
        parts = wanted.get("accumulate", 1)
        own = sharded(SAMPLES, BATCH, parts, 5, workers.count, backend=backend)[workers.rank]
    epochs = 5 if case == "callbacks" else 2
    trainer.fit(
        (images[own], labels[own]),
        epochs=epochs,
        batch_size=BATCH,
        validation=(images[:21], labels[:21]),
        **more,
    )
    return trainer


def outcome(trainer: Trainer) -> dict[str, np.ndarray]:
    """All numbers that a fit ends with."""
    told = [
        [r.train_loss, r.train_accuracy, r.validation_loss, r.validation_accuracy]
        for r in trainer.history
    ]
    _, arrays = trainer.backend.network()
    published = {f"published.{i}": a for i, a in enumerate(arrays.values())}
    return {**trainer.backend.snapshot(), **published, "history": np.array(told)}


@contextmanager
def held_port() -> Iterator[int]:
    """A port at which the processes of a test may listen, and which nobody else is given."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def train_together(
    backend: str, count: int, folder: Path, cases: list[str], sockets: int = 0
) -> dict[str, Any]:
    """What worker 0 of so many processes ends with, by case; over TCP or, by a number, sockets."""
    folder.mkdir()
    with held_port() as port:
        _run_together(backend, count, folder, cases, f"127.0.0.1:{port}", sockets)
    return {case: dict(np.load(folder / f"{case}.npz")) for case in cases if case != NAN}


def _run_together(
    backend: str, count: int, folder: Path, cases: list[str], place: str, sockets: int
) -> None:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    argv = [sys.executable, "-m", "tests.backends.team_worker", backend, str(folder), *cases]
    told = {"MXDIGITS_WORKERS": str(count), "MXDIGITS_COORDINATOR": place}
    told.update({"MXDIGITS_SOCKETS": str(sockets)} if sockets else {})
    first = Workers(0, count, place, "127.0.0.1", sockets=sockets)
    commands = [(list(each.argv), dict(each.environment)) for each in companions(backend, first)]
    commands += [(argv, {**told, "MXDIGITS_RANK": str(rank)}) for rank in range(count)]
    root = Path(__file__).parents[2]
    running = [
        subprocess.Popen(
            command, env={**environment, **more}, cwd=root, stderr=subprocess.PIPE, text=True
        )
        for command, more in commands
    ]
    try:
        said = [each.communicate(timeout=900)[1] for each in running]
    finally:
        for each in running:
            each.kill()
    assert [each.returncode for each in running] == [0] * len(running), "\n".join(said)


def main() -> None:
    backend, folder, *cases = sys.argv[1:]
    workers = current()
    choose_devices("cpu", backend)  # as a run does before all else
    for case in cases:
        if case == NAN:
            with pytest.raises(Diverged) as caught:
                trained(case, backend, workers)
            Path(folder, f"{case}.{workers.rank}").write_text(str(caught.value))
            continue
        found = outcome(trained(case, backend, workers))
        if workers.sockets:
            assert team_of(workers).shares_memory
        if workers.is_first:
            np.savez(Path(folder) / f"{case}.npz", **found)


if __name__ == "__main__":
    main()
