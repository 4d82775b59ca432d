"""The data set ``idx``: a folder with four IDX files in MNIST's format."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Callable, Union

import numpy as np

from ..arguments import check_path
from ..arrays import AnyArray, Images, Labels
from ..digitize.preprocessing import NONE
from ..errors import DataError, UsageError
from ..values import as_written
from ..wording import no_such
from .dataset import Dataset
from .first_label import classes_from
from .hashes import Hashes
from .idx import INT32, read_idx_hashed_later
from .making import check_preprocessing, make_dataset
from .tables import what_instead_of

# train-images-idx3-ubyte, t10k-labels.idx1-ubyte.gz, emnist-digits-test-images-idx3-ubyte, ...
_NAME = re.compile(
    r"(?P<prefix>.+[-_])?(?P<part>train|test|t10k)-"
    r"(?:(?P<role>images|labels)[-.]idx[13]-ubyte|labels[-.](?P<qmnist>idx2-int))(?P<gz>\.gz)?"
)
_USUAL = {
    ("train", "images"): "train-images-idx3-ubyte",
    ("train", "labels"): "train-labels-idx1-ubyte",
    ("test", "images"): "t10k-images-idx3-ubyte",
    ("test", "labels"): "t10k-labels-idx1-ubyte",
}

# QMNIST's labels are rows of this many integers, the class first (Yadav and Bottou, "Cold Case: the
# Lost MNIST Digits", 2019).
_QMNIST_COLUMNS = 8

FoundLater = Callable[[], str]

# The number of images to transpose at a time.
_PIECE = 1000


def idx(
    *,
    path: Union[str, os.PathLike[str]],
    classes: Union[int, Sequence[str], None] = None,
    transpose: bool = False,
    first_label: int = 0,
    preprocessing: str = NONE,
) -> Dataset:
    """Four files in MNIST's format: EMNIST, Fashion-MNIST, Kuzushiji-MNIST, QMNIST or your own.

    The files are named like MNIST's (``train-images-idx3-ubyte``, or with ``.idx3``; ``t10k`` or
    ``test``), plain or with ``.gz``; all may have the same prefix, such as EMNIST's
    ``emnist-digits-``. If a file is there both plain and compressed, the plain one is read. Labels
    may also be QMNIST's, ``qmnist-train-labels-idx2-int``.

    Args:
        path: the folder; ``~`` is your home.
        classes: the names of the labels from ``first_label`` on, or their number; if left out, all
            up to the highest label.
        transpose: swap rows and columns. EMNIST needs it: its images are transposed compared with
            MNIST's.
        first_label: the label of the first class.  EMNIST's letters count from 1.
        preprocessing: ``mnist`` if the images have the form of MNIST's, like EMNIST's; pictures are
            then given that form before prediction. ``none`` if they are pictures without such a
            change.

    Raises:
        DataError: if the folder or a file is missing or damaged, or files contradict one another.
        UsageError: if an option is of another type.

    Example:
        >>> from mxdigits.data.idx import write_idx
        >>> for part in ("train", "t10k"):
        ...     write_idx(f"{part}-images-idx3-ubyte", np.full((2, 28, 28), 255, np.uint8))
        ...     write_idx(f"{part}-labels-idx1-ubyte", np.array([0, 1], np.uint8))
        >>> idx(path=".").classes
        ('0', '1')
    """
    check_path(path, "a folder")
    if not isinstance(transpose, bool):
        raise UsageError(f"option transpose: must be true or false, got {as_written(transpose)}")
    folder = Path(os.path.expanduser(path))
    files = _four_files(folder)
    train, train_hashes = _read_pair(files["train", "images"], files["train", "labels"], transpose)
    test, test_hashes = _read_pair(files["test", "images"], files["test", "labels"], transpose)
    check_preprocessing(preprocessing, train[0])
    names, notes = classes_from(folder, classes, first_label, [train[1], test[1]])
    return make_dataset(
        str(folder),
        {
            "train": (train[0], train[1] - first_label),
            "test": (test[0], test[1] - first_label),
            "classes": names,
            "hashes": Hashes({**train_hashes, **test_hashes}),
            "preprocessing": preprocessing,
            "notes": notes,
        },
    )


def holds_idx(folder: Path) -> bool:
    """Whether a folder holds a file with a name of MNIST's four files.

    Raises:
        DataError: if it cannot be read.

    Example:
        >>> Path("train-images.idx3-ubyte.gz").touch()
        >>> holds_idx(Path("."))
        True
    """
    return any(map(_NAME.fullmatch, _file_names(folder)))


def _read_pair(
    images_file: Path, labels_file: Path, transpose: bool
) -> tuple[tuple[Images, Labels], dict[str, FoundLater]]:
    """Read (images, labels), and a function for each file's SHA-256, named without ``.gz``."""
    images, images_hash = read_idx_hashed_later(images_file, dims=3)
    labels, labels_hash = _read_labels(labels_file)
    if len(images) != len(labels):
        raise DataError(
            f"{images_file} holds {len(images)} images, "
            f"but {labels_file} holds {len(labels)} labels"
        )
    if transpose:
        images = _transposed(images)
    return (images, labels.astype(np.int64)), {
        images_file.name.removesuffix(".gz"): images_hash,
        labels_file.name.removesuffix(".gz"): labels_hash,
    }


