"""The data set ``folder``: the user's own pictures, sorted into folders named after classes."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable, Optional, Union

import numpy as np

from ..arguments import check_path
from ..arrays import Pixels, Shape
from ..digitize.mnist_form import digitize as in_form
from ..digitize.picture_reader import PictureReader
from ..digitize.preprocessing import MNIST, NONE
from ..errors import DataError, PicturesRefused, UsageError
from ..printing import encodable
from ..values import as_written, is_number, is_whole
from ..wording import no_such, some_of
from .copies import copies
from .dataset import Dataset, Split
from .folder_layout import Picture, neighbours, parts_of, pictures_of
from .images import check_brightness
from .making import make_dataset
from .tables import what_instead_of
from .walk import Walker

_DIGITS = tuple("0123456789")
_BLANK = "shows no digit"
_NAMED = 5  # classes that a message names


@dataclass(frozen=True)
class _File:
    """A picture: its path, its class, the SHA-256 of its file, and its image."""

    path: Path
    label: str
    sha256: str
    image: Pixels


def folder(
    *,
    path: Union[str, os.PathLike[str]],
    digitize: bool = True,
    test_share: float = 0.2,
    seed: int = 0,
    classes: Optional[Sequence[str]] = None,
) -> Dataset:
    """Pictures in ``train/3/*.png`` and ``test/3/*.png``, or in ``3/*.png`` alone.

    The parts may be called ``train`` or ``training``, ``val``, ``valid`` or ``validation``, and
    ``test`` or ``testing``, in any case. Without ``test``, a share of the pictures is kept for
    testing. Only their content and the seed decide which: a picture stays in its part when others
    are added, and copies of one picture are in one part.

    Links are followed; hidden files are not read. The data set's ``notes`` say what was passed
    over.

    Args:
        path: the folder; ``~`` is your home.
        digitize: give the pictures MNIST's form; if false, they stay unchanged and must be of one
            size.
        test_share: share of the pictures to test with, if there is no ``test``; 0 is for parts of
            mixes.
        seed: decides which pictures these are.
        classes: the names of the folders in the order of their labels; if left out, 0 to 9 if all
            are digits, else sorted: as numbers if all are whole numbers, otherwise by the alphabet.

    Raises:
        DataError: if files cannot be read or do not fit (it names each); if there are no pictures;
            if a folder that should be a class holds only folders.
        UsageError: if an option is of another type.

    Example:
        >>> from PIL import Image, ImageDraw
        >>> for place in ("1/a", "1/b", "7/a", "7/b"):
        ...     os.makedirs(f"mine/{place[0]}", exist_ok=True)
        ...     picture = Image.new("L", (28, 28))
        ...     ImageDraw.Draw(picture).text((9, 9), place, fill=255)
        ...     picture.save(f"mine/{place}.png")
        >>> data = folder(path="mine", test_share=0.5)
        >>> labels = [*data.train.labels.tolist(), *data.test.labels.tolist()]
        >>> data.train.images.shape[1:], sorted(labels)
        ((1, 28, 28), [1, 1, 7, 7])
    """
    _check(path, digitize, test_share, seed)
    _check_classes(classes)
    root = Path(os.path.expanduser(path))
    walker = Walker(root, _raise)
    parts = _read(walker, _listed(walker), digitize)
    notes = [*walker.notes, *neighbours(root)]
    if "test" not in parts and test_share:
        train, test = _split(walker, parts["train"], test_share, seed)
        notes.append(
            f"{root} has no folder test: {len(test)} of {len(parts['train'])} pictures are kept to "
            f"test with"
        )
        parts.update(train=train, test=test)
    hashes = {part: _digest(files) for part, files in parts.items()}
    notes += copies(
        root,
        {
            part: [(each.path, each.label, each.sha256) for each in files]
            for part, files in parts.items()
        },
    )
    untested = "test" not in parts
    if untested:  # checked with the training pictures as test pictures
        parts["test"] = parts["train"]
    names = _names(root, classes, {file.label for files in parts.values() for file in files})
    made = make_dataset(
        str(root),
        {
            **{part: _together(files, names) for part, files in parts.items()},
            "classes": names,
            "hashes": hashes,
            "preprocessing": MNIST if digitize else NONE,
            "notes": notes,
        },
    )
    return replace(made, test=made.test[:0]) if untested else made


@dataclass(frozen=True)
class Counted:
    """The number of pictures of each class in a folder, by part, counted without reading them.

    Example:
        >>> Counted({"train": {"3": 2}}, ("3",), ()).counts["train"]["3"]
        2
    """

    counts: dict[str, dict[str, int]]
    classes: tuple[str, ...]
    notes: tuple[str, ...]


def count_pictures(path: Path) -> Counted:
    """Count the pictures that :func:`folder` would read, without reading them.

    Without a part for testing, all of them are ``train``.

    Raises:
        DataError: if there are none, or a folder that should be a class holds only folders.

    Example:
        >>> os.makedirs("mine/3")
        >>> Path("mine/3/a.png").touch()
        >>> count_pictures(Path("mine")).counts
        {'train': {'3': 1}}
    """
    walker = Walker(path, _raise)
    counts = {
        part: dict(Counter(_class_name(picture.label) for picture in pictures))
        for part, pictures in _listed(walker).items()
    }
    classes = _names(path, None, {label for part in counts.values() for label in part})
    return Counted(counts, classes, (*walker.notes, *neighbours(path)))


def _check(path: object, digitize: object, test_share: object, seed: object) -> None:
    check_path(path, "a folder")
    if not isinstance(digitize, bool):
        raise UsageError(f"option digitize: must be true or false, got {as_written(digitize)}")
    if not is_number(test_share) or not 0 <= test_share < 1:
        raise UsageError(
            f"option test_share: must be a share between 0 and 1, got {as_written(test_share)}"
        )
    if not is_whole(seed):
        raise UsageError(f"option seed: must be a whole number, got {as_written(seed)}")


def _check_classes(classes: object) -> None:
    named = isinstance(classes, (list, tuple)) and all(
        isinstance(each, (str, int)) and not isinstance(each, bool) for each in classes
    )
    if classes is not None and not named:
        raise UsageError(f"option classes: must be a list of names, got {as_written(classes)}")


def _raise(error: DataError) -> None:
    raise error


def _listed(walker: Walker) -> dict[str, list[Picture]]:
    """The pictures of each part, not yet read; all are ``train`` if there are only classes."""
    if not os.path.isdir(walker.root):  # Path.is_dir raises an error if it may not look
        if os.path.lexists(walker.root):
            raise DataError(f"{walker.root}: not a folder{what_instead_of(walker.root)}")
        raise DataError(no_such("folder", walker.root))
    parts = parts_of(walker) or {"train": walker.root}
    return {part: pictures_of(walker, folder) for part, folder in parts.items()}


def _read(
    walker: Walker, listed: Mapping[str, Sequence[Picture]], digitize: bool
) -> dict[str, list[_File]]:
    """Every picture of every part.

    Raises:
        PicturesRefused: naming all pictures that cannot be used.
    """
    files: dict[str, list[_File]] = {part: [] for part in listed}
    shape: Optional[Shape] = None
    problems: list[str] = []
    blank: Counter[str] = Counter()
    reader = PictureReader()
    for part, pictures in listed.items():
        for path, label in pictures:
            try:
                for file in _pages(path, _class_name(label), digitize, reader):
                    shape = shape or file.image.shape
                    _check_size(file, shape)
                    files[part].append(file)
            except DataError as error:
                problems.append(str(error))
                blank[label] += problems[-1].endswith(_BLANK)
    if problems:
        labels = Counter(label for pictures in listed.values() for _, label in pictures)
        never = [_class_name(label) for label in labels if blank[label] == labels[label] > 1]
        hint = (
            f"; no picture of {some_of(never, _NAMED)} shows a digit: if they show other things, "
        )
        hint += "write digitize: false, which takes pictures as they are"
        raise PicturesRefused(str(walker.root), problems, hint * bool(never))
    return files


def _check_size(file: _File, shape: Sequence[int]) -> None:
    if file.image.shape != shape:
        raise DataError(
            f"{file.path}: is {_size(file.image.shape)}, the pictures before it {_size(shape)}; "
            f"without digitize all must be of one size"
        )


def _pages(path: Path, label: str, digitize: bool, reader: PictureReader) -> Iterator[_File]:
    """The pages of a file as pictures; most files have one."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    sha256 = hashlib.sha256(content).hexdigest()
    for name, picture in reader.pages(content, name=str(path)):
        image = in_form(picture) if digitize else np.rint(picture * 255).astype(np.uint8)
        if not digitize:  # such as 12 bits in a 16-bit file, easily overlooked among others
            check_brightness(name, int(image.max()))
        elif not image.any():
            raise DataError(f"{name}: {_BLANK}")
        yield _File(path, label, sha256, image)


def _size(shape: Sequence[int]) -> str:
    return f"{shape[1]} x {shape[0]}"


def _split(
    walker: Walker, files: list[_File], share: float, seed: int
) -> tuple[list[_File], list[_File]]:
    """Divide files into those for training and those for testing, at least one each."""
    place = {
        file.sha256: int(hashlib.sha256(f"{seed} {file.sha256}".encode()).hexdigest(), 16) / 2**256
        for file in files
    }
    if len(place) < 2:
        what = f"{walker.root}: one picture is too few to train on some and test with others"
        raise DataError("; ".join([what, *walker.passed.lines]))
    ordered = sorted(place.values())
    limit = min(max(share, ordered[1]), ordered[-1])  # lowest: for testing; highest: training
    train = [file for file in files if place[file.sha256] >= limit]
    return train, [file for file in files if place[file.sha256] < limit]


def _names(root: Path, classes: Optional[Sequence[str]], labels: set[str]) -> tuple[str, ...]:
    if classes is None:
        return _DIGITS if labels <= set(_DIGITS) else tuple(sorted(labels, key=_order(labels)))
    names = tuple(map(_class_name, classes))
    if strange := sorted(labels - set(names)):
        raise DataError(f"{root}: the folders {', '.join(strange)} are not among the classes")
    return names


def _class_name(name: Union[str, int]) -> str:
    """A class's name in Unicode's composed form: macOS writes accents as separate characters."""
    return unicodedata.normalize("NFC", encodable(str(name)))


def _order(names: Iterable[str]) -> Callable[[str], Union[str, tuple[int, str]]]:
    """The key to sort names by: 2 comes before 10 if all are whole numbers."""
    if not all(re.fullmatch(r"[+-]?\d+", name) for name in names):
        return str
    return lambda name: (int(name), name)  # 1 and 01 are two classes


def _together(files: Sequence[_File], names: Sequence[str]) -> Split:
    images = np.stack([file.image for file in files])[:, None]
    return Split(images, np.array([names.index(file.label) for file in files], np.int64))


def _digest(files: Iterable[_File]) -> str:
    """The SHA-256 of a part: of its labels and contents, without the files' names."""
    lines = sorted(f"{file.label} {file.sha256}\n" for file in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
