"""What some file systems cannot do: rename, and write to the disk at once."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from ..wording import Say, say_nothing

# Errors of file systems that lack an operation, such as network and user-space ones.
_UNSUPPORTED = {errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
_NO_FLUSH = {*_UNSUPPORTED, errno.EBADF, errno.EINVAL}
_NO_RENAME = {*_UNSUPPORTED, errno.EXDEV}  # EXDEV: a folder in a lower layer of an overlay


def move_file(source: Path, target: Path) -> None:
    """Rename a file over another; if the file system cannot rename, copy it.

    Raises:
        OSError: if neither works.

    Example:
        >>> Path("new.csv").touch()
        >>> move_file(Path("new.csv"), Path("history.csv"))
        >>> os.listdir()
        ['history.csv']
    """
    try:
        os.replace(source, target)
    except OSError as error:
        if error.errno not in _NO_RENAME:
            raise
        target.unlink(missing_ok=True)  # a link there must not be followed
        with open(source, "rb") as old, open(target, "xb") as new:
            shutil.copyfileobj(old, new)
        source.unlink()


def rename_folder(source: Path, target: Path) -> bool:
    """Rename a folder; return false if the file system cannot rename folders.

    Raises:
        OSError: if it fails for another reason.

    Example:
        >>> Path("new").mkdir()
        >>> rename_folder(Path("new"), Path("run"))
        True
    """
    try:
        os.rename(source, target)
    except OSError as error:
        if error.errno not in _NO_RENAME:
            raise
        return False
    return True


def flush(descriptor: int) -> str:
    """Make the system write a file or a folder to the disk.

    Some network and user-space file systems cannot; then only a power cut can lose the data.

    Returns:
        An empty text, or why the file system refuses to flush.

    Raises:
        OSError: if the disk fails.

    Example:
        >>> with open("digits.npz", "wb") as file:
        ...     flush(file.fileno())
        ''
    """
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FLUSH:
            raise
        return os.strerror(error.errno)
    return ""


def flush_folder(folder: Path, say: Say = say_nothing) -> None:
    """Make the system write a folder to the disk: otherwise a power cut may lose a rename.

    Args:
        folder: to flush.
        say: told if its file system refuses.

    Raises:
        OSError: if the disk fails.

    Example:
        >>> flush_folder(Path("."), print)
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        refused = flush(descriptor)
    finally:
        os.close(descriptor)
    if refused:
        say(
            f"the file system of {folder} cannot flush folders ({refused}): "
            "a power cut may lose the newest checkpoints"
        )
