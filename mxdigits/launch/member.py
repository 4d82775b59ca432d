"""A machine of a run in the launcher's view: its agent is started, greeted and ended."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Optional

from .. import __version__
from ..errors import SetupError
from ..values import Json
from ..wording import Say
from .agent import Hello, code_hash
from .connection import Connection
from .hosts import Host, ranks_of, started_with
from .process import pump

_PATIENCE = 60.0  # seconds for an agent to say hello; a machine may be slow
_FAREWELL = 2.0  # seconds for an agent to end


class HostUnreachable(SetupError):
    """A host's agent could not be started or reached.

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
    process: Optional[subprocess.Popen[bytes]] = None  # the agent, or ssh if it is elsewhere
    host: Optional[Host] = None  # the other machine, if the process is ssh
    hello: Optional[Hello] = None
    said: list[str] = field(default_factory=list)  # lines on standard error
    listening: Optional[asyncio.Task[None]] = None

    async def greet(self, say: Say) -> None:
        """Wait for the agent's hello; print what a shell prints before it.

        Raises:
            HostUnreachable: if no hello comes, or if the agent cannot be used.
        """
        try:
            await asyncio.wait_for(self._greet(say), _PATIENCE)
        except asyncio.TimeoutError:
            raise HostUnreachable(
                f"{self.title} does not answer within {_PATIENCE:.0f} s"
            ) from None

    async def _greet(self, say: Say) -> None:
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
                        f"mxdigits {__version__}"
                    )
                if values.get("code") != code_hash():
                    raise HostUnreachable(
                        f"{self.title} has another mxdigits {__version__} than this launcher: its "
                        "code differs; bring both to the same state"
                    )
                self.hello = Hello(**values)
                return
        words = await self.last_words()
        if "No module named 'mxdigits'" in words:
            raise HostUnreachable(
                f"{self.title}: the Python that is to work there has no mxdigits; name one that "
                "has it in the hosts file, such as python: .venv/bin/python"
            )
        raise HostUnreachable(f"{self.title} cannot be used: {words}")

    async def link(self, others: Sequence[Member]) -> None:
        """Connect its machine to others, and let it watch the connections.

        Raises:
            HostUnreachable: naming a machine that it does not reach.
        """
        assert self.hello is not None
        asked: list[Json] = [
            {
                "title": other.title,
                "own": self.hello.address,
                "address": other.hello.address,
                "port": other.hello.link,
            }
            for other in others
            if other.hello is not None
        ]
        self.connection.send("link", others=asked)
        while message := await self.connection.receive():
            if message["kind"] == "linked":
                return
            if message["kind"] == "unlinked":
                raise HostUnreachable(
                    f"{self.title} does not reach {message['other']} at {message['address']}: "
                    f"{message['why']}"
                )
        raise HostUnreachable(f"{self.title} is lost: {await self.last_words()}")

    async def last_words(self) -> str:
        """Return how its agent, or the ssh to it, ended."""
        if self.process is None:
            return "the connection was closed"
        deadline = time.monotonic() + _FAREWELL
        while self.process.poll() is None and time.monotonic() < deadline:
            await asyncio.sleep(0.05)
        if self.listening is not None:
            await asyncio.wait({self.listening}, timeout=1)
        code = self.process.poll()
        program = "its agent" if self.host is None else "ssh"
        if code is None:
            return f"{program} closed the connection"
        how = (
            f"was ended by {signal.Signals(-code).name}"
            if code < 0
            else f"ended with exit code {code}"
        )
        return f"{program} {how}" + (f": {self.said[-1]}" if self.said else "")

    async def end(self) -> None:
        """Let the agent end its processes, end the agent, and close the connection."""
        if not self.connection.silent:
            self.connection.send("end")
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._farewell(), _FAREWELL)
        if self.process is not None:
            await _end_process(self.process, 0.0 if self.connection.silent else _FAREWELL)
        if self.connection.silent and self.host is not None and self.hello is not None:
            await _end_from_afar(self.host, self.hello.pid)
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
    """Wait for an agent's end, then kill it; Linux then ends the processes that it has started."""
    deadline = time.monotonic() + patience
    while process.poll() is None and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    process.kill()
    process.wait()


async def _end_from_afar(host: Host, agent: int) -> None:
    """End an agent that may hang, if its machine can be reached; otherwise it ends by itself."""
    with suppress(OSError):
        process = subprocess.Popen(
            host.command_to_end(agent),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        await _end_process(process, _FAREWELL)


async def open_member(host: Host, ranks: range, say: Say) -> Member:
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
            start_new_session=True,  # Ctrl-C reaches only the launcher, which tells the workers
        )
    except OSError as error:
        what = "work in" if error.filename == folder else "start"
        raise HostUnreachable(
            f"{host.title}: cannot {what} {error.filename}: {error.strerror}"
        ) from None
    assert process.stdin
    assert process.stdout
    assert process.stderr
    connection = await Connection.over_pipes(process.stdout, process.stdin)
    member = Member(host.title, ranks, connection, process, host if host.name else None)
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


async def link_all(members: Sequence[Member]) -> None:
    """Check that all machines reach each other; their agents watch that from now on.

    If a machine has several agents, only the first one does this.

    Raises:
        HostUnreachable: naming two machines that do not reach each other.

    >>> asyncio.run(link_all([]))
    """
    machines: dict[str, Member] = {}
    for member in members:
        if member.hello is not None and member.hello.link:
            machines.setdefault(member.hello.address, member)
    linked = list(machines.values())
    await asyncio.gather(*(each.link(linked[:place]) for place, each in enumerate(linked) if place))


@dataclass(frozen=True)
class Hosts:
    """The machines on which the launcher starts agents: this one, or others by ssh.

    >>> async def greet():
    ...     return [member.title for member in await Hosts([Host(workers=2)]).open(print)]
    """

    hosts: Sequence[Host]

    async def open(self, say: Say) -> list[Member]:
        """Start all agents; if one host cannot be reached, end the other agents.

        Raises:
            HostUnreachable: for the first such host.
        """
        opened = await asyncio.gather(
            *(
                open_member(each, ranks, say)
                for each, ranks in zip(self.hosts, ranks_of(self.hosts))
            ),
            return_exceptions=True,
        )
        members = [each for each in opened if isinstance(each, Member)]
        errors = [each for each in opened if isinstance(each, BaseException)]
        try:
            if errors:
                raise errors[0]
            await link_all(members)
        except BaseException:
            await asyncio.gather(*(member.end() for member in members))
            raise
        return members

    def close(self) -> None:
        """Do nothing: nothing is left open between two attempts."""
