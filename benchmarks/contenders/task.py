"""What every contender is given, and what it must write. Needs nothing but NumPy."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks import idx

BATCH = 100
LEARNING_RATE = 0.1

NETWORKS = ("mlp", "lenet", "resnet20")

# ResNet-20 for CIFAR, as GluonCV's cifar_resnet20_v1 has it: a convolution with normalisation, then
# blocks of two, each (channels, stride of its first), the mean of each channel and a classifier.
BLOCKS = ((16, 1), (16, 1), (16, 1), (32, 2), (32, 1), (32, 1), (64, 2), (64, 1), (64, 1))
FIRST_CHANNELS = BLOCKS[0][0]
NORM_EPSILON = 1e-5
NORM_MOMENTUM = 0.9  # the share of the running statistics that each step keeps

# Images at a time in predictions.
PREDICT_BATCH = 1000


class Mnist(NamedTuple):
    """Images float32 (N, 1, 28, 28) from 0 to 1 and labels int64 (N,)."""

    train_images: Any
    train_labels: Any
    test_images: Any
    test_labels: Any


class Task:
    """A training, as the command line of a contender describes it."""

    def __init__(self) -> None:
        parser = argparse.ArgumentParser()
        parser.add_argument("network", choices=NETWORKS)
        parser.add_argument("data", type=Path, help="a folder with MNIST's four files")
        parser.add_argument("predictions", type=Path, help="an .npz file to write")
        parser.add_argument("--epochs", type=int, required=True)
        parser.add_argument("--threads", type=int, required=True)
        given = parser.parse_args()
        self.network: str = given.network
        self.epochs: int = given.epochs
        self.threads: int = given.threads
        self._data: Path = given.data
        self._predictions: Path = given.predictions
        self._began = 0.0
        self._seconds = 0.0

    def mnist(self) -> Mnist:
        return Mnist(
            self._images(idx.TRAIN_IMAGES),
            self._labels(idx.TRAIN_LABELS),
            self._images(idx.TEST_IMAGES),
            self._labels(idx.TEST_LABELS),
        )

    def training_begins(self) -> None:
        """Begin to time an epoch: before any of its work is done, shuffling included."""
        self._began = time.perf_counter()

    def training_ends(self) -> None:
        """Stop the time: the epoch is done and its accuracy known; evaluation has not begun."""
        self._seconds = time.perf_counter() - self._began

    def epoch_done(self, train_accuracy: float, test_accuracy: float) -> None:
        """Print the results of an epoch; the process that started this one notes the time."""
        line = {
            "seconds": self._seconds,
            "train_accuracy": float(train_accuracy),
            "test_accuracy": float(test_accuracy),
        }
        print(json.dumps(line), flush=True)

    def save(self, prob: Any) -> None:
        """Write the probabilities (N, 10) of the test images."""
        np.savez(self._predictions, prob=np.asarray(prob, np.float32))

    def _images(self, name: str) -> Any:
        images = idx.read_idx(self._data, name)[:, None].astype(np.float32)
        images /= 255  # in place: memory is compared too
        return images

    def _labels(self, name: str) -> Any:
        return idx.read_idx(self._data, name).astype(np.int64)
