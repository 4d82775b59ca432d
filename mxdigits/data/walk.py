"""Finds the pictures below a folder: which files are read, in what order, and what is passed over.

Data sets and predictions both use it, so that both read the same files.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Callable, NamedTuple, Optional, Union

from ..digitize.opening.heif import HOW, heif_installed
from ..digitize.opening.heif import SUFFIXES as HEIF_SUFFIXES
from ..errors import DataError
from ..storage.files import is_temporary

# Folders that systems create: Synology, macOS' archives, QNAP, Windows, ext4.
_SYSTEM = {
    *("@eadir", "#recycle", "#snapshot", "__macosx", "@recycle", "@recently-snapshot"),
    *("$recycle.bin", "system volume information", "lost+found", "__pycache__"),
}
_NAMED = 3  # names of each kind in the line about what was passed over


class Why(Enum):
    """A reason to pass something over: its words for one thing and for several.

    Example:
        >>> Why.HIDDEN.value
        ('hidden', 'hidden')
    """

    HEIC = "HEIC picture", "HEIC pictures"
    LOOSE = "picture in no class's folder", "pictures in no class's folder"
    ASIDE = "folder beside the parts", "folders beside the parts"
    EMPTY = "folder without pictures", "folders without pictures"
    FOLDER = "folder", "folders"
    HIDDEN = "hidden", "hidden"
    SYSTEM = "system folder", "system folders"
    OTHER = "other file", "other files"
    SPECIAL = "pipe or device", "pipes or devices"
    BROKEN = "broken link", "broken links"
    AGAIN = "link to a folder already entered", "links to folders already entered"


class PassedOver:
    """The files and folders that were not read, and why.

    Example:
        >>> passed = PassedOver()
        >>> passed.add(Why.OTHER, "notes.txt")
        >>> passed.lines
        ['passed over 1 other file (notes.txt)']
    """

    def __init__(self) -> None:
        self._counts = dict.fromkeys(Why, 0)
        self._names: dict[Why, list[str]] = {why: [] for why in Why}

    def add(self, why: Why, name: str) -> None:
        """Count one more; only the first names for each reason are kept."""
        self._counts[why] += 1
        if len(self._names[why]) < _NAMED:
            self._names[why].append(name)

    @property
    def lines(self) -> list[str]:
        """The report to the user: one line, or none."""
        kinds = [self._kind(why, count) for why, count in self._counts.items() if count]
        return [f"passed over {'; '.join(kinds)}"] if kinds else []

    def _kind(self, why: Why, count: int) -> str:
        named = ", ".join(self._names[why]) + ", ..." * (count > _NAMED)
        how = f": {HOW}" * (why is Why.HEIC)
        return f"{count} {why.value[count > 1]} ({named}){how}"


class Entry(NamedTuple):
    """A picture or a folder inside a folder.

    Example:
        >>> Entry(Path("mine/3"), is_folder=True).path.name
        '3'
    """

    path: Path
    is_folder: bool


class Walker:
    """Looks through folders; follows links, except upwards or to a folder that was already entered.

    Args:
        root: the folder to begin in; lines name what is passed over relative to it.
        unread: called for each folder that cannot be listed.

    Example:
        >>> os.makedirs("mine/3")
        >>> Path("mine/3/a.png").touch()
        >>> walker = Walker(Path("mine"), print)
        >>> [str(path) for path in walker.below(Path("mine"))]
        ['mine/3/a.png']
    """

    def __init__(self, root: Path, unread: Callable[[DataError], None]):
        self.root = root
        self.passed = PassedOver()
        self.failed = False
        self._unread = unread
        self._looked: dict[Path, list[Entry]] = {}

    def look(self, folder: Path) -> list[Entry]:
        """The pictures and folders in one folder, in the order of their names."""
        if folder not in self._looked:
            self._looked[folder] = self._list(folder)
        return self._looked[folder]

    def below(self, folder: Path) -> Iterator[Path]:
        """All pictures below a folder, in the order of their names."""
        entered = set(map(_identity, (*self._looked, *folder.resolve().parents)))
        waiting = [Entry(folder, is_folder=True)]
        while waiting:
            path, is_folder = waiting.pop()
            if not is_folder:
                yield path
                continue
            identity = _identity(path)
            if identity is not None and identity in entered:
                self.pass_over(Why.AGAIN, path)
                continue
            entered.add(identity)
            waiting += reversed(self._list(path))

    def pass_over(self, why: Why, path: Union[Path, str]) -> None:
        """Count something that is not read."""
        self.passed.add(why, os.path.relpath(path, self.root))

    @property
    def notes(self) -> list[str]:
        """What was passed over, with the folder's name, as one line or none."""
        return [f"{self.root}: {line}" for line in self.passed.lines]

    def _list(self, folder: Path) -> list[Entry]:
        listed = []
        try:
            with os.scandir(folder) as entries:
                for entry in sorted(entries, key=lambda each: each.name):
                    if is_temporary(entry.name):  # a file that is still being written
                        continue
                    if why := _why_not(entry):
                        self.pass_over(why, entry.path)
                    else:
                        listed.append(Entry(folder / entry.name, entry.is_dir()))
        except OSError as error:
            self.failed = True
            self._unread(DataError(f"{folder}: cannot be read: {error.strerror or error}"))
        return listed


def _why_not(entry: os.DirEntry[str]) -> Optional[Why]:
    """The reason to pass over an entry; None for a picture or a folder to look through."""
    name = entry.name.lower()
    if name.startswith("."):
        return Why.HIDDEN
    try:
        if entry.is_dir():
            return Why.SYSTEM if name in _SYSTEM else None
        if not entry.is_file():
            return Why.SPECIAL if os.path.exists(entry.path) else Why.BROKEN
    except OSError:  # a circle of links
        return Why.BROKEN
    from ..digitize.opening.picture import SUFFIXES  # imports Pillow

    if name.endswith(SUFFIXES):
        return None
    if not name.endswith(HEIF_SUFFIXES):
        return Why.OTHER
    return None if heif_installed() else Why.HEIC


def _identity(folder: Path) -> Optional[tuple[int, int]]:
    """The identity of a folder, the same for all paths that lead to it."""
    try:
        status = os.stat(folder)
    except OSError:  # listing it will report why
        return None
    return status.st_dev, status.st_ino
