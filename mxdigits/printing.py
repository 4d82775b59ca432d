"""All output to the terminal: every verb prints through this module.

Control characters in names from files, archives and plugins are spelt out, so that the terminal
does not obey them. Every problem of a stream is handled here: a closed stream, a reader that has
left, a full disk, an encoding that lacks a character.
"""

from __future__ import annotations

import codecs
import errno
import os
import stat
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, NoReturn, Optional

from .errors import OutputError

MOST_CHARACTERS = 2000  # of an error

# For ``errors`` of str.encode() and open(), so that names look alike in files and on a terminal.
SPELLED_OUT = "mxdigits.spelled_out"

_STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def printable(text: str, keep: str = "") -> str:
    r"""A text in which everything that a terminal would obey instead of show is spelt out.

    These are control characters, escape sequences, changes of the writing direction, line ends and
    bytes that are not text, except for the characters in ``keep``.

        >>> printable("a\x1b[2J.png")
        'a\\x1b[2J.png'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else _spelled(c) for c in text)


def print_line(text: str = "") -> None:
    """Print one line to standard output.

    Raises:
        OutputError: if it cannot be written.

    Example:
        >>> print_line("accuracy 0.99")
        accuracy 0.99
    """
    print_styled(printable(text) + "\n")


def print_text(text: str) -> None:
    r"""Print lines to standard output with their layout, such as YAML or a docstring.

    Raises:
        OutputError: if they cannot be written.

    Example:
        >>> print_text("epochs: 10\nseed: 0")
        epochs: 10
        seed: 0
    """
    print_styled(printable(text, keep="\n\t") + "\n")


def print_styled(text: str) -> None:
    r"""Print text that is printable already, apart from our own colours and line ends.

    Raises:
        OutputError: if it cannot be written.

    Example:
        >>> print_styled("one line\n")
        one line
    """
    with suppress(_Unheard):
        _write(sys.stdout, text)


def print_at_once(text: str) -> bool:
    r"""Print text with our own colours without delay; return false once nobody reads it any more.

    Raises:
        OutputError: if it cannot be written.

    Example:
        >>> print_at_once("epoch 3\n")
        epoch 3
        True
    """
    try:
        _write(sys.stdout, text)
        _flush(sys.stdout)
    except _Unheard:
        return False
    return True


def print_note(text: str) -> None:
    """Print one line to standard error: what a user should know at once.

    Example:
        >>> print_note("passed over 2 hidden files")  # to standard error
    """
    with suppress(_Unheard, OutputError):  # a lost note does not change the exit code
        _write(sys.stderr, printable(text) + "\n")
        _flush(sys.stderr)


def print_error(lines: Sequence[str]) -> None:
    """Print each problem on a line of its own to standard error.

    Example:
        >>> print_error(["epochs: must be at least 1"])  # "error: epochs: ..." to standard error
    """
    for line in lines:
        text = " ".join(line.split())
        shown = text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}..."
        print_note(f"error: {shown}")


def encodable(text: str, encoding: Optional[str] = "utf-8") -> str:
    r"""A text in which the characters that an encoding lacks are written as ``\xe9``.

    A file name need not be UTF-8. Python keeps its other bytes as lone surrogates, which only the
    file system takes back: no encoding can write them.

    Example:
        >>> encodable(os.fsdecode(b"t\xe9.png"))
        't\\xe9.png'
    """
    encoding = encoding or "utf-8"
    return text.encode(encoding, SPELLED_OUT).decode(encoding)


def open_closed_streams() -> None:
    """Replace standard streams that were closed before the program started by /dev/null.

    Otherwise the next file that is opened gets the descriptor of such a stream, and what a library
    writes to standard error lands in that file.

    Example:
        >>> open_closed_streams()  # doctest: +SKIP
    """
    for number, (name, mode) in enumerate(_STREAMS):
        try:
            os.fstat(number)
        except OSError:
            null = os.open(os.devnull, os.O_RDWR)  # gets ``number``, the lowest that is free
            os.set_inheritable(null, True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115


def finish() -> None:
    """Flush the standard streams now: Python would report an error only when it exits.

    Raises:
        OutputError: if standard output cannot be written.

    Example:
        >>> finish()  # doctest: +SKIP
    """
    with suppress(_Unheard, OutputError):
        _flush(sys.stderr)
    with suppress(_Unheard):
        _flush(sys.stdout)


def _spelled(character: str) -> str:
    """A character in ASCII: an undecodable byte as that byte, others as Python escapes them."""
    byte = ord(character) - 0xDC00
    if 0x80 <= byte <= 0xFF:
        return f"\\x{byte:02x}"
    return character.encode("unicode_escape").decode()


def _spell_out(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(map(_spelled, lacking)), error.end


codecs.register_error(SPELLED_OUT, _spell_out)


class _Unheard(Exception):
    """Nobody reads a stream any more: its reader has left, or its terminal was closed."""


def _write(stream: IO[str], text: str) -> None:
    if _is_gone(stream):
        raise _Unheard
    try:
        stream.write(encodable(text, getattr(stream, "encoding", None)))
    except OSError as error:
        _let_go(stream, error)


def _flush(stream: IO[str]) -> None:
    if _is_gone(stream):
        return
    try:
        stream.flush()
    except OSError as error:
        _let_go(stream, error)


def _is_gone(stream: Optional[IO[str]]) -> bool:
    """Whether a stream was closed or removed in this process, for example by a plugin."""
    return stream is None or bool(getattr(stream, "closed", False))


def _let_go(stream: IO[str], error: OSError) -> NoReturn:
    """Discard a stream's unwritten text: Python would write it at exit, fail, and exit with 120.

    Raises:
        _Unheard: if the reader has left; later output is discarded without an error.
        OutputError: if the output is lost for another reason, such as a full disk.
    """
    there = stat.S_ISCHR(os.fstat(stream.fileno()).st_mode)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)
    # A closed terminal gives EIO, and so does a broken disk.
    if error.errno == errno.EPIPE or (error.errno == errno.EIO and there):
        raise _Unheard from None
    raise OutputError(f"cannot write the output: {error.strerror}") from None
