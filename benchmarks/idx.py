"""MNIST's file format, in the few lines that the benchmarks need; of mxdigits they know nothing."""

from __future__ import annotations

import gzip
import math
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Optional

import numpy as np

TRAIN_IMAGES, TRAIN_LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
TEST_IMAGES, TEST_LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"


def read_idx(folder: Path, name: str, count: Optional[int] = None) -> Any:
    """The first ``count`` elements of a file, plain or with ``.gz``, as uint8."""
    plain = folder / name
    with open(plain, "rb") if plain.exists() else gzip.open(f"{plain}.gz") as data:
        dims = data.read(4)[3]
        shape = struct.unpack(f">{dims}I", data.read(4 * dims))
        shape = (shape[0] if count is None else min(count, shape[0]), *shape[1:])
        return np.frombuffer(data.read(math.prod(shape)), np.uint8).reshape(shape)


def write_idx(folder: Path, name: str, shape: tuple[int, ...], pieces: Iterable[Any]) -> None:
    """Write a plain file piece by piece, so that no more than a piece is held in memory."""
    with open(folder / name, "wb") as file:
        file.write(struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape))
        for piece in pieces:
            file.write(np.ascontiguousarray(piece).data)


def limited(source: Path, target: Path, train: int) -> Path:
    """A data set with only the first ``train`` training images of another, and all test images."""
    target.mkdir()
    for name in (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS):
        array = read_idx(source, name, train if name.startswith("train") else None)
        write_idx(target, name, array.shape, [array])
    return target


def multiplied(source: Path, target: Path, test: int) -> Path:
    """A data set with ``test`` test images: up to 100 times those of another, shifted."""
    target.mkdir()
    images, labels = read_idx(source, TEST_IMAGES), read_idx(source, TEST_LABELS)
    shifts = [(y, x) for y in range(-5, 5) for x in range(-5, 5)]
    sizes = [min(len(images), test - begin) for begin in range(0, test, len(images))]
    # The middle shift comes first: where no more are asked for, the images are the test set's own.
    shifts.sort(key=lambda shift: abs(shift[0]) + abs(shift[1]))
    write_idx(
        target,
        TEST_IMAGES,
        (test, *images.shape[1:]),
        (np.roll(images[:size], shift, axis=(1, 2)) for size, shift in zip(sizes, shifts)),
    )
    write_idx(target, TEST_LABELS, (test,), (labels[:size] for size in sizes))
    # A data set has training images too; nobody here looks at them.
    write_idx(target, TRAIN_IMAGES, (10, *images.shape[1:]), [images[:10]])
    write_idx(target, TRAIN_LABELS, (10,), [labels[:10]])
    return target
