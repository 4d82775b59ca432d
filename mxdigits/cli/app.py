"""Runs the command line: calls a verb, and turns errors into lines and exit codes."""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from typing import Optional

import typer

from ..errors import MxdigitsError, OutputError, UsageError
from ..printing import finish, print_error
from .conversion import leave_as_given
from .early_exit import no_early_exit
from .usage import in_our_words, show_whole_help
from .verbs import command_line

# An option written together with its path, as in --output=~/runs, if any; then ~ or ~NAME.
_HOME = re.compile(r"\A(--[a-z-]+=|-[A-Za-z]|)(~[^/]*)")


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the command line; returns the exit code.

    >>> main(["--version"])  # doctest: +ELLIPSIS
    mxdigits ...
    0
    """
    given = [with_home(each) for each in (sys.argv[1:] if arguments is None else arguments)]
    code = _exit_code(given)
    try:
        finish()
    except OutputError as error:
        print_error(error.lines)
        return code or error.exit_code
    return code


def with_home(argument: str) -> str:
    """An argument in which the user's home replaces the ``~`` at the beginning of a path.

    Shells replace it in ``--output ~/runs``, but most do not in ``--output=~/runs``, and programs
    that are started without a shell never get it replaced.

    >>> with_home("--output=~/runs") == "--output=" + os.path.expanduser("~/runs")
    True
    >>> with_home("a~b")
    'a~b'
    """
    return _HOME.sub(lambda found: f"{found[1]}{os.path.expanduser(found[2])}", argument)


def _exit_code(arguments: list[str]) -> int:
    """Run a command and print its errors; any other exception is a bug and gives a traceback."""
    command = typer.main.get_command(command_line(*arguments[:1]))
    leave_as_given(command)
    show_whole_help(command)
    try:
        _check_none_is_empty(arguments)
        with no_early_exit():
            code = command.main(arguments, prog_name="mxdigits", standalone_mode=False)
        if code == 130:  # Typer returns it for an interrupt
            print_error(["interrupted"])
        return code if isinstance(code, int) else 0
    except MxdigitsError as error:
        if os.environ.get("MXDIGITS_DEBUG") == "1":
            with suppress(Exception):  # a plugin's exception may not be printable
                traceback.print_exc()
        print_error([*error.lines, *_of_encoding(error.lines)])
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        print_error(["interrupted"])
        return 130
    except (OSError, SystemExit) as error:
        # Typer turns a broken pipe into an exit.
        cause = error.__context__ if isinstance(error, SystemExit) else error
        if not isinstance(cause, OSError):
            raise
        if isinstance(cause, BrokenPipeError):
            return 0  # the reader of the output has left, which is no error
        with suppress(OutputError):  # writing the same text again would fail again
            finish()
        what = "write the output" if cause.filename is None else f"use {cause.filename}"
        print_error([f"cannot {what}: {cause.strerror or cause}"])
        return 3
    except UnicodeEncodeError as error:
        if sys.getfilesystemencoding() == "utf-8":
            raise
        words = f"{error.object} cannot be the name of a file"
        print_error([words, *_of_encoding([words])])
        return 3
    except Exception as error:
        if not hasattr(error, "format_message"):  # only Typer's errors of usage have it
            raise
        print_error([in_our_words(error, arguments)])
        return 2


def _of_encoding(lines: Sequence[str]) -> list[str]:
    """A hint if a file is not found or not made because its name is not ASCII."""
    encoding = sys.getfilesystemencoding()
    if encoding == "utf-8" or all(line.isascii() for line in lines):
        return []
    return [f"names of files are taken as {encoding} here; if they are UTF-8, set PYTHONUTF8=1"]


def _check_none_is_empty(arguments: Sequence[str]) -> None:
    """Refuse empty arguments: as a path, one would mean the current folder."""
    for place, argument in enumerate(arguments, 1):
        if not argument:
            raise UsageError(
                f"argument {place} of mxdigits is empty; is a variable of the shell not set?"
            )
