"""How ranks come together that others have started."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import threading
from textwrap import dedent

import pytest

from mxdigits.errors import Interrupted, UsageError
from mxdigits.launch import rendezvous as module
from mxdigits.launch.connection import Connection
from mxdigits.launch.member import HostUnreachable
from mxdigits.launch.rendezvous import Rendezvous, be_rank

WORKER = """
    import os, sys, time
    from mxdigits import heartbeat
    heartbeat.start()
    rank, again = os.environ["MXDIGITS_RANK"], os.path.exists("again")
    if rank == "0":
        heartbeat.tell_folder("a")
        time.sleep(0.3)  # until it is known: it goes another way than what is printed
    print("pid", os.getpid(), sys.argv[1], flush=True)
    if not again:
        time.sleep(600)
"""

RANK = """
    import sys
    from pathlib import Path
    from mxdigits.launch import attempt
    from mxdigits.launch.job import Job
    from mxdigits.launch.launcher import launch
    from mxdigits.launch.rendezvous import Rendezvous, be_rank
    from mxdigits.printing import print_note

    attempt._GRACE = 0.5
    if sys.argv[1] != "0":
        be_rank(int(sys.argv[1]), "127.0.0.1", Path("meet.json"), {})
    else:
        machines = Rendezvous("127.0.0.1", 2, Path("meet.json"), {})
        print(launch(Job("mlp", python=["worker.py"]), machines, restarts=1, say=print_note))
