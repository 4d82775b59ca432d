"""Finds out what the folders in a folder are: parts of a data set, classes, or neither."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from ..errors import DataError
from ..wording import some_of
from .walk import Walker, Why

# Usual names of the parts of a data set, in upper or lower case.
PARTS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}


class Picture(NamedTuple):
    """A picture's path, and the folder of its class.

    Example:
        >>> Picture(Path("mine/3/a.png"), "3").label
        '3'
    """

    path: Path
    label: str


def parts_of(walker: Walker) -> dict[str, Path]:
    """The folders of the parts: ``{"train": mine/Training, ...}``; empty if there are only classes.

    Raises:
        DataError: if a part has two folders, or there is none to train on.

    Example:
        >>> for name in ("mine/Training/3", "mine/Test/3"):
        ...     os.makedirs(name)
        >>> parts_of(Walker(Path("mine"), print))["train"].name
        'Training'
    """
    root = walker.root
    entries = walker.look(root)
    named = defaultdict(list)
    for path in (path for path, is_folder in entries if is_folder):
        named[PARTS.get(path.name.lower(), "")].append(path)
    others = named.pop("", [])
    if "train" not in named:
        parts = [path for paths in named.values() for path in paths if not _has_pictures(path)]
        if parts:
            raise DataError(
                f"{root}: has {_listed(parts)}, and no folder train to train on; "
                f"to take its pictures all the same, write path: {parts[0]}"
            )
        return {}
    for part, paths in named.items():
        if len(paths) > 1:
            raise DataError(f"{root}: {_listed(paths)} might each be its {part} part; keep one")
    for path in others:
        walker.pass_over(Why.ASIDE, path)
    for path in (path for path, is_folder in entries if not is_folder):
        walker.pass_over(Why.LOOSE, path)
    return {part: named[part][0] for part in ("train", "validation", "test") if part in named}


def pictures_of(walker: Walker, folder: Path) -> list[Picture]:
    """The pictures of every class of a part, or of the whole folder, in the order of their paths.

    Raises:
        DataError: if there are none, or a folder that should be a class holds only folders.

    Example:
        >>> os.makedirs("mine/3")
        >>> Path("mine/3/a.png").touch()
        >>> [picture.label for picture in pictures_of(Walker(Path("mine"), print), Path("mine"))]
        ['3']
    """
    pictures_found, nested, loose = [], [], []
    for path, is_folder in walker.look(folder):
        if not is_folder:
            loose.append(path)
            continue
        pictures = list(walker.below(path))
        pictures_found += [Picture(each, path.name) for each in pictures]
        if not pictures:
            walker.pass_over(Why.EMPTY, path)
        elif all(each.parent != path for each in pictures):
            nested.append(path)
    if nested:
        raise DataError(_only_folders(folder, nested))
    if not pictures_found:
        raise DataError(_no_classes(walker, folder, loose))
    for path in loose:
        walker.pass_over(Why.LOOSE, path)
    return pictures_found


def neighbours(root: Path) -> list[str]:
    """A line if the folder is itself a part, and other parts beside it are not read.

    Example:
        >>> for name in ("mine/train/3", "mine/test/3"):
        ...     os.makedirs(name)
        >>> neighbours(Path("mine/train"))
        ['mine/train is read alone; to read test beside it too, write path: mine']
    """
    part, above = PARTS.get(_name(root).lower()), _above(root)
    if part is None:
        return []
    beside = [each for each in Walker(above, lambda error: None).look(above) if each.is_folder]
    others = [each.path for each in beside if PARTS.get(each.path.name.lower(), part) != part]
    if not others:
        return []
    return [f"{root} is read alone; to read {_listed(others)} beside it too, write path: {above}"]


def _has_pictures(folder: Path) -> bool:
    return any(not each.is_folder for each in Walker(folder, lambda error: None).look(folder))


def _only_folders(root: Path, nested: Sequence[Path]) -> str:
    hold = "holds" if len(nested) == 1 else "hold"
    return (
        f"{root}: {_listed(nested)} {hold} only folders, and the folder of a class holds its "
        f"pictures itself; if {nested[0]} is the data set, write path: {nested[0]}"
    )


def _no_classes(walker: Walker, folder: Path, loose: Sequence[Path]) -> str:
    if not loose:
        text = f"{folder}: holds no pictures; put them into folders such as {folder / '3'}"
        return "; ".join([text, *walker.passed.lines])
    text = (
        f"{folder}: its pictures are in no class's folder; "
        f"put them into folders such as {folder / '3'}"
    )
    if folder != walker.root:
        return text
    above = _above(folder)
    meant = _above(above) if _name(above).lower() in PARTS else above
    return f"{text}; if {_name(folder)} is one of the classes, write path: {meant}"


def _above(folder: Path) -> Path:
    return Path(os.path.normpath(folder / ".."))


def _name(folder: Path) -> str:
    return Path(os.path.abspath(folder)).name


def _listed(paths: Iterable[Path]) -> str:
    return some_of([path.name for path in paths], 3)
