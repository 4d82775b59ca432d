"""One attempt, with agents that are played here: which end decides, and what is told of it."""

from __future__ import annotations

import asyncio
import signal
import socket

import pytest

from mxdigits.launch import attempt as attempts
from mxdigits.launch.agent import Hello
from mxdigits.launch.attempt import Attempt, End, Outcome
from mxdigits.launch.connection import Connection
from mxdigits.launch.job import Job
from mxdigits.launch.member import Member
from mxdigits.launch.output import Output


@pytest.mark.parametrize(
    ("end", "why", "code"),
    [
        (
            End("rank 1", "this machine", -9, 42),
            "rank 1 (process 42) was ended by SIGKILL",
            137,
        ),
        (
            End("rank 1", "host b", 3, 42, "error: no data"),
            "rank 1 (process 42 on host b) ended with exit code 3; its last line: error: no data",
            3,
        ),
        (
            End("rank 0", "this machine", None, 42, "epoch 3"),
            "rank 0 (process 42) gave no sign of life for 20 s; its last line: epoch 3",
            1,
        ),
        (
            End("rank 2", "host b", None, None, "No such file or directory"),
            "rank 2 on host b could not be started: No such file or directory",
            1,
        ),
        (End("server", "this machine", -40, 7), "server (process 7) was ended by signal 40", 168),
        (End("host b", "host b", None, None, lost="host b is lost"), "host b is lost", 1),
    ],
)
def test_an_end_in_words(end, why, code):
    assert (end.why, end.exit_code) == (why, code)


