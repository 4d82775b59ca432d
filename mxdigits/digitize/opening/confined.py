"""Runs a function that reads files from anybody in a process that can be ended.

A file of kilobytes may keep a decoder busy for hours, ask it for much memory, have it print
megabytes of warnings, or make it crash.  In a process of its own none of that reaches the caller.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import IO, Callable, Optional

from ...errors import DataError, ProcessNotStarted
from . import confined_process
from .confined_process import Arrays, Header, arrays_of, read_message, write_message

_START_SECONDS = 60  # a machine under load may take long to import NumPy

_END_SECONDS = 5

# Asks for the next answer, by its name in messages and what to send; None if there is none.
_Ask = Callable[[str, Header, bytes], Optional[Arrays]]

# One thread is enough for a picture, and each more takes address space for its own stack and heap.
_ENVIRONMENT = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Bounds:
    """What an answer may take.

    ``cpu_seconds`` of CPU time, ``seconds`` by the clock, ``memory`` bytes of address space beyond
    those that the process begins with, ``content`` bytes given and ``answer`` bytes returned.

    Example:
        >>> Bounds(10, 60, memory=1 << 28, content=1 << 20, answer=1 << 20).cpu_seconds
        10
    """

    cpu_seconds: int
    seconds: float
    memory: int
    content: int
    answer: int


class ConfinedFunction:
    """A function in a process of its own; one thread at a time may call it.

    The process is started by the first call, serves all that follow, and is replaced if one
    ended it.  It ends with this object.

    Args:
        function: "module:name" of what is called as ``function(content, name=..., **options)`` and
            returns a list of arrays (uint8, int64 or float32), or yields one after another. Its
            module must not import MXNet, which would make the start slow.
        bounds: those of each list.

    Example:
        >>> bounds = Bounds(10, 60, memory=1 << 28, content=1 << 20, answer=1 << 20)
        >>> read = ConfinedFunction("mxdigits.digitize.page_reading:read_pages", bounds)
        >>> read(b"no picture", name="a.png")
        Traceback (most recent call last):
            ...
        mxdigits.errors.DataError: a.png: not a picture (PNG, JPEG, TIFF, WebP, BMP, GIF, PNM)
        >>> read.close()
    """

    def __init__(self, function: str, bounds: Bounds):
        self._function, self._bounds = function, bounds
        self._process: Optional[subprocess.Popen[bytes]] = None
        self._end: Callable[[], object] = lambda: None
        self._ready = self._in_call = self._closed = False
        self._call = 0  # the number of the latest call

    def start(self) -> None:
        """Start the process if there is none, without waiting until it is ready.

        Raises:
            ProcessNotStarted: if the system refuses.
        """
        if self._closed:
            raise ProcessNotStarted("this process was closed")
        if self._process is not None and self._process.poll() is None and not self._in_call:
            return
        self._end()  # a call that Ctrl-C broke off has left its answer behind
        try:
            self._process = _started(self._function, self._bounds)
        except OSError as error:
            raise ProcessNotStarted(
                f"cannot start a process to read files in: {error.strerror or error}"
            ) from None
        self._end = weakref.finalize(self, _end, self._process)
        self._ready = self._in_call = False
        if self._closed:  # meanwhile, by another thread
            self.kill()

    def __call__(self, content: bytes = b"", /, *, name: str, **options: object) -> Arrays:
        """Call the function, and return the first list of arrays, of one or of many.

        Args:
            content: bytes to work on.
            name: what to call it in messages.
            options: values that JSON can hold.

        Raises:
            DataError: if the function raised it, or took more than its bounds, or crashed.
            ProcessNotStarted: if the process does not start.
            RuntimeError: if the function raised anything else.
        """
        for arrays in self.each(content, name=name, **options):
            return arrays
        raise DataError(f"{name}: its decoder gave no picture: no answer")

    def each(self, content: bytes = b"", /, *, name: str, **options: object) -> Answers:
        """Call a function that yields; each list of arrays is made when it is asked for.

        A later call ends this one.  Arguments and errors are those of calling the function.
        """
        self._call += 1
        return Answers(partial(self._ask, self._call), content, name, options)

    def _ask(self, call: int, name: str, header: Header, content: bytes) -> Optional[Arrays]:
        """The next list of a call, or None after the last."""
        if call != self._call:
            raise RuntimeError(f"{name}: a later call has ended this one")
        if len(content) > self._bounds.content:
            raise DataError(f"{name}: has more than {self._bounds.content} bytes; it is not read")
        if "call" in header:
            self.start()
        process, late = self._process, threading.Event()
        assert process is not None
        self._in_call = True
        self._await_ready(process)
        try:
            with _time_limit(process, self._bounds.seconds, late):
                write_message(_pipe(process.stdin), header, [content])
                reply, received = read_message(_pipe(process.stdout), self._bounds.answer)
            self._in_call = False
            if "arrays" in reply:
                return arrays_of(reply, received)
        except (OSError, EOFError):
            self._await_end(process)
            raise DataError(f"{name}: {self._why_ended(process, late.is_set())}") from None
        except (ValueError, TypeError, OverflowError) as error:
            self._end()
            raise DataError(f"{name}: its decoder gave no picture: {error}") from None
        if "failed" in reply:
            raise RuntimeError(f"{self._function} failed with {name}:\n{reply['failed']}")
        if "memory" in reply:
            raise DataError(f"{name}: does not fit into memory; make it smaller")
        if "error" in reply:
            raise DataError(str(reply["error"]))
        return None

    def close(self) -> None:
        """End the process, also in the middle of a call; no other is started."""
        self._closed = True
        self.kill()

    def kill(self) -> None:
        """End the process, also in the middle of a call, which then raises DataError."""
        if self._process is not None:
            self._process.kill()

    def _await_ready(self, process: subprocess.Popen[bytes]) -> None:
        if self._ready:
            return
        try:
            with _time_limit(process, _START_SECONDS, threading.Event()):
                read_message(_pipe(process.stdout), 0)
        except (OSError, EOFError, ValueError):
            self._await_end(process)
            raise ProcessNotStarted(
                f"the process to read files in did not start (exit code {process.returncode})"
            ) from None
        self._ready = True

    def _await_end(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for a process that is ending, so that its exit code tells why, then end it."""
        with suppress(subprocess.TimeoutExpired):
            process.wait(_END_SECONDS)
        self._end()

    def _why_ended(self, process: subprocess.Popen[bytes], late: bool) -> str:
        code = process.returncode
        if late or code == -signal.SIGXCPU:
            return "takes too long to read; save it anew as PNG, or smaller"
        ended = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return f"cannot be read: its decoder was ended ({ended})"


