"""The one door to the terminal: every verb prints through it.

Names from files, archives and plugins reach the terminal too. Whatever they hold, it is spelt out
and never obeyed. Every problem of a stream is dealt with here: one that was closed, a reader that
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

# What to give str.encode() and open() as ``errors``: names look alike in files and on a terminal.
SPELLED_OUT = "mxdigits.spelled_out"

_STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def printable(text: str, keep: str = "") -> str:
    r"""A text with everything spelt out that a terminal would obey instead of show.

    That is control characters, escape sequences, changes of the writing direction, line ends and
    bytes that are no text, except for the characters in ``keep``.

        >>> printable("a\x1b[2J.png")
        'a\\x1b[2J.png'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else _spelled(c) for c in text)


def print_line(text: str = "") -> None:
    """One line to standard output.

    Raises:
        OutputError: if it cannot be written.
    """
    print_styled(printable(text) + "\n")


def print_text(text: str) -> None:
    """Lines to standard output, laid out as they are, such as YAML or a docstring.

    Raises:
        OutputError: if they cannot be written.
    """
    print_styled(printable(text, keep="\n\t") + "\n")


def print_styled(text: str) -> None:
    """Text with colours and line ends of our own; whatever else is in it is printable already.

    Raises:
        OutputError: if it cannot be written.
    """
    with suppress(_Unheard):
        _write(sys.stdout, text)


def print_at_once(text: str) -> bool:
    """As :func:`print_styled`, and at once; false once nobody is there to read it.

    Raises:
        OutputError: if it cannot be written.
    """
    try:
        _write(sys.stdout, text)
        _flush(sys.stdout)
    except _Unheard:
        return False
    return True


def print_note(text: str) -> None:
    """One line to standard error: what a user should know at once."""
    with suppress(_Unheard, OutputError):  # no reason for another exit code
        _write(sys.stderr, printable(text) + "\n")
        _flush(sys.stderr)


def print_error(lines: Sequence[str]) -> None:
    """Each problem on a line of its own, to standard error."""
    for line in lines:
        text = " ".join(line.split())
        shown = text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}..."
        print_note(f"error: {shown}")


def encodable(text: str, encoding: Optional[str] = "utf-8") -> str:
    r"""A text with what an encoding lacks written as ``\xe9``.

    No UTF-8 holds a name on disk that is none: Python keeps its other bytes as halves of surrogate
    pairs, which only the file system takes back.

        >>> encodable(os.fsdecode(b"t\xe9.png"))
        't\\xe9.png'
    """
    encoding = encoding or "utf-8"
    return text.encode(encoding, SPELLED_OUT).decode(encoding)


def open_closed_streams() -> None:
    """Put /dev/null in the place of standard streams that were closed by whoever started us.

    Otherwise the next file that is opened gets their number, and what a library writes to standard
    error lands in it.
    """
    for number, (name, mode) in enumerate(_STREAMS):
        try:
            os.fstat(number)
        except OSError:
            null = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
            os.set_inheritable(null, True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115


def finish() -> None:
    """Write what waits in the streams, so that Python has nothing left to complain of at its end.

    Raises:
        OutputError: if standard output cannot be written.
    """
    with suppress(_Unheard, OutputError):
        _flush(sys.stderr)
    with suppress(_Unheard):
        _flush(sys.stdout)


def _spelled(character: str) -> str:
    """A character in ASCII: a byte that is no text as that byte, any other as Python writes it."""
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
    """The reader of a stream has left, or its terminal was closed: nobody misses the text."""


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
    """Whether somebody in this process has closed a stream, or taken it away: a plugin may."""
    return stream is None or bool(getattr(stream, "closed", False))


def _let_go(stream: IO[str], error: OSError) -> NoReturn:
    """Send what is left for a stream nowhere: Python would try again at its end, and exit with 120.

    Raises:
        _Unheard: once; what is printed later is lost in silence.
        OutputError: if somebody is there who misses it, such as the owner of a full disk.
    """
    there = stat.S_ISCHR(os.fstat(stream.fileno()).st_mode)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream.fileno())
    os.close(null)
    # A closed terminal answers with EIO, as a broken disk does.
    if error.errno == errno.EPIPE or (error.errno == errno.EIO and there):
        raise _Unheard from None
    raise OutputError(f"cannot write the output: {error.strerror}") from None
