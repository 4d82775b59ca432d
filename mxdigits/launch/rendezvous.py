"""How ranks that SLURM or mpirun has started find each other: rank 0 listens, the others join it.

Rank 0 writes its address and a secret into a file that only its user can read. Both sides prove
that they know the secret without sending it. They must, because an agent obeys every order.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import os
import secrets
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Optional

from ..errors import Interrupted, OutputError, UsageError
from ..signals import STOPPING
from ..storage.files import read_plain, replacing
from ..values import Unchecked
from ..wording import Say
from .agent import Agent
from .connection import Connection
from .hosts import Host
from .member import HostUnreachable, Member, link_all, open_member

_GATHER = 120.0  # seconds for all ranks to join
_WAIT_SILENTLY = 5.0  # seconds until the missing ranks are named
_POLL = 0.5
_TO_CONNECT = 10.0  # seconds; a file of an earlier job may name a machine that is gone


@dataclass(frozen=True)
class _Place:
    """The address of rank 0, and the secret of this job."""

    address: str
    port: int
    secret: str

    def write(self, file: Path) -> None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with replacing(file) as temporary:
                descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
                    json.dump(asdict(self), opened)
        except OSError as error:
            raise OutputError(f"cannot write {file}: {error.strerror}") from None

    @classmethod
    def read(cls, file: Path) -> Optional[_Place]:
        """Read it from its file; None if the file is missing or not complete yet."""
        try:
            values = json.loads(read_plain(file))
            return cls(str(values["address"]), int(values["port"]), str(values["secret"]))
        except (OSError, ValueError, LookupError, TypeError):
            return None

    def proof(self, nonce: str, side: str) -> str:
        return hmac.new(self.secret.encode(), f"{nonce} {side}".encode(), "sha256").hexdigest()


class Rendezvous:
    """Rank 0's side: waits for the others, attempt after attempt.

    Args:
        address: where to listen.
        count: the number of all ranks.
        file: by which the others find this rank.
        command: this rank's command line, {what: words}. The others must have the same one,
            because they do what this rank says.

    >>> async def gather(count):
    ...     rendezvous = Rendezvous("127.0.0.1", count, Path("meet.json"), {"recipe": "mlp"})
    ...     return await rendezvous.open(print)
    """

    def __init__(self, address: str, count: int, file: Path, command: Mapping[str, str]) -> None:
        self._address = address
        self._count = count
        self._file = file
        self._command = command
        self._joined: dict[int, Connection] = {}
        self._commands: dict[int, Mapping[str, Unchecked]] = {}
        self._place: Optional[_Place] = None
        self._server: Optional[asyncio.Server] = None

    async def open(self, say: Say) -> list[Member]:
        """Return the machines as soon as all ranks have joined.

        Raises:
            HostUnreachable: naming the ranks that have not joined.
            UsageError: if one was started with another command; says what differs.
            OutputError: if the file cannot be written.
        """
        if self._server is None:
            await self._listen()
        members = await self._others(say)
        try:
            for member in members:
                await member.greet(say)
                if member.hello is not None:
                    member.title = f"host {member.hello.machine}"
            self._check_commands()
            members.insert(0, await open_member(Host(address=self._address), range(1), say))
            await link_all(members)
            return members
        except BaseException:
            await asyncio.gather(*(member.end() for member in members))
            raise

    async def _others(self, say: Say) -> list[Member]:
        """The ranks above 0, when all have joined."""
        begun = time.monotonic()
        told = False
        while missing := sorted(set(range(1, self._count)) - set(self._joined)):
            ranks = f"rank {', '.join(map(str, missing))}"
            waited = time.monotonic() - begun
            if waited > _GATHER:
                raise HostUnreachable(f"{ranks} did not join within {_GATHER:.0f} s")
            if waited > _WAIT_SILENTLY and not told:
                told = True
                say(f"waiting for {ranks}, {_GATHER:.0f} s at most")
            for connection in self._joined.values():
                connection.beat()
            await asyncio.sleep(_POLL)
        joined, self._joined = self._joined, {}
        return [Member(f"rank {i}", range(i, i + 1), joined[i]) for i in sorted(joined)]

    def _check_commands(self) -> None:
        """Compare the commands, once all ranks are there, so that none of them waits in vain."""
        differing = {
            rank: what
            for rank, command in sorted(self._commands.items())
            if (what := _difference(command, self._command))
        }
        if differing:
            first = next(iter(differing.values()))
            ranks = ", ".join(str(rank) for rank, what in differing.items() if what == first)
            raise UsageError(
                f"rank {ranks} was started with another command than rank 0: {first}; "
                "start all ranks with the same one"
            )

    def close(self) -> None:
        """Stop listening and remove the file, so that the others end."""
        with suppress(OSError):
            self._file.unlink()
        if self._server is not None:
            self._server.close()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._take, self._address, 0)
        port = self._server.sockets[0].getsockname()[1]
        self._place = _Place(self._address, port, secrets.token_hex(32))
        self._place.write(self._file)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer)
        nonce = secrets.token_hex(16)
        connection.send("challenge", nonce=nonce)
        with suppress(asyncio.TimeoutError, LookupError, TypeError, ValueError):
            answer = await asyncio.wait_for(connection.receive(), 10)
            if self._joins(connection, nonce, answer or {}):
                return
        await connection.close()

    def _joins(self, connection: Connection, nonce: str, answer: dict[str, Unchecked]) -> bool:
        place, rank = self._place, int(answer["rank"])
        if place is None or not 0 < rank < self._count:
            return False
        if not hmac.compare_digest(str(answer["proof"]), place.proof(nonce, f"rank {rank}")):
            return False
        self._commands[rank] = dict(answer["command"])
        connection.send("welcome", proof=place.proof(str(answer["nonce"]), "rank 0"))
        self._joined[rank] = connection
        return True


def _difference(command: Mapping[str, Unchecked], ours: Mapping[str, str]) -> str:
    return "; ".join(
        f"{command.get(key) or 'nothing'} instead of {words or 'nothing'}"
        for key, words in ours.items()
        if command.get(key) != words
    )


def be_rank(rank: int, address: str, file: Path, command: Mapping[str, str]) -> None:
    """Be the agent of a rank above 0, attempt after attempt, until rank 0 closes the rendezvous.

    Signals are for rank 0, which passes them on. Only while this rank looks for rank 0, a signal
    to stop ends it.

    Args:
        rank: the number of this rank.
        address: of this machine.
        file: by which rank 0 is found.
        command: this rank's command line, which rank 0 compares with its own.

    Raises:
        HostUnreachable: if rank 0 is not found.
        Interrupted: after SIGINT, SIGTERM or SIGHUP before that.

    >>> be_rank(1, "127.0.0.1", Path("meet.json"), {"recipe": "mlp"})  # doctest: +SKIP
    """
    stops: list[int] = []
    for number in STOPPING:
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup leaves SIGHUP
            signal.signal(number, lambda number, _: stops.append(number))
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, lambda *_: None)  # unlike SIG_IGN, not passed on to workers
    found = asyncio.run(_follow(rank, address, file, command, stops))
    if stops and not found:
        name = STOPPING[signal.Signals(stops[0])]
        raise Interrupted(f"{name} before rank 0 was found through {file}", 128 + stops[0])
    if not found:
        raise HostUnreachable(f"rank 0 was not found through {file} within {_GATHER:.0f} s")


async def _follow(
    rank: int, address: str, file: Path, command: Mapping[str, str], stops: list[int]
) -> bool:
    """Serve rank 0 until it is gone; return whether it was found.

    ``stops`` are signals to stop, which a handler appends.
    """
    found = False
    deadline = time.monotonic() + _GATHER
    while time.monotonic() < deadline and not stops:
        place = _Place.read(file)
        if place is None and found:
            return True
        try:
            connection = None if place is None else await _joined(place, rank, command)
        except ConnectionRefusedError:  # rank 0 is gone, or the file is of an earlier job
            if found:
                return True
            connection = None
        if connection is not None:
            found = True
            await Agent(connection).serve(address)
            await connection.close()
            stops.clear()  # rank 0 has taken care of these
            deadline = time.monotonic() + _GATHER
        await asyncio.sleep(_POLL)
    return found


async def _joined(place: _Place, rank: int, command: Mapping[str, str]) -> Optional[Connection]:
    """A connection to rank 0 after both sides have proved that they know the secret, or None.

    Raises:
        ConnectionRefusedError: if nobody listens there.
    """
    try:
        connection = await asyncio.wait_for(
            Connection.over_socket(place.address, place.port), _TO_CONNECT
        )
    except ConnectionRefusedError:
        raise
    except (OSError, asyncio.TimeoutError):  # the network is down
        return None
    nonce = secrets.token_hex(16)
    with suppress(asyncio.TimeoutError, LookupError):
        challenge = await asyncio.wait_for(connection.receive(), 10) or {}
        proof = place.proof(str(challenge["nonce"]), f"rank {rank}")
        connection.send("join", rank=rank, nonce=nonce, proof=proof, command=dict(command))
        welcome = await asyncio.wait_for(connection.receive(), 10) or {}
        if hmac.compare_digest(str(welcome["proof"]), place.proof(nonce, "rank 0")):
            return connection
    await connection.close()
    return None
