"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from .errors import OutputError

# Of a file that a stranger may have made, where its reader does not say otherwise.
MOST_BYTES = 10_000_000


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path``, renamed to it when the block ends well.

    Raises:
        OutputError: if the file cannot be written.
    """
    # The suffix is kept: some writers choose their format by it. Nobody can guess the name, and put
    # a link there to have another file written.
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}.tmp{path.suffix}")
    try:
        yield temporary
        with open(temporary, "rb") as written:
            os.fsync(written.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def write_text(path: Path, text: str) -> None:
    """Write a text file whole.

    Raises:
        OutputError: if it cannot be written.
    """
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


@contextmanager
def line_log(path: Path, *, append: bool = False) -> Iterator[IO[str]]:
    """A text file for lines that are worth having and not worth failing for.

    A disk that fills up later is for the writer of each line to bear with; what of it is still
    unwritten at the end is dropped.

    Raises:
        OutputError: if the file cannot be opened.
    """
    try:
        stream = open(path, "a" if append else "w", encoding="utf-8")  # noqa: SIM115
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
        found = file.read(most + 1)
    if len(found) > most:
        raise OSError(errno.EFBIG, f"more than {most:,} bytes")
    return found


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
