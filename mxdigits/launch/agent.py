"""The agent of one machine: starts its workers, watches them, and ends them with the launcher.

The launcher starts one agent on each machine: as a child process on its own, by ssh on others. An
agent takes orders on standard input and answers on standard output; anything else that is printed
goes to standard error. It never imports a backend.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Optional

from .. import __version__
from ..backends.cpus import usable_cpus
from ..printing import print_note
from ..storage.files import sha256_of
from ..values import Json, Unchecked
from .connection import SILENCE, Connection
from .links import Link, answering
from .process import Listener, Program, WatchedProcess

_TICK = 0.2  # seconds


@lru_cache(maxsize=1)
def code_hash() -> str:
    """Return the SHA-256 of the source files of this mxdigits, without its templates of plugins.

    These are links in a clone, and files where it is installed.

    >>> len(code_hash())
    64
    """
    package = Path(__file__).parents[1]
    found = hashlib.sha256()
    for file in sorted(package.rglob("*.py")):
        name = file.relative_to(package)
        if "templates" not in name.parts:
            found.update(f"{name} {sha256_of(file)}\n".encode())
    return found.hexdigest()


@dataclass(frozen=True)
class Hello:
    """An agent's first message, which describes its machine.

    ``machine`` is its name, ``port`` a free port. ``cpus`` are the CPUs that the agent may use, and
    ``usable`` is how many of them it may use at once. ``link`` is the port for the agents of other
    machines, 0 if no other machine reaches the address.

    >>> Hello.here("127.0.0.1").address
    '127.0.0.1'
    """

    address: str
    port: int
    machine: str
    cpus: Sequence[int]
    usable: int
    pid: int
    link: int = 0
    version: str = __version__
    code: str = field(default_factory=code_hash)

    @classmethod
    def here(cls, address: str, link: int = 0) -> Hello:
        """Describe this machine.

        Raises:
            OSError: if it does not have that address.
        """
        with socket.create_server((address, 0), family=_family(address)) as server:
            port = server.getsockname()[1]
        cpus = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        return cls(address, port, socket.gethostname(), cpus, usable_cpus(), os.getpid(), link)


def _own_threads() -> dict[str, str]:
    """The number of threads in this machine's environment; it overrides the launcher's."""
    return {key: value for key, value in os.environ.items() if key == "OMP_NUM_THREADS"}


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


@dataclass(frozen=True)
class Orders:
    """What an agent is to start: its workers, and companions such as a server of a backend.

    Arguments begin after the name of Python, because each machine has its own. ``files`` are those
    that these processes may leave behind if they are killed.

    >>> orders = Orders([Program("rank 0", ["-m", "mxdigits", "run", "mlp"])])
    >>> Orders.read(orders.to_json()) == orders
    True
    """

    workers: Sequence[Program]
    companions: Sequence[Program] = field(default_factory=list)
    files: Sequence[str] = field(default_factory=list)

    def to_json(self) -> Json:
        """The orders as values for a message."""
        values: Json = asdict(self)
        return values

    @classmethod
    def read(cls, values: Unchecked) -> Orders:
        """Read the orders from a message."""
        workers, companions = (
            [Program(**each) for each in values[key]] for key in ("workers", "companions")
        )
        return cls(workers, companions, values["files"])

    def remove_files(self) -> None:
        """Delete the files, when all processes have ended.

        >>> Orders([], files=["not there"]).remove_files()
        """
        for file in self.files:
            with suppress(OSError):  # usually the file is gone
                Path(file).unlink()


class Agent:
    """An agent's work for one attempt at a run: from its hello until all processes have ended.

    >>> async def work(connection):
    ...     await Agent(connection).serve("127.0.0.1")
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._workers: list[WatchedProcess] = []
        self._companions: list[WatchedProcess] = []
        self._orders = Orders([])
        self._links: list[Link] = []
        self._keeping: list[asyncio.Task[None]] = []
        self._listener = Listener(self._line, self._facts, connection.drain)

    async def serve(self, address: str) -> bool:
        """Obey the launcher until it says that all is over, or until it is gone.

        Returns:
            Whether the launcher said that all is over.
        """
        try:
            server = await answering(address)
            link = 0 if server is None else server.sockets[0].getsockname()[1]
            hello = Hello.here(address, link)
        except OSError as error:
            why = os.strerror(error.errno or errno.EADDRNOTAVAIL)
            self._connection.send("refused", why=f"cannot listen on {address}: {why}")
            await self._connection.flush()
            return False
        self._connection.send("hello", **asdict(hello))
        watching = asyncio.create_task(self._watch())
        try:
            told = await self._obey()
        finally:
            for task in (watching, *self._keeping):
                task.cancel()
            if server is not None:
                server.close()
            left = [*self._workers, *self._companions]
            for process in left:
                process.kill()
            await asyncio.gather(*(process.end() for process in left))
            self._orders.remove_files()
        self._connection.send("over")
        await self._connection.flush()
        return told

    async def _obey(self) -> bool:
        while True:
            try:
                message = await asyncio.wait_for(self._connection.receive(), SILENCE)
            except asyncio.TimeoutError:  # the launcher, or the network to it, is gone
                print_note(f"the launcher gave no sign of life for {SILENCE:.0f} s")
                return False
            if message is None:
                return False
            if message["kind"] == "end":
                return True
            if message["kind"] == "link":
                await self._link(message["others"])
            elif message["kind"] == "start":
                await self._start(Orders.read(message["orders"]))
            elif message["kind"] == "signal":
                for process in self._workers:
                    process.signal(message["number"])

    async def _link(self, others: Sequence[Mapping[str, Unchecked]]) -> None:
        """Connect to some other machines, and watch from now on that they can be reached."""
        links = [Link(**each) for each in others]
        found = await asyncio.gather(*(each.why_not() for each in links))
        missed = [(link, why) for link, why in zip(links, found) if why]
        for link, why in missed[:1]:
            self._connection.send("unlinked", other=link.title, address=link.address, why=why)
        if not missed:
            self._links = links
            self._keeping = [asyncio.create_task(link.keep()) for link in links]
            self._connection.send("linked")

    async def _start(self, orders: Orders) -> None:
        self._orders = orders
        for group, programs in (
            (self._companions, orders.companions),
            (self._workers, orders.workers),
        ):
            for program in programs:
                self._connection.beat()  # starting many processes on a busy machine takes long
                here = replace(
                    program,
                    argv=[sys.executable, *program.argv],
                    environment={**program.environment, **_own_threads()},
                )
                try:
                    group.append(await WatchedProcess.start(here, self._listener))
                except OSError as error:
                    self._ended(program.name, None, str(error.strerror))

    async def _watch(self) -> None:
        """Tell the launcher how each process ends, and that this agent lives."""
        while True:
            self._connection.beat()
            for link in [each for each in self._links if each.silent]:
                self._links.remove(link)
                self._connection.send("cut", other=link.title)
            for group in (self._workers, self._companions):
                for process in [each for each in group if self._is_over(each)]:
                    group.remove(process)
                    await process.end()  # also the processes that it has started
                    if not process.hung:
                        self._ended(process.name, process, process.said)
            await asyncio.sleep(_TICK)

    def _is_over(self, process: WatchedProcess) -> bool:
        if process.code is None and process.silent():
            process.hung = True
            self._ended(process.name, process, process.said)
        return process.hung or process.code is not None

    def _ended(self, name: str, process: Optional[WatchedProcess], said: str) -> None:
        self._connection.send(
            "ended",
            name=name,
            code=None if process is None or process.hung else process.code,
            pid=None if process is None else process.pid,
            said=said,
        )

    def _line(self, name: str, stream: str, text: str) -> None:
        self._connection.send("line", name=name, stream=stream, text=text)

    def _facts(self, name: str, facts: dict[str, Unchecked]) -> None:
        self._connection.send("facts", name=name, facts=facts)


async def _serve(address: str) -> None:
    # Output of others must not get between the messages.
    target = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    connection = await Connection.over_pipes(sys.stdin.buffer, target)
    await Agent(connection).serve(address)


def main() -> int:
    """Serve the launcher on the other side of standard input and output.

    >>> main()  # doctest: +SKIP
    0
    """
    asyncio.run(_serve(sys.argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
