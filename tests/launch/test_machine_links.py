"""Whether machines reach each other; connections on this one stand in for those between two."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import asynccontextmanager

import pytest

from mxdigits.launch import agent as agents
from mxdigits.launch import links
from mxdigits.launch.agent import Agent, Hello
from mxdigits.launch.connection import Connection
from mxdigits.launch.links import Link
from mxdigits.launch.member import HostUnreachable, Member, link_all

HERE = "127.0.0.1"


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    monkeypatch.setattr(links, "SECONDS", 0.02)
    monkeypatch.setattr(links, "SILENCE", 0.5)
    monkeypatch.setattr(links, "_TO_CONNECT", 1.4)
    monkeypatch.setattr(links, "_PAUSE", 0.02)
    monkeypatch.setattr(agents, "_TICK", 0.02)


async def never(reader, writer):
    await reader.read()


async def at_once(reader, writer):
    await reader.read(1)


@asynccontextmanager
async def link_to(answer):
    """A link to a server that answers in some way."""
    handling = []

    async def handle(reader, writer):
        handling.append(asyncio.current_task())
        try:
            await answer(reader, writer)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(handle, HERE, 0)
    try:
        yield Link("host b", HERE, HERE, server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for each in handling:
            each.cancel()
        await asyncio.gather(*handling, return_exceptions=True)
        await asyncio.sleep(0.05)  # until what was aborted is closed


@pytest.fixture
def unused_port():
    """A port where nobody listens, nor begins to meanwhile."""
    with socket.socket() as taken:
        taken.bind((HERE, 0))
        yield taken.getsockname()[1]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (links._answer, ""),
        (at_once, "the connection was closed"),
        (never, "no answer for 1 s"),
    ],
)
def test_why_a_machine_is_not_reached(answer, why):
    async def ask():
        async with link_to(answer) as link:
            return await link.why_not()

    assert asyncio.run(ask()) == why


def test_a_machine_where_nobody_listens_is_not_reached(unused_port):
    assert asyncio.run(Link("host b", HERE, HERE, unused_port).why_not()) == "Connection refused"


def test_nobody_listens_where_no_other_machine_comes():
    assert asyncio.run(links.answering("127.0.0.1")) is None
    assert asyncio.run(links.answering("::1")) is None


async def until(true):
    for _ in range(3000):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it does not come about")


@pytest.mark.parametrize("answer", [never, at_once])
def test_a_link_falls_silent_when_the_other_side_does_and_lives_when_it_answers_again(answer):
    speaks = threading.Event()  # under Python 3.9 asyncio's needs a loop already

    async def other(reader, writer):
        await (links._answer if speaks.is_set() else answer)(reader, writer)

    async def run():
        async with link_to(other) as link:
            keeping = asyncio.create_task(link.keep())
            await until(lambda: link.silent)
            speaks.set()
            await until(lambda: not link.silent)
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    asyncio.run(run())


@asynccontextmanager
async def told_agent():
    """The launcher's side of a connection to an agent of this machine."""
    ours, theirs = socket.socketpair()
    connection = Connection(*await asyncio.open_connection(sock=ours))
    agent = Agent(Connection(*await asyncio.open_connection(sock=theirs)))
    serving = asyncio.create_task(agent.serve(HERE))
    member = Member("host a", range(1), connection)
    await member.greet(print)
    try:
        yield member
    finally:
        connection.send("end")
        assert await serving
        await connection.close()


def other_machine(port):
    member = Member("host b", range(1, 2), None)
    member.hello = Hello(HERE, 9000, "b", [0], 1, 1, port)
    return member


def test_an_agent_tells_which_machine_it_does_not_reach(unused_port):
    async def ask():
        async with told_agent() as member:
            with pytest.raises(HostUnreachable) as caught:
                await member.link([other_machine(unused_port)])
            return str(caught.value)

    told = "host a does not reach host b at 127.0.0.1: Connection refused"
    assert asyncio.run(ask()) == told


def test_an_agent_tells_when_it_reaches_a_machine_no_more():
    async def once(reader, writer):
        """What a machine answers whose link is cut after the first sign of life."""
        if not silent.is_set():
            silent.set()
            await reader.read(1)
            writer.write(links._BEAT)
        await never(reader, writer)

    async def run():
        async with link_to(once) as link, told_agent() as member:
            await member.link([other_machine(link.port)])
            while (message := await member.connection.receive())["kind"] != "cut":
                pass
            return message["other"]

    silent = threading.Event()
    assert asyncio.run(run()) == "host b"


def test_each_machine_reaches_those_before_it_and_only_once_where_it_has_several_agents():
    asked = []

    class Asked(Member):
        async def link(self, others):
            asked.append((self.title, [each.title for each in others]))

    async def run():
        members = []
        for title, address, port in [
            ("a", "10.0.0.1", 1),
            ("b", "10.0.0.2", 2),
            ("b again", "10.0.0.2", 3),
            ("c", "10.0.0.3", 4),
        ]:
            members.append(Asked(title, range(1), None))
            members[-1].hello = Hello(address, 9000, title, [0], 1, 1, port)
        await link_all(members)

    asyncio.run(run())
    assert asked == [("b", ["a"]), ("c", ["a", "b"])]


def test_on_one_machine_nobody_is_asked():
    async def run():
        members = [Member(str(n), range(1), None) for n in range(2)]
        for each in members:
            each.hello = Hello(HERE, 9000, "a", [0], 1, 1)
        await link_all(members)  # which would use the connections that they do not have

    asyncio.run(run())


def test_an_agent_that_misses_the_launcher_says_so(monkeypatch, capsys):
    async def run():
        ours, theirs = socket.socketpair()
        connection = Connection(*await asyncio.open_connection(sock=ours))
        agent = Agent(Connection(*await asyncio.open_connection(sock=theirs)))
        assert not await agent.serve(HERE)
        await connection.close()

    monkeypatch.setattr(agents, "SILENCE", 1.0)
    asyncio.run(run())
    assert capsys.readouterr().err == "the launcher gave no sign of life for 1 s\n"


def test_an_agent_that_ends_while_others_are_connected_prints_nothing(caplog):
    async def run(other):
        server = await asyncio.start_server(links._answer, HERE, 0)
        other.connect(server.sockets[0].getsockname())
        await until(lambda: len(asyncio.all_tasks()) > 1)
        server.close()

    with socket.socket() as other:
        asyncio.run(run(other))  # which cancels what waits for the other side
    assert caplog.records == []
