"""Warnings about pictures that lie in a data set more than once."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

# A picture's path, its class, and the SHA-256 of its file.
Known = tuple[Path, str, str]


def copies(root: Path, parts: Mapping[str, Sequence[Known]]) -> Iterator[str]:
    """Lines for the user about pictures in two classes, and test pictures that are also trained on.

    Args:
        root: the folder of the data set; the lines name pictures relative to it.
        parts: its pictures, by the name of their part; a file may be listed once for each page.

    Example:
        >>> train = [(Path("mine/train/3/a.png"), "3", "0f")]
        >>> test = [(Path("mine/test/3/b.png"), "3", "0f")]
        >>> for line in copies(Path("mine"), {"train": train, "test": test}):
        ...     print(line.partition(";")[0])
        mine: 1 of 1 test pictures are training pictures too, such as test/3/b.png
    """
    files = {part: {path: known for path, *known in pictures} for part, pictures in parts.items()}
    yield from _two_classes(root, [each for known in files.values() for each in known.items()])
    trained_on = {sha256 for _, sha256 in files["train"].values()}
    for part, known in files.items():
        copied = [path for path, (_, sha256) in known.items() if sha256 in trained_on]
        if copied and part != "train":
            yield (
                f"{root}: {len(copied)} of {len(known)} {part} pictures are training pictures "
                f"too, such as {_name(root, copied[0])}; the {part} accuracy will be too high"
            )


def _two_classes(root: Path, files: Sequence[tuple[Path, list[str]]]) -> Iterator[str]:
    places: dict[str, dict[str, Path]] = defaultdict(dict)
    for path, (label, sha256) in files:
        places[sha256].setdefault(label, path)
    several = [list(paths.values()) for paths in places.values() if len(paths) > 1]
    if several:
        one, other = (_name(root, path) for path in several[0][:2])
        pictures = "1 picture is" if len(several) == 1 else f"{len(several)} pictures are"
        yield f"{root}: {pictures} in the folders of two classes, such as {one} and {other}"


def _name(root: Path, path: Path) -> str:
    return os.path.relpath(path, root)
