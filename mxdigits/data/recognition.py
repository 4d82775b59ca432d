"""Recognizes the data set in a folder: IDX files, an NPZ file, or pictures sorted into folders."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import DataError
from ..wording import no_such
from .dataset import Dataset
from .folder import count_pictures
from .idx_folder import holds_idx
from .load import load_dataset
from .npz import is_npz
from .npz_set import holds_data_set
from .tables import what_instead_of


@dataclass(frozen=True)
class Recognized:
    """A data set that was found: the name of the data set that reads it, and what it holds.

    ``samples`` counts the images of each part; ``size`` is the smaller of height and width.

    Example:
        >>> Recognized("folder", "mine", {"train": 40}, ("0", "1"), 28).samples["train"]
        40
    """

    name: str
    path: str
    samples: dict[str, int]
    classes: tuple[str, ...]
    size: int
    notes: Sequence[str] = ()


def recognize(path: Path) -> Recognized:
    """Recognize the data set in a folder, or in an NPZ file.

    IDX and NPZ files are read; pictures are only counted.

    Raises:
        DataError: if there is none, or it is damaged.

    Example:
        >>> for name in ("3/a.png", "7/b.png", "7/c.png"):
        ...     Path("mine", name).parent.mkdir(parents=True, exist_ok=True)
        ...     Path("mine", name).touch()
        >>> found = recognize(Path("mine"))
        >>> found.name, found.samples, found.classes
        ('folder', {'train': 3}, ('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'))
    """
    if is_npz(path):
        return _read("npz", path)
    if not os.path.isdir(path):
        if os.path.exists(path):
            raise DataError(f"{path}: not a folder{what_instead_of(path)}")
        raise DataError(no_such("folder", path))
    if holds_idx(path):
        return _read("idx", path)
    archives = sorted(each for each in path.iterdir() if is_npz(each) and each.is_file())
    sets = [each for each in archives if holds_data_set(each)]
    if len(sets) > 1:
        names = ", ".join(each.name for each in sets)
        raise DataError(f"{path}: holds several data sets ({names}); name one, such as {sets[0]}")
    if sets:
        return _read("npz", sets[0])
    try:
        counted = count_pictures(path)
    except DataError as error:
        if any(each.is_dir() for each in path.iterdir()):  # the error about pictures says more
            raise
        raise DataError(
            f"{error}; IDX files are called train-images-idx3-ubyte and so on, the arrays of an "
            "NPZ file x_train, y_train, x_test, y_test"
        ) from None
    samples = {part: sum(counts.values()) for part, counts in counted.counts.items()}
    return Recognized("folder", str(path), samples, counted.classes, 28, counted.notes)


def _read(name: str, path: Path) -> Recognized:
    notes: list[str] = []
    dataset: Dataset = load_dataset(name, {"path": str(path)}, notes.append)
    samples = {part: len(split) for part, split in dataset.parts.items()}
    size = min(dataset.image_shape[1:])
    return Recognized(name, str(path), samples, dataset.classes, size, notes)
