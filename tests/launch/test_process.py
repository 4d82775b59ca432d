"""A process that an agent watches: its lines, its facts, and what counts as hung."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from textwrap import dedent
from types import SimpleNamespace

import pytest

from mxdigits.launch import process as processes
from mxdigits.launch.process import Listener, Program, WatchedProcess


class Heard:
    """Remembers what a process prints and tells."""

    def __init__(self):
        self.lines: list[tuple[str, str, str]] = []
        self.facts: list[dict] = []

    async def ready(self):
        pass

    def listener(self):
        return Listener(
            lambda *line: self.lines.append(line),
            lambda name, facts: self.facts.append(facts),
            self.ready,
        )


def watch(code: str, until, **more):
    """Run a program until it has ended, or until something is true of it; then end it."""
    heard = Heard()

    async def run():
        program = Program("rank 0", [sys.executable, "-c", dedent(code)], **more)
        process = await WatchedProcess.start(program, heard.listener())
        while process.code is None and not until(process, heard):
            await asyncio.sleep(0.05)
        await process.end()
        return process

    return asyncio.run(run()), heard


def never(process, heard):
    return False


def test_lines_and_facts_are_passed_on():
    process, heard = watch(
        """
        import sys
        from mxdigits import heartbeat
        heartbeat.start()
        heartbeat.tell_folder("a")
        print("one", flush=True)
        print(" ", flush=True)
        print("two", end="", file=sys.stderr)
        """,
        never,
    )
    assert process.code == 0
    assert sorted(heard.lines) == [
        ("rank 0", "stderr", "two"),
        ("rank 0", "stdout", " "),
        ("rank 0", "stdout", "one"),
    ]
    assert heard.facts == [{"folder": "a"}]
    assert process.said in ("one", "two")


def test_a_line_without_an_end_is_cut():
    _, heard = watch("print('x' * 100_000)", never)
    assert {len(text) for _, _, text in heard.lines} <= {16_000, *range(16_000)}
    assert heard.lines[0][2] == "x" * 16_000


def test_the_environment_and_the_cpus_are_its_own():
    cpu = min(os.sched_getaffinity(0))
    _, heard = watch(
        "import os; print(os.environ['A'], os.sched_getaffinity(0))",
        never,
        environment={"A": "b"},
        cpus=[cpu],
    )
    assert heard.lines == [("rank 0", "stdout", f"b {{{cpu}}}")]


def test_a_process_that_is_stopped_falls_silent(monkeypatch):
    monkeypatch.setattr(processes, "SILENCE", 0.5)
    stopped = []

    def until(process, heard):
        if heard.lines and not stopped:
            stopped.append(process.pid)
            os.kill(process.pid, signal.SIGSTOP)
        return stopped and process.silent()

    code = """
        import time
        from mxdigits import heartbeat
        heartbeat.SECONDS = 0.1
        heartbeat.start()
        print("ready", flush=True)
        time.sleep(600)
    """
    process, _ = watch(code, until)
    assert process.code == -signal.SIGKILL
    assert stopped


def test_a_process_whose_disk_does_not_answer_falls_silent(monkeypatch, tmp_path):
    monkeypatch.setattr(processes, "SILENCE", 1)
    code = f"""
        import os, time
        from mxdigits import heartbeat
        heartbeat.SECONDS = 0.1
        heartbeat.start()
        os.statvfs = lambda folder: time.sleep(600)
        heartbeat.tell_folder({str(tmp_path)!r})
        time.sleep(600)
    """
    process, heard = watch(code, lambda process, heard: heard.facts and process.silent())
    assert process.code == -signal.SIGKILL
    assert heard.facts == [{"folder": str(tmp_path)}]


@pytest.mark.parametrize(
    ("how", "code", "said"),
    [
        ("sys.exit(3)", 3, ""),
        ("sys.exit(0)", 0, "waited"),
        ("1 / 0", 1, "ZeroDivisionError: division by zero"),
    ],
)
def test_a_process_that_fails_does_not_wait_for_others(how, code, said):
    program = f"""
        import atexit, sys
        from mxdigits import heartbeat
        heartbeat.start()
        atexit.register(print, "waited", flush=True)
        with heartbeat.leaving_at_once():
            {how}
    """
    process, _ = watch(program, never)
    assert (process.code, process.said) == (code, said)


def test_nothing_is_left_where_the_disk_was_tried(tmp_path):
    code = f"""
        import time
        from mxdigits import heartbeat
        heartbeat.SECONDS = 0.05
        heartbeat.start()
        heartbeat.tell_folder({str(tmp_path)!r})
        time.sleep(0.5)
    """
    process, _ = watch(code, never)
    assert process.code == 0
    assert list(tmp_path.iterdir()) == []


def test_each_sign_of_life_ends_a_silence(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(processes, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    heard_at = []

    def until(process, _):
        if not process.silent():
            heard_at.append(clock[0])
            clock[0] += 2 * processes.SILENCE
        return len(heard_at) == 4

    code = """
        import time
        from mxdigits import heartbeat
        heartbeat.SECONDS = 0.1
        heartbeat.start()
        time.sleep(600)
    """
    watch(code, until)
    assert heard_at == [0, 40, 80, 120]


def test_a_process_that_nobody_watches_ends_itself(tmp_path):
    import subprocess

    reading, writing = os.pipe()
    code = "import time; from mxdigits import heartbeat; heartbeat.start(); time.sleep(600)"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        pass_fds=[writing],
        env={**os.environ, "MXDIGITS_HEARTBEAT": str(writing)},
    )
    os.close(writing)
    assert os.read(reading, 1) == b"\n"
    os.close(reading)
    assert process.wait(300) == -signal.SIGKILL
