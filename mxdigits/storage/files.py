"""Files that are written completely or not at all, and read with care."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import re
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from ..errors import OutputError
from ..foreign import reason_of
from ..printing import SPELLED_OUT
from .disk import flush, move_file

# The most bytes of a file that anybody may have made, unless its reader sets another limit.
MOST_BYTES = 10_000_000
# The most characters of a name, which may have 255 bytes; one in UTF-8 takes up to four.
_MOST_STEM = 40

_TEMPORARY = re.compile(r"\..*\.[0-9a-z_]{8}\.tmp(\..*)?", re.DOTALL)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``, and rename it to ``path`` if the block ends well.

    Temporary files that killed processes have left of the same file are removed first.

    Raises:
        OutputError: if the file cannot be written.

    Example:
        >>> with replacing(Path("notes.txt")) as temporary:
        ...     _ = temporary.write_text("whole or not at all")
        >>> Path("notes.txt").read_text()
        'whole or not at all'
    """
    # The suffix is kept, because some writers choose their format by it. Nobody can guess the name
    # and put a link there.
    temporary = path.with_name(_temporary_name(path, secrets.token_hex(4)))
    try:
        with _among_writers(path):
            yield temporary
            with open(temporary, "rb") as written:
                flush(written.fileno())
            move_file(temporary, path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {why_not_written(path, error)}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def _temporary_name(path: Path, token: str) -> str:
    return f".{path.stem[:_MOST_STEM]}.{token}.tmp{path.suffix}"


@contextmanager
def _among_writers(path: Path) -> Iterator[None]:
    """Register as a writer in a file's folder; if there is no other, remove old temporary files.

    Writers share a lock of the folder itself, which the kernel frees when its owner dies for any
    reason. So a process that gets the lock alone knows that nobody else writes there. If the file
    system has no such locks, nothing is removed.
    """
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:  # the writer will meet and report it
        yield
        return
    try:
        if _lock(folder, fcntl.LOCK_EX, tries=1):
            _remove_leavings(path)
        _lock(folder, fcntl.LOCK_SH, tries=5)
        yield
    finally:
        os.close(folder)


def _lock(descriptor: int, how: int, tries: int) -> bool:
    """Try to lock a folder, for as long as tidying up may take; return whether that worked."""
    for _ in range(tries):
        with suppress(OSError):
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
            return True
        time.sleep(0.01 * (tries > 1))
    return False


def _remove_leavings(path: Path) -> None:
    """Remove the temporary files of a file that no process writes any more."""
    begin, end = map(re.escape, _temporary_name(path, "\0").split("\0"))
    left = re.compile(f"{begin}[0-9a-f]{{8}}{end}")
    with suppress(OSError), os.scandir(path.parent) as entries:
        for entry in entries:
            if left.fullmatch(entry.name):
                with suppress(OSError):
                    os.unlink(entry.path)


def is_temporary(name: str) -> bool:
    """Whether the name of a file or folder is that of an unfinished one.

    Example:
        >>> is_temporary(".run.0a1b2c3d.tmp.json"), is_temporary("run.json")
        (True, False)
    """
    return _TEMPORARY.fullmatch(name) is not None


def sweep(folder: Path) -> None:
    """Remove the temporary files and folders that killed processes have left in a folder.

    Only the one writer of a folder may call it: temporary files of another writer look the same.

    Example:
        >>> Path(".run.0a1b2c3d.tmp.json").touch()
        >>> sweep(Path("."))
        >>> os.listdir()
        []
    """
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if not is_temporary(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                with suppress(OSError):
                    os.unlink(entry.path)


def write_text(path: Path, text: str) -> None:
    """Write a text file, completely or not at all.

    Raises:
        OutputError: if it cannot be written.

    Example:
        >>> write_text(Path("notes.txt"), "trained on MNIST")
        >>> Path("notes.txt").read_text()
        'trained on MNIST'
    """
    with replacing(path) as temporary:
        # File names in the text may hold bytes that are not UTF-8.
        temporary.write_text(text, encoding="utf-8", errors=SPELLED_OUT)


def append_text(path: Path, text: str) -> None:
    r"""Append to a text file, which is made if it does not exist.

    Raises:
        OutputError: if it cannot be written; a part of the text may have been written.

    Example:
        >>> append_text(Path("epochs.jsonl"), '{"epoch": 0}\n')
        >>> append_text(Path("epochs.jsonl"), '{"epoch": 1}\n')
        >>> Path("epochs.jsonl").read_text()
        '{"epoch": 0}\n{"epoch": 1}\n'
    """
    try:
        with open(path, "a", encoding="utf-8", errors=SPELLED_OUT) as file:
            file.write(text)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {why_not_written(path, error)}") from error


@contextmanager
def line_log(path: Path, *, append: bool = False) -> Iterator[IO[str]]:
    r"""Open a text file for lines that must not make a run fail.

    The caller handles errors of writing a line, such as a full disk; lines that cannot be written
    when the file is closed are dropped.

    Raises:
        OutputError: if the file cannot be opened.

    Example:
        >>> with line_log(Path("log.txt")) as log:
        ...     print("epoch 1 done", file=log)
        >>> Path("log.txt").read_text()
        'epoch 1 done\n'
    """
    try:
        mode = "a" if append else "w"
        stream = open(path, mode, encoding="utf-8", errors=SPELLED_OUT)  # noqa: SIM115
    except OSError as error:
        raise OutputError(f"cannot write {path}: {why_not_written(path, error)}") from error
    try:
        yield stream
    finally:
        with suppress(OSError):
            stream.close()


def read_plain(path: Path, most: int = MOST_BYTES) -> bytes:
    """Return the bytes of a file that anybody may have made, without waiting or filling the memory.

    Raises:
        OSError: if it cannot be read, is no plain file or has more than ``most`` bytes.

    Example:
        >>> Path("notes.txt").write_text("small")
        5
        >>> read_plain(Path("notes.txt"), most=10)
        b'small'
    """
    # O_NONBLOCK: otherwise opening a pipe waits for a writer.
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "not a plain file")
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"more than {most:,} bytes")
    return content


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits; the file is read in pieces.

    Raises:
        OSError: if it cannot be read.

    Example:
        >>> Path("empty").touch()
        >>> sha256_of(Path("empty"))[:8]
        'e3b0c442'
    """
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            digest.update(piece)
    return digest.hexdigest()


def make_folder(folder: Path) -> None:
    """Make a folder and its parents, as far as they do not exist.

    Raises:
        OutputError: with the reason.

    Example:
        >>> make_folder(Path("runs/mine"))
        >>> Path("runs/mine").is_dir()
        True
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder {folder}: {error.strerror}") from None


