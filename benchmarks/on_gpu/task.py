"""What every contender on the GPU is given, and how it reports what it measured."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import idx

BATCH = 100
LEARNING_RATE = 0.1
SEED = 42
MNIST = Path(__file__).resolve().parents[2] / "mxdigits" / "data" / "mnist_idx"


@dataclass(frozen=True)
class Task:
    """Train one network on ``images`` images; ``folder`` is for files that processes share."""

    network: str
    images: int
    epochs: int
    networks: Path
    folder: Path

    def train(self) -> tuple[Any, Any]:
        """Images uint8 (N, 1, 28, 28) and labels int64 (N,)."""
        return _labelled(idx.TRAIN_IMAGES, idx.TRAIN_LABELS, self.images)

    def test(self) -> tuple[Any, Any]:
        """The images and labels of the test set."""
        return _labelled(idx.TEST_IMAGES, idx.TEST_LABELS, None)

    def time_epochs(self, epoch: Callable[[], None], epochs: int) -> float:
        """Images a second in the median of some epochs, after one that is not counted.

        ``epoch`` returns once the device has done all of it.
        """
        epoch()
        taken = []
        for _ in range(epochs):
            began = time.perf_counter()
            epoch()
            taken.append(time.perf_counter() - began)
        return self.images / statistics.median(taken)


def given() -> tuple[Task, str]:
    """The task of the command line, and which part of it to do."""
    parser = argparse.ArgumentParser()
    parser.add_argument("part")
    parser.add_argument("network")
    parser.add_argument("--images", type=int, required=True)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--networks", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    said = vars(parser.parse_args())
    part = said.pop("part")
    return Task(**said), part


def tell(**facts: Any) -> None:
    """Say what was measured, in a line of JSON."""
    print(json.dumps(facts), flush=True)


def scaled(images: Any) -> Any:
    """float32 from 0 to 1."""
    return images.astype(np.float32) / 255


def _labelled(images: str, labels: str, count: int | None) -> tuple[Any, Any]:
    return (
        idx.read_idx(MNIST, images, count)[:, None],
        idx.read_idx(MNIST, labels, count).astype(np.int64),
    )
