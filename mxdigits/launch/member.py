"""A machine of a run, as the launcher sees it: an agent that is started, greeted, ended."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Callable, Optional

from .. import __version__
from ..errors import SetupError
from .agent import Hello
from .connection import Connection
from .hosts import Host, ranks_of, started_with
from .process import pump

_PATIENCE = 60.0  # seconds for an agent to say hello: a machine may be slow, ssh has its own limit
_FAREWELL = 2.0  # seconds for it to end


class HostUnreachable(SetupError):
    """A host's agent could not be started, or reached.

    >>> str(HostUnreachable("host b does not answer"))
    'host b does not answer'
    """


@dataclass
class Member:
    """A machine with its agent and the ranks of its workers.

    >>> async def greet(host):
    ...     member = await open_member(host, range(0, 2), print)
    ...     await member.end()
    """

    title: str
    ranks: range
    connection: Connection
    process: Optional[subprocess.Popen[bytes]] = None  # the agent itself, or the ssh to it
    program: str = "its agent"
    hello: Optional[Hello] = None
    said: list[str] = field(default_factory=list)  # to standard error
    listening: Optional[asyncio.Task[None]] = None

    async def greet(self, say: Callable[[str], None]) -> None:
        """Wait for the agent's hello; what a shell prints before is passed on.

        Raises:
            HostUnreachable: if there is none, or if the agent cannot do what is asked.
        """
        try:
            await asyncio.wait_for(self._greet(say), _PATIENCE)
        except asyncio.TimeoutError:
            raise HostUnreachable(
                f"{self.title} does not answer within {_PATIENCE:.0f} s"
            ) from None

    async def _greet(self, say: Callable[[str], None]) -> None:
        while message := await self.connection.receive():
            if message["kind"] == "noise":
                say(f"{self.title}: {message['text']}")
            elif message["kind"] == "refused":
                raise HostUnreachable(f"{self.title}: {message['why']}")
            elif message["kind"] == "hello":
                values = {key: value for key, value in message.items() if key != "kind"}
                if values.get("version") != __version__:
                    raise HostUnreachable(
                        f"{self.title} has mxdigits {values.get('version')}, and this launcher is "
                        f"of {__version__}"
                    )
                self.hello = Hello(**values)
                return
        raise HostUnreachable(f"{self.title} cannot be used: {await self.last_words()}")

    async def last_words(self) -> str:
        """How its agent, or the ssh to it, ended."""
        if self.process is None:
            return "the connection was closed"
        deadline = time.monotonic() + _FAREWELL
        while self.process.poll() is None and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        if self.listening is not None:
            await asyncio.wait({self.listening}, timeout=1)
        code = self.process.poll()
        if code is None:
            return f"{self.program} closed the connection"
        how = (
            f"was ended by {signal.Signals(-code).name}"
            if code < 0
            else f"ended with exit code {code}"
        )
        return f"{self.program} {how}" + (f": {self.said[-1]}" if self.said else "")

    async def end(self) -> None:
        """Have the agent end all that it has started, and end it; then close the connection."""
        if not self.connection.silent:
            self.connection.send("end")
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._farewell(), _FAREWELL)
        if self.process is not None:
            await _end_process(self.process, 0.0 if self.connection.silent else _FAREWELL)
        await self.connection.close()
        if self.listening is not None:
            self.listening.cancel()
            await asyncio.gather(self.listening, return_exceptions=True)

    async def _farewell(self) -> None:
        await self.connection.flush()
        while message := await self.connection.receive():
            if message["kind"] == "over":
                return


async def _end_process(process: subprocess.Popen[bytes], patience: float) -> None:
    """Wait for its end, and then kill it: Linux ends with an agent what it has started."""
    deadline = time.monotonic() + patience
    while process.poll() is None and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    process.kill()
    process.wait()


async def open_member(host: Host, ranks: range, say: Callable[[str], None]) -> Member:
    """Start the agent of a host, and wait for its hello.

    Raises:
        HostUnreachable: if that fails.

    >>> async def greet(host):
    ...     return (await open_member(host, range(0, 2), print)).hello.cpus
    """
    folder, environment = started_with(host)
    try:
        process = subprocess.Popen(
            host.command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment,
            start_new_session=True,  # Ctrl-C is for the launcher, which tells its workers
        )
    except OSError as error:
        raise HostUnreachable(
            f"{host.title}: cannot start {host.command()[0]}: {error.filename}: {error.strerror}"
        ) from None
    assert process.stdin
    assert process.stdout
    assert process.stderr
    connection = await Connection.over_pipes(process.stdout, process.stdin)
    program = "its agent" if host.name is None else "ssh"
    member = Member(host.title, ranks, connection, process, program)
    member.listening = asyncio.create_task(_listen(process.stderr, member.said))
    try:
        await member.greet(say)
    except BaseException:
        process.kill()
        await member.end()
        raise
    return member


async def _listen(file: IO[bytes], said: list[str]) -> None:
    await pump(file, lambda text: said.append(text.strip()) if text.strip() else None)


async def open_hosts(hosts: Sequence[Host], say: Callable[[str], None]) -> list[Member]:
    """The same for each host at once; if one cannot be reached, the others are let go.

    Raises:
        HostUnreachable: the first.

    >>> async def greet(hosts):
    ...     return [member.title for member in await open_hosts(hosts, print)]
    """
    opened = await asyncio.gather(
        *(open_member(host, ranks, say) for host, ranks in zip(hosts, ranks_of(hosts))),
        return_exceptions=True,
    )
    members = [each for each in opened if isinstance(each, Member)]
    errors = [each for each in opened if isinstance(each, BaseException)]
    if errors:
        await asyncio.gather(*(member.end() for member in members))
        raise errors[0]
    return members
