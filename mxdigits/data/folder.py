"""Pictures of one's own, sorted into folders that are named after what they show."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Optional, Union

import numpy as np
from numpy.typing import NDArray

from ..digitize import digitize as in_form
from ..errors import DataError, UsageError
from ..picture import SUFFIXES, open_picture
from .dataset import Dataset, Split, make_dataset

_DIGITS = tuple("0123456789")


@dataclass(frozen=True)
class _File:
    """A picture: where it lies, what it shows, and the SHA-256 of its content."""

    path: Path
    label: str
    sha256: str
    image: NDArray[np.uint8]


def folder(
    *,
    path: Union[str, os.PathLike[str]],
    digitize: bool = True,
    test_share: float = 0.2,
    seed: int = 0,
    classes: Optional[Sequence[str]] = None,
) -> Dataset:
    """Pictures in ``train/3/*.png`` and ``test/3/*.png``, or in ``3/*.png`` alone.

    Where there is no ``test``, a share of the pictures is kept to test with.  Which ones follows
    from their content and the seed alone: a picture stays on its side when others are added, and
    copies of one picture are on one side.

    Args:
        path: the folder; ``~`` is your home.
        digitize: give the pictures MNIST's form; if false, they must be of one size, and are taken
            as they are.
        test_share: of the pictures to test with, where there is no ``test``; with 0, none is, which
            is for a part of a mix.
        seed: of that choice.
        classes: the names of the folders in the order of their labels; if left out, 0 to 9 where
            all are digits, else the names in the order of the alphabet.

    Raises:
        DataError: naming the file, if one cannot be read or does not fit; if there are no pictures.
        UsageError: if an option is of another type.
    """
    _check(path, digitize, test_share, seed)
    root = Path(os.path.expanduser(path))
    if (root / "train").is_dir():
        train = _read(root / "train", digitize)
        test = _read(root / "test", digitize) if (root / "test").is_dir() else None
    else:
        train, test = _read(root, digitize), None
    if test is None:
        train, test = _split(root, train, test_share, seed) if test_share else (train, [])
    names = _names(root, classes, {file.label for file in (*train, *test)})
    made = make_dataset(
        str(root),
        {
            "train": _together(train, names),
            "test": _together(test or train, names),
            "classes": names,
            "hashes": {"train": _digest(train), "test": _digest(test)},
            "preprocessing": "mnist" if digitize else "none",
        },
    )
    return made if test else replace(made, test=made.test[:0])


def _check(path: object, digitize: object, test_share: object, seed: object) -> None:
    if not isinstance(path, (str, os.PathLike)):
        raise UsageError(f"option path: expected a folder, got {path!r}")
    if not isinstance(digitize, bool):
        raise UsageError(f"option digitize: expected true or false, got {digitize!r}")
    number = isinstance(test_share, (int, float)) and not isinstance(test_share, bool)
    if not number or not 0 <= test_share < 1:  # type: ignore[operator]
        raise UsageError(f"option test_share: expected a share between 0 and 1, got {test_share!r}")
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise UsageError(f"option seed: expected a whole number, got {seed!r}")


def _read(root: Path, digitize: bool) -> list[_File]:
    """Every picture below the folders of the classes, in the order of their names."""
    if not root.is_dir():
        raise DataError(f"{root}: no such folder")
    found = []
    shape: Optional[tuple[int, ...]] = None
    for label in sorted(each for each in root.iterdir() if each.is_dir() and each.name[0] != "."):
        for path in sorted(label.rglob("*")):
            if path.suffix.lower() not in SUFFIXES or path.name[0] == "." or not path.is_file():
                continue
            file = _file(path, label.name, digitize)
            shape = shape or file.image.shape
            if file.image.shape != shape:
                raise DataError(
                    f"{path}: is {_size(file.image.shape)}, the pictures before it {_size(shape)}; "
                    f"without digitize all must be of one size"
                )
            found.append(file)
    if not found:
        raise DataError(f"{root}: holds no pictures; put them into folders such as {root / '3'}")
    return found


def _file(path: Path, label: str, digitize: bool) -> _File:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    picture = open_picture(content, name=str(path))
    image = in_form(picture) if digitize else np.rint(picture * 255).astype(np.uint8)
    if digitize and not image.any():
        raise DataError(f"{path}: shows no digit")
    return _File(path, label, hashlib.sha256(content).hexdigest(), image)


def _size(shape: Sequence[int]) -> str:
    return f"{shape[1]} x {shape[0]}"


def _split(
    root: Path, files: list[_File], share: float, seed: int
) -> tuple[list[_File], list[_File]]:
    """To train on, and to test with: at least one of each."""
    place = {
        file.sha256: int(hashlib.sha256(f"{seed} {file.sha256}".encode()).hexdigest(), 16) / 2**256
        for file in files
    }
    if len(place) < 2:
        raise DataError(f"{root}: one picture is too few to train on some and test with others")
    ordered = sorted(place.values())
    limit = min(max(share, ordered[1]), ordered[-1])  # the lowest tests, the highest trains
    train = [file for file in files if place[file.sha256] >= limit]
    return train, [file for file in files if place[file.sha256] < limit]


def _names(root: Path, classes: Optional[Sequence[str]], found: set[str]) -> tuple[str, ...]:
    if classes is None:
        return _DIGITS if found <= set(_DIGITS) else tuple(sorted(found))
    names = tuple(map(str, classes))
    if strange := sorted(found - set(names)):
        raise DataError(f"{root}: the folders {', '.join(strange)} are not among the classes")
    return names


def _together(files: Sequence[_File], names: Sequence[str]) -> Split:
    images = np.stack([file.image for file in files])[:, None]
    return Split(images, np.array([names.index(file.label) for file in files], np.int64))


def _digest(files: Iterable[_File]) -> str:
    """One SHA-256 for a part: of its labels and contents, whatever the files are called."""
    lines = sorted(f"{file.label} {file.sha256}\n" for file in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