"""


@pytest.fixture
def handlers_put_back():
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_two_ranks_meet_again_after_one_worker_is_lost(tmp_path):
    (tmp_path / "worker.py").write_text(dedent(WORKER))
    ranks = [
        subprocess.Popen(
            [sys.executable, "-c", dedent(RANK), str(rank)],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in (1, 0)
    ]
    other, first = ranks
    try:
        lines = [first.stdout.readline() for _ in range(2)]
        (killed,) = (int(line.split()[2]) for line in lines if line.startswith("1: pid"))
        assert stat.S_IMODE((tmp_path / "meet.json").stat().st_mode) == 0o600
        (tmp_path / "again").touch()
        other.send_signal(signal.SIGTERM)  # which is for rank 0 to say
        os.kill(killed, signal.SIGKILL)
        out, err = first.communicate(timeout=300)
        assert first.returncode == 0, err
        assert other.wait(timeout=300) == 0
        assert out.splitlines()[-1] == "Launched(folder='a', code=0)"
        assert {line.split()[-1] for line in out.splitlines()[:-1]} == {"resume", "run"}
        assert err.splitlines()[1] == "starting again with a: restart 1 of 1"
        assert not (tmp_path / "meet.json").exists()
    finally:
        for each in ranks:
            each.kill()
            each.communicate()


async def hear(port, **answer):
    """What rank 0 says to an answer to its challenge."""
    connection = await Connection.over_socket("127.0.0.1", port)
    challenge = await connection.receive()
    assert challenge["kind"] == "challenge"
    connection.send("join", **answer)
    message = await connection.receive()
    await connection.close()
    return message


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"rank": 1, "nonce": "a", "proof": "b"},
        {"rank": 2, "nonce": "a", "proof": "b"},
        {"rank": "x", "nonce": None, "proof": []},
        {"rank": 1, "nonce": "a", "proof": "é"},
    ],
)
def test_nobody_joins_without_the_secret(tmp_path, monkeypatch, answer):
    monkeypatch.setattr(module, "_GATHER", 1.0)
    monkeypatch.setattr(module, "_WAIT_SILENTLY", 0.2)
    file = tmp_path / "meet.json"
    said = []

    async def run():
        rendezvous = Rendezvous("127.0.0.1", 2, file, {})
        opening = asyncio.create_task(rendezvous.open(said.append))
        while not file.exists():
            await asyncio.sleep(0.05)
        assert await hear(json.loads(file.read_text())["port"], **answer) is None
        with pytest.raises(HostUnreachable) as caught:
            await opening
        assert str(caught.value) == "rank 1 did not join within 1 s"
        rendezvous.close()
        assert not file.exists()

    asyncio.run(run())
    assert said == ["waiting for rank 1, 1 s at most"]


def test_a_rank_obeys_nobody_without_the_secret(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_GATHER", 1.0)
    told = []

    async def impostor(reader, writer):
        connection = Connection(reader, writer)
        connection.send("challenge", nonce="a")
        await connection.receive()
        connection.send("welcome", proof="b")
        connection.send("start", orders={"workers": [], "companions": []})
        told.append(await connection.receive())
        await connection.close()

    async def run():
        async with await asyncio.start_server(impostor, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            values = {"address": "127.0.0.1", "port": port, "secret": "c"}
            (tmp_path / "meet.json").write_text(json.dumps(values))
            return await module._follow(1, "127.0.0.1", tmp_path / "meet.json", {}, [])

    assert asyncio.run(run()) is False
    assert set(told) == {None}


@pytest.mark.parametrize("content", [None, "", "[]", '{"address": "a", "port": "b"}'])
def test_a_rank_that_finds_no_rendezvous(tmp_path, monkeypatch, content):
    monkeypatch.setattr(module, "_GATHER", 0.3)
    monkeypatch.setattr(module.signal, "signal", lambda *_: None)
    file = tmp_path / "meet.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(HostUnreachable) as caught:
        be_rank(1, "127.0.0.1", file, {})
    assert str(caught.value) == f"rank 0 was not found through {file} within 0 s"


@pytest.mark.parametrize(
    ("number", "said", "code"),
    [
        (signal.SIGINT, "interrupted", 130),
        (signal.SIGTERM, "terminated", 143),
        (signal.SIGHUP, "hung up", 129),
    ],
)
def test_a_rank_that_looks_for_rank_0_is_stopped(tmp_path, handlers_put_back, number, said, code):
    file = tmp_path / "meet.json"
    sender = threading.Timer(0.1, os.kill, [os.getpid(), number])
    signal.signal(number, lambda *_: None)  # until it has its own
    sender.start()
    with pytest.raises(Interrupted) as caught:
        be_rank(1, "127.0.0.1", file, {})
    message = f"{said} before rank 0 was found through {file}"
    assert (str(caught.value), caught.value.exit_code) == (message, code)


def test_a_rank_that_nohup_started_ignores_a_hangup(tmp_path, monkeypatch, handlers_put_back):
    monkeypatch.setattr(module, "_GATHER", 0.3)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with pytest.raises(HostUnreachable):
        be_rank(1, "127.0.0.1", tmp_path / "meet.json", {})
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN


def test_a_file_of_an_earlier_job_names_a_machine_that_is_gone(tmp_path, monkeypatch):
    """A firewall may drop what is sent there; meanwhile the new rank 0 writes its own place."""
    file = tmp_path / "meet.json"
    file.write_text(json.dumps({"address": "10.255.0.1", "port": 9, "secret": "a"}))
    usual = Connection.over_socket

    async def over_socket(host, port):
        if host == "10.255.0.1":
            await asyncio.sleep(600)
        return await usual(host, port)

    monkeypatch.setattr(Connection, "over_socket", over_socket)
    monkeypatch.setattr(module, "_TO_CONNECT", 0.1)

    async def run():
        rank = asyncio.create_task(module._follow(1, "127.0.0.1", file, {}, []))
        await asyncio.sleep(0.05)
        rendezvous = Rendezvous("127.0.0.1", 2, file, {})
        members = await rendezvous.open(print)
        await asyncio.gather(*(member.end() for member in members))
        rendezvous.close()
        return await asyncio.wait_for(rank, 300)

    assert asyncio.run(run())


def test_a_rank_ends_when_rank_0_is_killed(tmp_path, monkeypatch):
    """The file that it left says where it listened; nobody does any more."""

    async def rank_0(file):
        rendezvous = Rendezvous("127.0.0.1", 2, file, {})
        opening = asyncio.create_task(rendezvous._others(print))
        await rendezvous._listen()
        await opening
        rendezvous._server.close()
        for member in opening.result():
            await member.connection.close()

    async def run():
        file = tmp_path / "meet.json"
        killed = asyncio.create_task(rank_0(file))
        found = await asyncio.wait_for(module._follow(1, "127.0.0.1", file, {}, []), 300)
        await killed
        assert file.exists()
        return found

    assert asyncio.run(run())


def test_ranks_that_were_started_with_other_commands(tmp_path):
    file = tmp_path / "meet.json"
    own = {"recipe": "mlp", "overrides": "epochs=1", "report": ""}
    others = [{**own, "recipe": "lenet", "report": "--no-report"}, own, {**own, "overrides": ""}]

    async def run():
        rendezvous = Rendezvous("127.0.0.1", 4, file, own)
        ranks = [
            asyncio.create_task(module._follow(rank, "127.0.0.1", file, command, []))
            for rank, command in enumerate(others, 1)
        ]
        try:
            await rendezvous.open(print)
        finally:
            rendezvous.close()
            found = await asyncio.wait_for(asyncio.gather(*ranks), 300)
            assert found == [True, True, True]  # they end, and leave the words to rank 0

    with pytest.raises(UsageError) as caught:
        asyncio.run(run())
    assert str(caught.value) == (
        "rank 1 was started with another command than rank 0: lenet instead of mlp; --no-report "
        "instead of nothing; start all ranks with the same one"
    )