def _read_labels(file: Path) -> tuple[AnyArray, FoundLater]:
    """The labels (N,) of MNIST's or QMNIST's form, and a function that gives the file's SHA-256."""
    match = _NAME.fullmatch(file.name)
    if match is None or not match["qmnist"]:
        return read_idx_hashed_later(file, dims=1)
    rows, sha256 = read_idx_hashed_later(file, dims=2, kind=INT32)
    if rows.shape[1] != _QMNIST_COLUMNS:
        raise DataError(
            f"{file}: has {rows.shape[1]} columns; QMNIST's labels have {_QMNIST_COLUMNS}"
        )
    return rows[:, 0], sha256


def _transposed(images: Images) -> Images:
    """Images (N, H, W) as (N, W, H), in place: there may be no memory for a second copy."""
    count, height, width = images.shape
    for begin in range(0, count, _PIECE):
        piece = images[begin : begin + _PIECE]
        piece[:] = piece.swapaxes(1, 2).reshape(piece.shape)
    return images.reshape(count, width, height)


def _four_files(folder: Path) -> dict[tuple[str, str], Path]:
    """Find the four files of one data set, by part and role."""
    names = _file_names(folder)
    matching: dict[tuple[str, str], list[re.Match[str]]] = {key: [] for key in _USUAL}
    for match in filter(None, map(_NAME.fullmatch, sorted(names))):
        if not (match["gz"] and match.string.removesuffix(".gz") in names):
            part = "train" if match["part"] == "train" else "test"
            matching[part, match["role"] or "labels"].append(match)
    for key, matches in matching.items():  # MNIST's form of labels goes before QMNIST's
        matching[key] = [match for match in matches if not match["qmnist"]] or matches
    if missing := [usual for key, usual in _USUAL.items() if not matching[key]]:
        raise DataError(f"{folder}: has no {', '.join(missing)} (plain, or with .gz)")
    for (part, role), matches in matching.items():
        if len(matches) > 1:
            raise DataError(
                f"{folder}: {len(matches)} files might hold the {part} {role}: "
                f"{_listed(matches)}; keep each data set in a folder of its own"
            )
    chosen = {key: matches[0] for key, matches in matching.items()}
    if len({match["prefix"] for match in chosen.values()}) > 1:
        raise DataError(
            f"{folder}: these files belong to different data sets: {_listed(chosen.values())}"
        )
    return {key: folder / match.string for key, match in chosen.items()}


def _file_names(folder: Path) -> set[str]:
    try:
        # Files only: some archives of MNIST unpack to folders with the names of the files.
        with os.scandir(folder) as entries:
            return {entry.name for entry in entries if entry.is_file()}
    except FileNotFoundError:
        raise DataError(no_such("folder", folder)) from None
    except NotADirectoryError:
        raise DataError(f"{folder}: not a folder{what_instead_of(folder)}") from None
    except (OSError, ValueError) as error:  # a name with a NUL is a ValueError
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{folder}: cannot be read: {reason}") from None


def _listed(matches: Iterable[re.Match[str]]) -> str:
    return ", ".join(match.string for match in matches)