class PlayedAgent:
    """The other side of a member: says what a test has it say, and remembers what it was told."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.told: list[str] = []
        self.started = asyncio.Event()

    async def listen(self):
        while message := await self.connection.receive():
            if message["kind"] != "beat":
                self.told.append(message["kind"])
            if message["kind"] == "start":
                self.started.set()
            if message["kind"] == "end":
                self.connection.send("over")

    def ended(self, name, code, pid=42, said=""):
        self.connection.send("ended", name=name, code=code, pid=pid, said=said)


async def member_and_agent(title, ranks):
    ours, theirs = socket.socketpair()
    member = Member(title, ranks, Connection(*await asyncio.open_connection(sock=ours)))
    member.hello = Hello("127.0.0.1", 9000, title, [0, 1], 2, 1)
    return member, PlayedAgent(Connection(*await asyncio.open_connection(sock=theirs)))


def play(script, *, monkeypatch, grace=0.3, job=Job("mlp")):  # noqa: B008 - it cannot be changed
    """The outcome of an attempt with two agents, of two ranks each, that follow a script."""
    monkeypatch.setattr(attempts, "_GRACE", grace)
    monkeypatch.setattr(attempts, "_TO_PART", 0.3)
    monkeypatch.setattr(attempts, "_TICK", 0.05)

    async def both():
        output = Output()
        pairs = [
            await member_and_agent("host a", range(2)),
            await member_and_agent("host b", range(2, 4)),
        ]
        agents = [agent for _, agent in pairs]
        attempt = Attempt(job, [member for member, _ in pairs], output)
        running = asyncio.create_task(attempt.run())
        listening = [asyncio.create_task(agent.listen()) for agent in agents]
        for agent in agents:
            await agent.started.wait()
        await script(attempt, *agents)
        outcome = await asyncio.wait_for(running, 300)
        for each in listening:
            each.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
        for agent in agents:
            await agent.connection.close()
        await output.finish()
        return outcome, [agent.told for agent in agents]

    return asyncio.run(both())


def all_end(code, agents):
    for first, agent in zip((0, 2), agents):
        for rank in (first, first + 1):
            agent.ended(f"rank {rank}", code)


def test_a_run_is_done_when_all_workers_are(monkeypatch, capfd):
    async def script(attempt, a, b):
        a.connection.send("facts", name="rank 0", facts={"folder": "runs/mlp/x"})
        b.connection.send("line", name="rank 3", stream="stdout", text="ready\t\x1b[2J")
        b.connection.send("line", name="rank 3", stream="stderr", text="careful")
        all_end(0, (a, b))

    outcome, told = play(script, monkeypatch=monkeypatch)
    assert outcome == Outcome(0, None, "runs/mlp/x")
    assert told == [["start", "end"], ["start", "end"]]
    assert capfd.readouterr() == ("3: ready   \\x1b[2J\n", "3: careful\n")


def test_an_accuracy_that_was_missed_is_the_end_of_a_run(monkeypatch):
    async def script(attempt, a, b):
        all_end(4, (a, b))

    assert play(script, monkeypatch=monkeypatch)[0] == Outcome(4, None, None)


@pytest.mark.parametrize("code", [0, 3])
def test_companions_do_not_keep_a_run_whose_workers_have_ended(monkeypatch, code):
    async def script(attempt, a, b):
        assert attempt._companions == {"scheduler", "server 0"}
        all_end(code, (a, b))

    job = Job("mlp", backends=["mxnet"])
    assert play(script, monkeypatch=monkeypatch, grace=1000, job=job)[0].code == code


def test_a_companion_that_was_killed_decides_also_if_it_is_heard_of_last(monkeypatch):
    async def script(attempt, a, b):
        all_end(1, (a, b))
        a.ended("server 0", -9)

    job = Job("mlp", backends=["mxnet"])
    outcome, _ = play(script, monkeypatch=monkeypatch, grace=1000, job=job)
    assert outcome.end.why == "server 0 (process 42 on host a) was ended by SIGKILL"


def test_what_came_from_outside_decides_also_if_it_is_heard_of_later(monkeypatch):
    async def script(attempt, a, b):
        a.ended("rank 0", 1, said="error: a connection was closed")
        a.ended("rank 1", 1, said="error: a connection was closed")
        b.ended("rank 3", -9)
        b.ended("rank 2", 1, said="error: a connection was closed")

    outcome, told = play(script, monkeypatch=monkeypatch, grace=60)
    assert outcome.end == End("rank 3", "host b", -9, 42)
    assert (outcome.code, outcome.may_go_on) == (137, True)
    assert told == [["start", "end"], ["start", "end"]]


def test_a_run_that_is_finished_stays_so(monkeypatch):
    monkeypatch.setattr(attempts, "_TO_REPORT", 0.3)

    async def script(attempt, a, b):
        a.connection.send("facts", name="rank 0", facts={"folder": "runs/mlp/x"})
        a.connection.send("facts", name="rank 0", facts={"finished": True})
        b.ended("rank 3", -9)

    outcome, told = play(script, monkeypatch=monkeypatch, grace=60)
    assert outcome == Outcome(0, None, "runs/mlp/x")
    assert told == [["start", "end"], ["start", "end"]]


def test_a_run_that_has_diverged_is_not_tried_again(monkeypatch):
    async def script(attempt, a, b):
        a.connection.send("facts", name="rank 0", facts={"diverged": True})
        all_end(1, (a, b))

    outcome, _ = play(script, monkeypatch=monkeypatch, grace=60)
    assert (outcome.code, outcome.end.name, outcome.may_go_on) == (1, "rank 0", False)


def test_of_errors_the_first_decides(monkeypatch):
    async def script(attempt, a, b):
        a.ended("rank 1", 2, said="error: no recipe")
        while not attempt._ends:
            await asyncio.sleep(0.01)
        b.ended("rank 3", 1)

    outcome, _ = play(script, monkeypatch=monkeypatch)
    assert outcome.end == End("rank 1", "host a", 2, 42, "error: no recipe")
    assert not outcome.may_go_on


def test_a_machine_that_is_lost_ends_the_run(monkeypatch):
    async def script(attempt, a, b):
        await b.connection.close()

    outcome, told = play(script, monkeypatch=monkeypatch)
    assert outcome.end.why == "host b with ranks 2 to 3 is lost: the connection was closed"
    assert outcome.code == 1
    assert told[0] == ["start", "end"]


def test_a_machine_that_falls_silent_ends_the_run(monkeypatch):
    async def script(attempt, a, b):
        attempt._members[1].connection.heard -= 60

    outcome, _ = play(script, monkeypatch=monkeypatch)
    assert outcome.end.why == "host b with ranks 2 to 3 gave no sign of life for 20 s"


def test_machines_that_do_not_reach_each_other_end_the_run(monkeypatch):
    async def script(attempt, a, b):
        b.connection.send("cut", other="host a")

    outcome, _ = play(script, monkeypatch=monkeypatch)
    assert outcome.end.why == "host b and host a did not reach each other for 20 s"
    assert (outcome.code, outcome.may_go_on) == (1, True)


def test_who_aborts_for_want_of_another_does_not_decide(monkeypatch):
    async def script(attempt, a, b):
        a.ended("rank 0", 3, said="error: no data")
        b.ended("rank 2", -signal.SIGABRT)

    outcome, _ = play(script, monkeypatch=monkeypatch)
    assert outcome.end.name == "rank 0"


def test_a_machine_whose_workers_are_done_may_go(monkeypatch):
    async def script(attempt, a, b):
        b.ended("rank 2", 0)
        b.ended("rank 3", 0)
        while len(attempt._ends) < 2:
            await asyncio.sleep(0.01)
        await b.connection.close()
        while len(attempt._members) > 1:
            await asyncio.sleep(0.01)
        a.ended("rank 0", 0)
        a.ended("rank 1", 0)

    assert play(script, monkeypatch=monkeypatch)[0] == Outcome(0, None, None)


def test_signals_are_passed_on(monkeypatch):
    async def script(attempt, a, b):
        attempt.signal(signal.SIGUSR1)
        attempt.signal(signal.SIGTERM)
        all_end(143, (a, b))

    outcome, told = play(script, monkeypatch=monkeypatch)
    assert outcome.code == 143
    assert told == [["start", "signal", "signal", "end"]] * 2


def test_the_second_interrupt_ends_all_at_once(monkeypatch):
    async def script(attempt, a, b):
        attempt.signal(signal.SIGINT)
        attempt.signal(signal.SIGINT)

    outcome, _ = play(script, monkeypatch=monkeypatch, grace=60)
    assert outcome.end.why == "the workers were ended before they were done"
