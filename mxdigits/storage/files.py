"""Files that are written whole or not at all."""

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

from ..errors import OutputError, reason_of
from ..printing import SPELLED_OUT
from ..wording import Say

# Of a file that a stranger may have made, where its reader does not say otherwise.
MOST_BYTES = 10_000_000
# What file systems answer to what they cannot do: network and user-space ones, object stores.
_UNSUPPORTED = {errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}
_NO_FLUSH = {*_UNSUPPORTED, errno.EBADF, errno.EINVAL}
_NO_RENAME = {*_UNSUPPORTED, errno.EXDEV}  # EXDEV: a folder in a lower layer of an overlay

# Characters of a name: it may have 255 bytes, and a character of UTF-8 has up to four.
_MOST_STEM = 40

_TEMPORARY = re.compile(r"\..*\.[0-9a-z_]{8}\.tmp(\..*)?", re.DOTALL)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path``, renamed to it when the block ends well.

    What a killed process has left of the same file is removed first.

    Raises:
        OutputError: if the file cannot be written.
    """
    # The suffix is kept: some writers choose their format by it. Nobody can guess the name, and put
    # a link there to have another file written.
    temporary = path.with_name(_temporary_name(path, secrets.token_hex(4)))
    try:
        with _among_writers(path):
            yield temporary
            with open(temporary, "rb") as written:
                flush(written.fileno())
            move_file(temporary, path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {reason_of(error)}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def _temporary_name(path: Path, token: str) -> str:
    return f".{path.stem[:_MOST_STEM]}.{token}.tmp{path.suffix}"


@contextmanager
def _among_writers(path: Path) -> Iterator[None]:
    """Count among the writers of a file's folder; whoever is the only one removes leavings.

    Writers share a lock of the folder itself, which the kernel frees when its owner dies, however
    it dies. So whoever gets it alone knows that nobody writes there. Where a file system knows no
    such locks, nothing is removed.
    """
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:  # which the writer will meet too, and say
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
    """Lock a folder; whoever keeps it locked for longer than it takes to tidy up is none of us."""
    for _ in range(tries):
        with suppress(OSError):
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
            return True
        time.sleep(0.01 * (tries > 1))
    return False


def _remove_leavings(path: Path) -> None:
    """Remove the temporary files of a file that nobody writes any more."""
    begin, end = map(re.escape, _temporary_name(path, "\0").split("\0"))
    left = re.compile(f"{begin}[0-9a-f]{{8}}{end}")
    with suppress(OSError), os.scandir(path.parent) as entries:
        for entry in entries:
            if left.fullmatch(entry.name):
                with suppress(OSError):
                    os.unlink(entry.path)


def is_temporary(name: str) -> bool:
    """Whether a file or folder is called as those that are being written are."""
    return _TEMPORARY.fullmatch(name) is not None


def sweep(folder: Path) -> None:
    """Remove the temporary files and folders that killed processes have left in a folder.

    Only the one writer of a folder may call it: those of another process look the same.
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


def move_file(source: Path, target: Path) -> None:
    """Rename a file over another; where the file system cannot rename, copy it.

    Raises:
        OSError: if neither can be done.
    """
    try:
        os.replace(source, target)
    except OSError as error:
        if error.errno not in _NO_RENAME:
            raise
        target.unlink(missing_ok=True)  # it may be a link, which must not be followed
        with open(source, "rb") as old, open(target, "xb") as new:
            shutil.copyfileobj(old, new)
        source.unlink()


def rename_folder(source: Path, target: Path) -> bool:
    """Rename a folder; false where the file system cannot rename folders.

    Raises:
        OSError: if it fails for another reason.
    """
    try:
        os.rename(source, target)
    except OSError as error:
        if error.errno not in _NO_RENAME:
            raise
        return False
    return True


def flush(descriptor: int) -> str:
    """Have the disk know what was written to a file or a folder.

    Some network and user-space file systems do not know how; what was written is there all the
    same, and only a power cut can lose it.

    Returns:
        Empty, or why the file system refuses to flush.

    Raises:
        OSError: if the disk fails.
    """
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_FLUSH:
            raise
        return os.strerror(error.errno)
    return ""


def flush_folder(folder: Path, say: Say = lambda text: None) -> None:
    """Have the disk know what is in a folder: without it a rename may be lost with the power.

    Args:
        folder: to flush.
        say: told if its file system refuses to.

    Raises:
        OSError: if the disk fails.
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


def write_text(path: Path, text: str) -> None:
    """Write a text file whole.

    Raises:
        OutputError: if it cannot be written.
    """
    with replacing(path) as temporary:
        # A file's name in it may hold bytes that are no UTF-8.
        temporary.write_text(text, encoding="utf-8", errors=SPELLED_OUT)


@contextmanager
def line_log(path: Path, *, append: bool = False) -> Iterator[IO[str]]:
    """A text file for lines that are worth having and not worth failing for.

    A disk that fills up later is for the writer of each line to bear with; what of it is still
    unwritten at the end is dropped.

    Raises:
        OutputError: if the file cannot be opened.
    """
    try:
        mode = "a" if append else "w"
        stream = open(path, mode, encoding="utf-8", errors=SPELLED_OUT)  # noqa: SIM115
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error
    try:
        yield stream
    finally:
        with suppress(OSError):
            stream.close()


def read_plain(path: Path, most: int = MOST_BYTES) -> bytes:
    """A file that a stranger may have made: never waits for a pipe, never fills the memory.

    Raises:
        OSError: if it cannot be read, is no plain file or has more than ``most`` bytes.
    """
    # O_NONBLOCK: opening a pipe would wait for whoever writes to it.
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "not a plain file")
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"more than {most:,} bytes")
    return content


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal digits; the file is read in pieces.

    Raises:
        OSError: if it cannot be read.
    """
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            digest.update(piece)
    return digest.hexdigest()


def check_writable(path: Path) -> None:
    """Find out now, not after an hour of training, that a file cannot be written.

    Raises:
        OutputError: with the reason.
    """
    if path.is_dir():
        raise OutputError(f"cannot write {path}: it is a directory")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None


def refuse_links(folder: Path) -> None:
    """See that whatever is written below a folder stays below it.

    Raises:
        OutputError: if something in it is a link.
    """
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = os.path.join(parent, name)
            if os.path.islink(path):
                raise OutputError(f"cannot write in {folder}: {path} is a link")