class Answers:
    """What a call yields, made one by one.

    ``name`` is what messages call the next answer; it may be changed between answers.

    Example:
        >>> import numpy as np
        >>> ask = lambda name, header, content: [np.zeros(3)] if "call" in header else None
        >>> [arrays[0].shape for arrays in Answers(ask, b"...", "a.png", {})]
        [(3,)]
    """

    def __init__(self, ask: _Ask, content: bytes, name: str, options: Header):
        self.name = name
        self._ask: Optional[_Ask] = ask
        self._header: Header = {"call": {"name": name, **options}}
        self._content = content

    def __iter__(self) -> Answers:
        return self

    def __next__(self) -> Arrays:
        """The next list of arrays.

        Raises:
            DataError: as of calling a :class:`ConfinedFunction`; nothing comes after it.
        """
        ask, self._ask = self._ask, None
        arrays = ask(self.name, self._header, self._content) if ask else None
        if arrays is None:
            raise StopIteration
        self._ask, self._header, self._content = ask, {"next": True}, b""
        return arrays


def _started(function: str, bounds: Bounds) -> subprocess.Popen[bytes]:
    code = (
        f"import sys; sys.path[:] = {sys.path!r}; "
        f"from {confined_process.__name__} import serve_calls; "
        f"serve_calls({function!r}, cpu_seconds={bounds.cpu_seconds}, memory={bounds.memory}, "
        f"most_content={bounds.content})"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what decoders say of a file may be longer than the file
        env={**os.environ, **_ENVIRONMENT},
        # Under Python 3.9 only this avoids fork(), for which MXNet's engine, if it runs in this
        # process, would be stopped. Python's own files are never inherited.
        close_fds=False,
    )


def _pipe(pipe: Optional[IO[bytes]]) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            _pipe(pipe).close()


@contextmanager
def _time_limit(
    process: subprocess.Popen[bytes], seconds: float, late: threading.Event
) -> Iterator[None]:
    """Kill a process that has not answered in time; reading from it then ends."""

    def kill() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
