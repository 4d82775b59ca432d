"""What every test may use: small data, and processes that run the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

# Tests run one process a core. Set before anything imports MXNet, which reads it once.
os.environ.setdefault("OMP_NUM_THREADS", "1")


# A busy machine is no reason to fail.
settings.register_profile("mxdigits", deadline=None)
settings.register_profile("fuzz", deadline=None, max_examples=5000)  # tox -e fuzz
settings.load_profile("mxdigits")


@pytest.fixture(scope="session")
def digits() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """A hundred 1x16x16 images that a small network learns in seconds: a bar at a place a class."""
    random = np.random.default_rng(7)

    def make(count: int) -> tuple[np.ndarray, np.ndarray]:
        labels = np.arange(count) % 4
        images = random.integers(0, 60, (count, 16, 16)).astype(np.uint8)
        for image, label in zip(images, labels):
            image[4 * label : 4 * label + 3, 2:14] = 230
        return images, labels

    return {"train": make(130), "test": make(46)}


@pytest.fixture(scope="session")
def idx_folder(digits, tmp_path_factory) -> Path:
    """The digits as four IDX files."""
    from mxdigits.data.idx import write_idx

    folder = tmp_path_factory.mktemp("idx")
    for part, prefix in (("train", "train"), ("test", "t10k")):
        images, labels = digits[part]
        write_idx(folder / f"{prefix}-images-idx3-ubyte", images)
        write_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", labels.astype(np.uint8))
    return folder


@pytest.fixture
def mxdigits(tmp_path):
    """Run the command line in an empty folder; gives the finished process."""

    def call(*arguments, cwd=tmp_path, timeout=300, **environment) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "mxdigits", *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    return call
