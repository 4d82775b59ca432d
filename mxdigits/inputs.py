"""What people name to have it read: pictures, folders, globs, ``-``, IDX, NPZ, data sets.

Everything comes one image at a time, so that a million of them take the memory of one.
"""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional

import numpy as np
from numpy.typing import NDArray

from .data.dataset import Dataset
from .data.idx import idx_images, is_idx
from .data.idx_folder import holds_idx
from .data.load import load_dataset
from .data.npz import is_npz, npz_images
from .errors import DataError, UsageError
from .picture import SUFFIXES, open_picture
from .preprocessing import Preprocessing
from .registry import DATASETS

Box = tuple[int, int, int, int]

STDIN = "-"


@dataclass(frozen=True, eq=False)
class Item:
    """One image for a network.

    ``file`` is where it comes from; ``image`` is uint8 (C, H, W); ``label`` is known in data sets,
    ``box`` where a picture holds several digits, ``picture`` (H, W) where there was one.
    """

    file: str
    image: NDArray[np.uint8]
    label: Optional[int] = None
    box: Optional[Box] = None
    picture: Optional[NDArray[np.float32]] = None


@dataclass(frozen=True)
class Reader:
    """Reads inputs for a network.

    ``many`` asks for every digit of a picture instead of one; ``split`` is the part of data sets;
    ``unread`` is told of each picture that cannot be read, which is passed over.
    """

    preprocessing: Preprocessing
    many: bool
    split: str
    unread: Callable[[DataError], None]

    def items(self, names: Iterable[str]) -> Iterator[Item]:
        """Every image of every input, in order.

        Raises:
            UsageError: if a name is neither a file nor a data set.
            DataError: if a data set cannot be read, or its images do not suit the network.
        """
        for name in names:
            yield from self._input(name)

    def _input(self, name: str) -> Iterator[Item]:
        path = Path(name)
        if name == STDIN:
            yield from self._picture(STDIN)
        elif path.is_dir() and not holds_idx(path):
            yield from self._pictures(_below(path))
        elif path.is_dir():
            yield from self.dataset(load_dataset("idx", {"path": name}))
        elif path.exists():
            yield from self._file(path)
        elif glob.has_magic(name):
            found = sorted(
                file for file in glob.iglob(name, recursive=True) if os.path.isfile(file)
            )
            if not found:
                raise UsageError(f"no file matches {name}")
            for file in found:
                yield from self._file(Path(file))
        elif name in DATASETS.names():
            yield from self.dataset(load_dataset(name))
        else:
            raise UsageError(f"there is no file {name}, nor a data set of that name")

    def _file(self, path: Path) -> Iterator[Item]:
        if is_idx(path):
            yield from self._images(str(path), idx_images(path))
        elif is_npz(path):
            yield from self._images(str(path), npz_images(path))
        else:
            yield from self._picture(str(path))

    def _pictures(self, names: Iterable[str]) -> Iterator[Item]:
        for name in names:
            yield from self._picture(name)

    def _picture(self, name: str) -> Iterator[Item]:
        try:
            if name == STDIN:
                picture = open_picture(sys.stdin.buffer.read(), name="standard input")
            else:
                picture = open_picture(name)
        except DataError as error:
            self.unread(error)
            return
        if self.many:
            digits = self.preprocessing.digits(picture)
            found = [Item(name, digit.image, box=digit.box, picture=picture) for digit in digits]
        else:
            image = self.preprocessing.image(picture)
            found = [Item(name, image, picture=picture)] if image.any() else []
        if not found:
            self.unread(DataError(f"{name}: shows no digit"))
        yield from found

    def _images(self, name: str, images: Iterable[NDArray[np.uint8]]) -> Iterator[Item]:
        for image in images:
            image = image if image.ndim == 3 else image[None]
            self._check(name, image)
            yield Item(name, image)

    def dataset(self, dataset: Dataset) -> Iterator[Item]:
        """Every image of a part of a data set, in order."""
        split = dataset.train if self.split == "train" else dataset.test
        for image, label in zip(split.images, split.labels.tolist()):
            self._check(dataset.name, image)
            yield Item(dataset.name, image, label=label)

    def _check(self, name: str, image: NDArray[np.uint8]) -> None:
        if image.shape != self.preprocessing.image_shape:
            raise DataError(
                f"{name}: the images are of shape {image.shape}; "
                f"the network takes {self.preprocessing.image_shape}"
            )


def _below(folder: Path) -> Iterator[str]:
    """The pictures below a folder, by their suffixes, in the order of their names."""
    found = False
    for where, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                found = True
                yield os.path.join(where, name)
    if not found:
        raise UsageError(f"the folder {folder} holds no pictures ({', '.join(SUFFIXES)})")
