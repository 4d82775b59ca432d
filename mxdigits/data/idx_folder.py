"""Data of one's own in MNIST's format: a folder with four IDX files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Union

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError, UsageError
from .dataset import Dataset, make_dataset
from .idx import read_idx

# train-images-idx3-ubyte, t10k-labels.idx1-ubyte.gz, emnist-digits-test-images-idx3-ubyte, ...
_NAME = re.compile(
    r"(?P<prefix>.+[-_])?(?P<part>train|test|t10k)-"
    r"(?P<role>images|labels)[-.]idx[13]-ubyte(?P<gz>\.gz)?"
)
_USUAL = {
    ("train", "images"): "train-images-idx3-ubyte",
    ("train", "labels"): "train-labels-idx1-ubyte",
    ("test", "images"): "t10k-images-idx3-ubyte",
    ("test", "labels"): "t10k-labels-idx1-ubyte",
}

# Images to transpose at a time.
_PIECE = 1000


def idx(
    *,
    path: Union[str, os.PathLike[str]],
    classes: Union[int, Sequence[str], None] = None,
    transpose: bool = False,
) -> Dataset:
    """Four files in MNIST's format: EMNIST, Fashion-MNIST, Kuzushiji-MNIST or your own.

    The files bear the names of MNIST's (``train-images-idx3-ubyte``, or with ``.idx3``; ``t10k`` or
    ``test``), plain or with ``.gz``, all with one prefix if they have one, such as EMNIST's
    ``emnist-digits-``.  Where a file lies there both plain and compressed, the plain one is read.

    Args:
        path: the folder; ``~`` is your home.
        classes: the names of the labels 0, 1, ..., or how many there are; if left out, as many as
            the labels show.
        transpose: swap rows and columns.  EMNIST needs it: its images lie on their side,
            compared with MNIST's.

    Raises:
        DataError: if the folder or a file is missing or damaged, or they contradict one another.
        UsageError: if ``path`` or ``transpose`` is of another type.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise UsageError(f"option path: expected a folder, got {path!r}")
    if not isinstance(transpose, bool):
        raise UsageError(f"option transpose: expected true or false, got {transpose!r}")
    folder = Path(os.path.expanduser(path))
    files = _four_files(folder)
    train, train_hashes = _read_pair(files["train", "images"], files["train", "labels"], transpose)
    test, test_hashes = _read_pair(files["test", "images"], files["test", "labels"], transpose)
    hashes = {**train_hashes, **test_hashes}
    return make_dataset(
        str(folder), {"train": train, "test": test, "classes": classes, "hashes": hashes}
    )


def holds_idx(folder: Path) -> bool:
    """Whether a folder holds IDX files, by their names."""
    with os.scandir(folder) as entries:
        return any("-idx" in entry.name or ".idx" in entry.name for entry in entries)


def _read_pair(
    images_file: Path, labels_file: Path, transpose: bool
) -> tuple[tuple[NDArray[np.uint8], NDArray[np.uint8]], dict[str, str]]:
    """Read (images, labels), and the SHA-256 of both files under their names without ``.gz``."""
    images, images_hash = read_idx(images_file, dims=3)
    labels, labels_hash = read_idx(labels_file, dims=1)
    if len(images) != len(labels):
        raise DataError(
            f"{images_file} holds {len(images)} images, "
            f"but {labels_file} holds {len(labels)} labels"
        )
    if transpose:
        images = _transposed(images)
    return (images, labels), {
        images_file.name.removesuffix(".gz"): images_hash,
        labels_file.name.removesuffix(".gz"): labels_hash,
    }


def _transposed(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Images (N, H, W) as (N, W, H), in the memory that they have: a data set may fill it."""
    count, height, width = images.shape
    for begin in range(0, count, _PIECE):
        piece = images[begin : begin + _PIECE]
        piece[:] = piece.swapaxes(1, 2).reshape(piece.shape)
    return images.reshape(count, width, height)


def _four_files(folder: Path) -> dict[tuple[str, str], Path]:
    """Find the file of each part and role: all four, of one data set."""
    names = _file_names(folder)
    found: dict[tuple[str, str], list[re.Match[str]]] = {key: [] for key in _USUAL}
    for match in filter(None, map(_NAME.fullmatch, sorted(names))):
        if not (match["gz"] and match.string.removesuffix(".gz") in names):
            part = "train" if match["part"] == "train" else "test"
            found[part, match["role"]].append(match)
    if missing := [usual for key, usual in _USUAL.items() if not found[key]]:
        raise DataError(f"{folder}: has no {', '.join(missing)} (plain, or with .gz)")
    for (part, role), matches in found.items():
        if len(matches) > 1:
            raise DataError(
                f"{folder}: {len(matches)} files might hold the {part} {role}: "
                f"{_listed(matches)}; keep each data set in a folder of its own"
            )
    chosen = {key: matches[0] for key, matches in found.items()}
    if len({match["prefix"] for match in chosen.values()}) > 1:
        raise DataError(
            f"{folder}: these files belong to different data sets: {_listed(chosen.values())}"
        )
    return {key: folder / match.string for key, match in chosen.items()}


def _file_names(folder: Path) -> set[str]:
    try:
        # Only files: some archives of MNIST unpack to folders that are named like the files.
        with os.scandir(folder) as entries:
            return {entry.name for entry in entries if entry.is_file()}
    except FileNotFoundError:
        raise DataError(f"{folder}: no such folder") from None
    except NotADirectoryError:
        raise DataError(f"{folder}: not a folder") from None
    except (OSError, ValueError) as error:  # a name with a NUL is a ValueError
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{folder}: cannot be read: {reason}") from None


def _listed(matches: Iterable[re.Match[str]]) -> str:
    return ", ".join(match.string for match in matches)
