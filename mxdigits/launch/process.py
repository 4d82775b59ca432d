"""A process of a run in its agent's view: its output, its signs of life, its end.

Linux kills the process when its agent ends, for whatever reason. It leads a process group, so that
the processes that it has started end with it.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Callable, Optional

from ..heartbeat import HEARTBEAT
from ..values import Unchecked
from .connection import SILENCE

_MOST_CHARACTERS = 16_000  # longer lines of output are cut
_LAST_OUTPUT = 2.0  # seconds to wait for output; another process may hold the pipe open
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Program:
    """A program to start: its name in messages, its arguments, its environment and its CPUs.

    Args:
        name: ``rank 0``, or the name of a companion.
        argv: the command.
        environment: added to that of the agent.
        cpus: the CPUs that it may use; none for all.

    >>> Program("rank 0", [sys.executable, "-m", "mxdigits", "run", "mlp"]).cpus
    ()
    """

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    cpus: Sequence[int] = ()


@dataclass(frozen=True)
class Listener:
    """Functions that get lines of output and facts of a process, with the name of the process.

    ``ready`` waits until more lines can be taken.

    >>> async def ready(): ...
    >>> listener = Listener(lambda name, stream, text: None, lambda name, facts: None, ready)
    """

    line: Callable[[str, str, str], None]
    facts: Callable[[str, dict[str, Unchecked]], None]
    ready: Callable[[], Awaitable[None]]


class WatchedProcess:
    """A process that was started.

    >>> async def run(program, listener):
    ...     process = await WatchedProcess.start(program, listener)
    ...     while process.trouble() is None and process.code is None:
    ...         await asyncio.sleep(0.2)
    ...     await process.end()
    """

    def __init__(self, program: Program, listener: Listener) -> None:
        self.name = program.name
        self.said = ""  # its last line that was not empty
        self.hung = False
        self._listener = listener
        self._alive = time.monotonic()
        reading, writing = os.pipe()
        try:
            self._process = subprocess.Popen(
                list(program.argv),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, **program.environment, HEARTBEAT: str(writing)},
                pass_fds=[writing],
                start_new_session=True,
                preexec_fn=_bound_to_parent(program.cpus),
            )
        finally:
            os.close(writing)
        self._pipe = os.fdopen(reading, "rb")
        self.pid = self._process.pid
        self._pumps: list[asyncio.Task[None]] = []

    @classmethod
    async def start(cls, program: Program, listener: Listener) -> WatchedProcess:
        """Start a process.

        Raises:
            OSError: if the system cannot start it.
        """
        started = cls(program, listener)
        process = started._process
        assert process.stdout
        assert process.stderr
        pumps = (
            pump(process.stdout, partial(started._take_line, "stdout"), listener.ready),
            pump(process.stderr, partial(started._take_line, "stderr"), listener.ready),
            pump(started._pipe, started._take_beat),
        )
        started._pumps = [asyncio.create_task(pump) for pump in pumps]
        return started

    @property
    def code(self) -> Optional[int]:
        """Its exit code, minus a signal's number; None while it runs."""
        return self._process.poll()

    def silent(self) -> bool:
        """Whether it has given no sign of life for too long."""
        return time.monotonic() - self._alive > SILENCE

    def signal(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)  # does nothing if it has ended

    def kill(self) -> None:
        """End it and its process group at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    async def end(self) -> None:
        """Kill it, and wait for a limited time until all its output is passed on."""
        self.kill()
        await asyncio.wait(self._pumps, timeout=_LAST_OUTPUT)
        for each in self._pumps:
            each.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        with suppress(subprocess.TimeoutExpired):  # a disk may block its end
            self._process.wait(1)

    def _take_line(self, stream: str, text: str) -> None:
        if text.strip():
            self.said = text.strip()
        self._listener.line(self.name, stream, text)

    def _take_beat(self, text: str) -> None:
        self._alive = time.monotonic()
        with suppress(ValueError):
            facts = json.loads(text)
            if isinstance(facts, dict):
                self._listener.facts(self.name, facts)


def _bound_to_parent(cpus: Sequence[int]) -> Callable[[], None]:
    """What a new process does before it becomes its program."""
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
    parent = os.getpid()

    def prepare() -> None:
        if prctl is not None:
            prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # the parent has ended in between
            os.kill(os.getpid(), signal.SIGKILL)
        if cpus and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, cpus)

    return prepare


async def _at_once() -> None:
    """Wait for nothing."""


async def pump(
    file: IO[bytes], take: Callable[[str], None], ready: Callable[[], Awaitable[None]] = _at_once
) -> None:
    """Give each line of a pipe to a function, until the pipe is closed.

    Args:
        file: the pipe.
        take: called with each line, without its end.
        ready: waits until more lines can be taken.

    >>> async def show(process):
    ...     await pump(process.stdout, print)
    """
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
    try:
        await _take_lines(reader, take, ready)
    finally:
        transport.close()


async def _take_lines(
    reader: asyncio.StreamReader, take: Callable[[str], None], ready: Callable[[], Awaitable[None]]
) -> None:
    rest = b""
    while piece := await reader.read(1 << 16):
        *lines, rest = (rest + piece).split(b"\n")
        if len(rest) > _MOST_CHARACTERS:
            lines, rest = [*lines, rest], b""
        for line in lines:
            take(line.decode("utf-8", "replace")[:_MOST_CHARACTERS])
        await ready()
    if rest:
        take(rest.decode("utf-8", "replace"))
