"""The data set ``npz``: a NumPy archive, such as those of Keras and MedMNIST."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Union

import numpy as np

from ..arguments import check_path
from ..arrays import AnyArray, Images, Labels
from ..digitize.preprocessing import NONE
from ..errors import DataError
from ..storage.npz import NpzFile, open_npz
from .dataset import Dataset
from .first_label import classes_from
from .folder_layout import PARTS
from .given import whole_labels
from .making import as_images, check_preprocessing, make_dataset
from .npz import channels_last, scale_advice
from .tables import is_table, what_instead_of

# Names of the arrays of images and of labels, before or after the name of their part.
_ROLES = {
    **dict.fromkeys(("x", "image", "images", "data"), "images"),
    **dict.fromkeys(("y", "label", "labels", "target", "targets"), "labels"),
}


def npz(
    *,
    path: Union[str, os.PathLike[str]],
    classes: Union[int, Sequence[str], None] = None,
    first_label: int = 0,
    preprocessing: str = NONE,
) -> Dataset:
    """One file of NumPy's ``savez``: ``mnist.npz`` of Keras, MedMNIST's files, or your own.

    Its arrays are called ``x_train``, ``y_train``, ``x_test`` and ``y_test``, or ``train_images``
    and so on; it may also have a part ``val``. Images are uint8 (N, H, W), (N, C, H, W) or, with 1
    or 3 channels, (N, H, W, C); labels are whole numbers (N,) or (N, 1).

    Args:
        path: the file; ``~`` is your home.
        classes: the names of the labels from ``first_label`` on, or their number; if left out, all
            up to the highest label.
        first_label: the label of the first class.
        preprocessing: ``mnist`` if the images have the form of MNIST's; pictures are then given
            that form before prediction. ``none`` if they are pictures without such a change.

    Raises:
        DataError: if the file or an array is missing or damaged, or arrays contradict one another.
        UsageError: if an option is of another type.

    Example:
        >>> images, labels = np.full((2, 28, 28), 255, np.uint8), np.array([0, 1])
        >>> np.savez("mine.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
        >>> data = npz(path="mine.npz")
        >>> data.classes, data.train.images.shape
        (('0', '1'), (2, 1, 28, 28))
    """
    check_path(path, "a file")
    file_path = Path(os.path.expanduser(path))
    instead = what_instead_of(file_path) if file_path.is_file() else ""
    if instead and (is_table(file_path) or not zipfile.is_zipfile(file_path)):
        raise DataError(f"{file_path}: not an NPZ file{instead}")
    with open_npz(file_path) as file:
        names, others = _named(file_path, file)
        file.check_size()
        arrays = {key: file.array(name) for key, name in names.items()}
    parts = dict.fromkeys(part for part, _ in names)
    notes = [f"{file_path}: passed over {', '.join(others)}"] if others else []
    labels = {
        part: _labels(file_path, names[part, "labels"], arrays[part, "labels"]) for part in parts
    }
    called, noted = classes_from(file_path, classes, first_label, list(labels.values()))
    splits = {
        part: (
            _images(file_path, names[part, "images"], arrays[part, "images"]),
            labels[part] - first_label,
        )
        for part in parts
    }
    check_preprocessing(preprocessing, splits["train"][0])
    return make_dataset(
        str(file_path),
        {
            **splits,
            "classes": called,
            "hashes": {
                name: hashlib.sha256(np.ascontiguousarray(arrays[key]).data).hexdigest()
                for key, name in names.items()
            },
            "preprocessing": preprocessing,
            "notes": [*notes, *noted],
        },
    )


def holds_data_set(path: Path) -> bool:
    """Whether an archive has arrays with the names of training and test images and labels.

    Example:
        >>> np.savez("mine.npz", images=np.zeros((2, 28, 28), np.uint8))
        >>> holds_data_set(Path("mine.npz"))
        False
    """
    try:
        with open_npz(path) as file:
            _named(path, file)
    except DataError:
        return False
    return True


def _named(path: Path, file: NpzFile) -> tuple[dict[tuple[str, str], str], list[str]]:
    """The array's name for each part and role, {(part, role): name}, and all other names."""
    found: dict[tuple[str, str], str] = {}
    others = []
    for name in file.names:
        key = _key(name)
        if key is None:
            others.append(name)
        elif key in found:
            raise DataError(f"{path}: {found[key]} and {name} might each be its {' '.join(key)}")
        else:
            found[key] = name
    needed = [("train", "images"), ("train", "labels"), ("test", "images"), ("test", "labels")]
    if any(part == "validation" for part, _ in found):
        needed += [("validation", "images"), ("validation", "labels")]
    if missing := [key for key in needed if key not in found]:
        wanted = ", ".join(f"{_usual(*key)}=..." for key in needed)
        raise DataError(
            f"{path}: has no {', '.join(_usual(*key) for key in missing)}; its arrays are "
            f"{', '.join(file.names) or 'none'}; save all it needs: "
            f"numpy.savez({str(path)!r}, {wanted})"
        )
    return {key: found[key] for key in needed}, others


def _usual(part: str, role: str) -> str:
    """Keras's name for the array of a part and role."""
    return f"{'xy'[role == 'labels']}_{part}"


def _key(name: str) -> Union[tuple[str, str], None]:
    """``("train", "images")`` for ``x_train`` and ``train_images``; None for other names."""
    words = name.lower().split("_")
    for part, role in (words, words[::-1]) if len(words) == 2 else ():
        if part in PARTS and role in _ROLES:
            return PARTS[part], _ROLES[role]
    return None


def _images(path: Path, name: str, images: AnyArray) -> Images:
    if images.dtype != np.uint8:
        how = scale_advice(name, images.dtype)
        raise DataError(f"{path}: {name} must be uint8, it is {images.dtype}{how}")
    moved = np.moveaxis(images, 3, 1) if channels_last(images.shape) else images
    return as_images(f"{path}: {name}", moved)


def _labels(path: Path, name: str, labels: AnyArray) -> Labels:
    return whole_labels(f"{path}: {name}", labels).astype(np.int64)