def check_writable(path: Path) -> None:
    """Check now, not after an hour of training, that a file can be written.

    Raises:
        OutputError: with the reason if it cannot.

    Example:
        >>> Path("run").mkdir()
        >>> check_writable(Path("run"))
        Traceback (most recent call last):
            ...
        mxdigits.errors.OutputError: cannot write run: it is a directory
    """
    if path.is_dir():
        raise OutputError(f"cannot write {path}: it is a directory")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise OutputError(f"cannot write {path}: {why_not_written(path, error)}") from None


def why_not_written(path: Path, error: BaseException) -> str:
    """Return why a file cannot be written; most often its folder is missing.

    Example:
        >>> why_not_written(Path("out/digits.csv"), FileNotFoundError(2, "No such file"))
        'there is no folder out'
    """
    folder = path.parent
    if isinstance(error, FileNotFoundError) and not folder.exists():
        return f"there is no folder {folder}"
    if isinstance(error, NotADirectoryError) and folder.exists():
        return f"{folder} is no folder"
    return reason_of(error)


def refuse_links(folder: Path) -> None:
    """Refuse a folder that holds links: files written there could go elsewhere.

    Raises:
        OutputError: if something in it is a link.

    Example:
        >>> Path("run").mkdir()
        >>> Path("run/notes.txt").symlink_to("elsewhere")
        >>> refuse_links(Path("run"))
        Traceback (most recent call last):
            ...
        mxdigits.errors.OutputError: cannot write in run: run/notes.txt is a link
    """
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = os.path.join(parent, name)
            if os.path.islink(path):
                raise OutputError(f"cannot write in {folder}: {path} is a link")
