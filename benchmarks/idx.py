"""MNIST's file format, as far as the benchmarks need it, without mxdigits."""

from __future__ import annotations

import gzip
import math
import struct
from collections.abc import Iterable, Iterator
from itertools import cycle, product
from pathlib import Path
from typing import Any, Optional

import numpy as np

TRAIN_IMAGES, TRAIN_LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
TEST_IMAGES, TEST_LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"

# How many images are shifted and written at a time.
_PIECE = 10_000


def read_idx(folder: Path, name: str, count: Optional[int] = None) -> Any:
    """The first ``count`` elements of a file, plain or with ``.gz``, as uint8."""
    plain = folder / name
    with open(plain, "rb") if plain.exists() else gzip.open(f"{plain}.gz") as data:
        dims = data.read(4)[3]
        shape = struct.unpack(f">{dims}I", data.read(4 * dims))
        shape = (shape[0] if count is None else min(count, shape[0]), *shape[1:])
        return np.frombuffer(data.read(math.prod(shape)), np.uint8).reshape(shape)


def write_idx(folder: Path, name: str, shape: tuple[int, ...], pieces: Iterable[Any]) -> None:
    """Write a plain file piece by piece, with one piece in memory at a time."""
    with open(folder / name, "wb") as file:
        file.write(struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape))
        for piece in pieces:
            file.write(np.ascontiguousarray(piece).data)


def shifted(source: Path, target: Path, *, train: int, test: int) -> Path:
    """A data set of any size: the images of another, repeated, and shifted in each repetition.

    The first pass shifts nothing: up to the size of the source, the images are the source's own.

    Args:
        source: a folder with MNIST's four files.
        target: the folder to make.
        train: the number of training images.
        test: the number of test images.
    """
    target.mkdir()
    _write_shifted(source, target, (TRAIN_IMAGES, TRAIN_LABELS), train)
    _write_shifted(source, target, (TEST_IMAGES, TEST_LABELS), test)
    return target


def _write_shifted(source: Path, target: Path, names: tuple[str, str], count: int) -> None:
    images, labels = (read_idx(source, name, count) for name in names)
    pieces = [
        (slice(begin, min(begin + _PIECE, end)), shift)
        for shift, end in _passes(count, len(images))
        for begin in range(0, end, _PIECE)
    ]
    moved = (np.roll(images[which], shift, axis=(1, 2)) for which, shift in pieces)
    write_idx(target, names[0], (count, *images.shape[1:]), moved)
    write_idx(target, names[1], (count,), (labels[which] for which, _ in pieces))


def _passes(count: int, images: int) -> Iterator[tuple[tuple[int, int], int]]:
    """The shift of each pass and how many images it takes, until there are ``count``."""
    shifts = sorted(product(range(-5, 6), repeat=2), key=lambda yx: abs(yx[0]) + abs(yx[1]))
    for shift in cycle(shifts):
        if count <= 0:
            return
        yield shift, min(count, images)
        count -= images
