"""The command line, run in this process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import (
    AbstractContextManager,
    ExitStack,
    contextmanager,
    nullcontext,
    redirect_stderr,
    redirect_stdout,
)
from pathlib import Path
from tempfile import TemporaryFile
from typing import Union


def run_here(*arguments: object, cwd: Union[str, Path]) -> subprocess.CompletedProcess:
    """Run a command in a folder; gives what a process of its own would give.

    A process would first import for a second what is imported here. What is tested of a process
    itself, such as signals, tracebacks or what it imports, needs one all the same.
    """
    from mxdigits.cli import main

    words = [str(each) for each in arguments]
    with TemporaryFile("w+", encoding="utf-8") as out, TemporaryFile("w+", encoding="utf-8") as err:
        with _written_to(out.fileno(), err.fileno()), _inside(cwd), _names_anew():
            try:
                code = main(words)
            except SystemExit as error:
                code = error.code
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(words, code, out.read(), err.read())


@contextmanager
def _written_to(*files: int) -> Iterator[None]:
    """Lead standard output and standard error to files: Python's, and those of libraries in C."""
    with ExitStack() as stack:
        for number, redirect, file in zip((1, 2), (redirect_stdout, redirect_stderr), files):
            before = os.dup(number)
            stack.callback(os.close, before)
            stack.callback(os.dup2, before, number)
            os.dup2(file, number)
            stream = open(number, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
            stack.enter_context(redirect(stack.enter_context(stream)))
        yield


@contextmanager
def _inside(folder: Union[str, Path]) -> Iterator[None]:
    before = os.open(".", os.O_RDONLY)
    try:
        os.chdir(folder)
        yield
    finally:
        os.fchdir(before)
        os.close(before)


def _names_anew() -> AbstractContextManager:
    """MXNet numbers what it names from 0, as in a new process: the names stand in files."""
    # Without MXNet, this name may be that of the tests' own folder.
    names = getattr(sys.modules.get("mxnet"), "name", None)
    return nullcontext() if names is None else names.NameManager()
