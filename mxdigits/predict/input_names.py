"""What a user's name for an input stands for: a file, a folder, several files, a data set.

Only the first bytes of files are read here; ``inputs.py`` reads the rest.
"""

from __future__ import annotations

import glob
import os
import re
from pathlib import Path

from ..data.idx import is_idx
from ..data.idx_folder import holds_idx
from ..data.npz import is_npz
from ..data.walk import PassedOver, Walker, Why
from ..plugins.registry import DATASETS

STDIN = "-"

_ADDRESS = re.compile("[A-Za-z][A-Za-z0-9+.-]+://")


def missing(name: str) -> str:
    """Return why a name stands for nothing that can be read; empty if it does.

    Raises:
        DataError: if it is a folder that cannot be read.

    Example:
        >>> missing("no/such/picture.png")
        'there is no file no/such/picture.png, nor a data set of that name'
    """
    path = Path(name)
    if not name:  # as a path it would be the current folder
        return "the name of an input is empty"
    if name == STDIN or path.is_file():
        return ""
    if path.is_dir():
        return "" if holds_idx(path) else _without_pictures(path)
    if path.exists():
        return (
            f"{path} is a pipe or a device, which is not opened; to read one, "
            f"write - and redirect standard input"
        )
    if glob.has_magic(name):
        files, passed = matching(name)
        return "" if files else "; ".join([f"no file matches {name}", *passed.lines])
    return "" if name in DATASETS else _unknown(name)


def may_be_pictures(name: str) -> bool:
    """Whether a name may lead to pictures.

    Example:
        >>> may_be_pictures("-"), may_be_pictures("mnist")
        (True, False)
    """
    path = Path(name)
    if path.is_dir():
        return not holds_idx(path)
    if path.is_file():
        return not (is_idx(path) or is_npz(path))
    return name == STDIN or glob.has_magic(name)


def matching(pattern: str) -> tuple[list[str], PassedOver]:
    """Return every file that a pattern matches, and what is passed over; ``**`` enters folders.

    Example:
        >>> matching("no/such/*.png")[0]
        []
    """
    found = sorted(glob.iglob(pattern, recursive=True))
    passed = PassedOver()
    for each in found:
        if os.path.isdir(each) and "**" not in pattern:
            passed.add(Why.FOLDER, each)
        elif not os.path.isfile(each) and not os.path.isdir(each):
            passed.add(Why.SPECIAL if os.path.exists(each) else Why.BROKEN, each)
    return [each for each in found if os.path.isfile(each)], passed


def _without_pictures(folder: Path) -> str:
    """A sentence that a folder has no pictures, and what it has instead; empty if it has some."""
    from ..digitize.opening.picture import SUFFIXES

    walker = Walker(folder, lambda error: None)  # reported when it is read
    if next(walker.below(folder), None) is not None or walker.failed:
        return ""
    text = f"the folder {folder} holds no pictures ({', '.join(SUFFIXES)})"
    return "; ".join([text, *walker.passed.lines])


def is_address(name: str) -> bool:
    """Whether a name is that of something in a network, such as ``https://...``.

    Example:
        >>> is_address("https://example.org/seven.png"), is_address("scans/seven.png")
        (True, False)
    """
    return _ADDRESS.match(name) is not None


def _unknown(name: str) -> str:
    if is_address(name):
        return f"{name} is an address, and only files are read; download it and name the file"
    if os.path.lexists(name):
        return f"{name} is a link to what is not there"
    hint = "; options of a data set come after --data DATA" * ("=" in name)
    return f"there is no file {name}, nor a data set of that name{hint}"
