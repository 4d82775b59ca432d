"""Real launches on this machine, of a program that stands in for mxdigits."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent

import pytest

from mxdigits.launch import launcher as launchers
from mxdigits.launch.hosts import Host
from mxdigits.launch.job import Job
from mxdigits.launch.launcher import WorkerFailed
from mxdigits.launch.member import Hosts, HostUnreachable

WORKER = """
    import os, signal, subprocess, sys, time

    from mxdigits import heartbeat

    heartbeat.start()
    rank, words = os.environ["MXDIGITS_RANK"], sys.argv[1:]
    if rank == "0":
        heartbeat.tell_folder("runs/mlp/a")
        time.sleep(0.3)  # until it is known: it goes another way than what is printed
    print("pid", os.getpid(), *words, flush=True)
"""

LAUNCHER = """
    import sys

    from mxdigits.errors import MxdigitsError
    from mxdigits.launch import attempt
    from mxdigits.launch.hosts import Host
    from mxdigits.launch.job import Job
    from mxdigits.launch.launcher import launch
    from mxdigits.launch.member import Hosts
    from mxdigits.printing import print_error, print_note

    attempt._GRACE = {grace}
    job = Job("mlp", ["epochs=1"], python=["worker.py"])
    hosts = [Host(workers=2)]
    try:
        print(launch(job, Hosts(hosts), restarts={restarts}, say=print_note))
    except MxdigitsError as error:
        print_error(error.lines)
        sys.exit(error.exit_code)
"""

FOREVER = "time.sleep(600)"


class Launch:
    """A launcher that was started; its workers are known by their lines ``RANK: pid NUMBER``."""

    def __init__(self, folder: Path, body: str, restarts: int, grace: float) -> None:
        self.lines: list[str] = []
        self.processes: list[int] = []
        (folder / "worker.py").write_text(dedent(WORKER) + dedent(body))
        self.process = subprocess.Popen(
            [sys.executable, "-c", dedent(LAUNCHER).format(restarts=restarts, grace=grace)],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def workers(self) -> dict[str, int]:
        """The process of each rank, as soon as both have told."""
        found: dict[str, int] = {}
        while len(found) < 2:
            if match := re.match(r"(\d): pid (\d+)", self.read_line()):
                found[match[1]] = int(match[2])
        self.processes += found.values()
        return found

    def read_until(self, wanted: set[str]) -> None:
        """Read its output until it has had all of some lines."""
        while not wanted <= set(self.lines):
            self.read_line()

    def read_line(self) -> str:
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        self.lines.append(line.rstrip("\n"))
        return self.lines[-1]

    def agent(self) -> int:
        """The process of the agent, which is from now on one that has to end."""
        with open(f"/proc/{self.processes[-1]}/stat") as file:
            agent = int(file.read().rpartition(")")[2].split()[1])
        self.processes.append(agent)
        return agent

    def end(self) -> tuple[int, list[str], list[str]]:
        """The exit code, what was printed, and what to standard error."""
        out, err = self.process.communicate(timeout=300)
        return self.process.returncode, [*self.lines, *out.splitlines()], err.splitlines()

    def none_is_left(self) -> bool:
        """Whether its workers, and its agent if asked for, are gone a while after it."""
        for _ in range(600):
            if not any(map(runs, self.processes)):
                return True
            time.sleep(0.1)
        return False


def runs(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def launched(tmp_path):
    started = []

    def launch(body: str, restarts: int = 0, grace: float = 0.5) -> Launch:
        started.append(Launch(tmp_path, body, restarts, grace))
        return started[-1]

    yield launch
    for each in started:
        each.process.kill()
        each.process.communicate()
        assert each.none_is_left()


def test_workers_are_started_and_their_output_is_passed_on(launched):
    body = "print(os.environ['MXDIGITS_WORKERS'], 'careful', file=sys.stderr)"
    code, out, err = launched(body).end()
    assert code == 0
    assert sorted(re.sub(r"pid \d+", "pid N", line) for line in out) == [
        "0: pid N run mlp epochs=1",
        "1: pid N run mlp epochs=1",
        "Launched(folder='runs/mlp/a', code=0)",
    ]
    assert sorted(err) == ["0: 2 careful", "1: 2 careful"]


def test_all_end_when_one_is_killed_and_the_next_attempt_goes_on(launched):
    launch = launched(FOREVER, restarts=1)
    workers = launch.workers()
    os.kill(workers["1"], signal.SIGKILL)
    again = launch.workers()
    os.kill(again["0"], signal.SIGKILL)
    code, _, err = launch.end()
    assert code == 137
    said = [f"pid {workers['1']} run mlp epochs=1", f"pid {again['0']} resume runs/mlp/a epochs=1"]
    assert err == [
        f"rank 1 (process {workers['1']}) was ended by SIGKILL; its last line: {said[0]}",
        "starting again with runs/mlp/a: restart 1 of 1",
        f"error: rank 0 (process {again['0']}) was ended by SIGKILL; its last line: {said[1]}",
        "error: to go on: the same command with --resume runs/mlp/a",
    ]
    assert launch.none_is_left()


@pytest.mark.parametrize("whom", ["launcher", "agent", "both"])
def test_no_worker_outlives_the_launcher_or_the_agent(launched, whom):
    launch = launched(FOREVER)
    launch.workers()
    killed = {"launcher": [launch.process.pid], "agent": [launch.agent()]}
    for process in killed.get(whom) or [*killed["launcher"], *killed["agent"]]:
        os.kill(process, signal.SIGKILL)
    code, _, err = launch.end()
    if whom == "agent":
        assert code == 1
        assert err == [
            "error: this machine with ranks 0 to 1 is lost: its agent was ended by SIGKILL",
            "error: to go on: the same command with --resume runs/mlp/a",
        ]
    assert launch.none_is_left()


@pytest.mark.parametrize("whom", ["launcher", "agent", "worker"])
def test_what_killed_processes_leave_behind_is_deleted(launched, whom):
    body = """
    with open(f"/tmp/{os.environ['MXDIGITS_SOCKETS']}", "a") as file:
        pass
    print("file", file.name, flush=True)
    """
    launch = launched(dedent(body) + FOREVER)
    workers = launch.workers()
    killed = {"launcher": launch.process.pid, "agent": launch.agent(), "worker": workers["0"]}
    while sum(": file " in line for line in launch.lines) < 2:
        launch.read_line()
    name = next(line.split()[-1] for line in launch.lines if ": file " in line)
    assert Path(name).exists()
    os.kill(killed[whom], signal.SIGKILL)
    launch.end()
    assert launch.none_is_left()
    assert not Path(name).exists()


def test_signals_reach_the_workers_and_end_the_launcher(launched):
    body = """
        # Not by print, in the midst of which the signal may come.
        signal.signal(signal.SIGUSR1, lambda *_: os.write(1, b'kept\\n'))
        print('ready', flush=True)
        time.sleep(600)
    """
    launch = launched(body)
    launch.read_until({"0: ready", "1: ready"})
    launch.process.send_signal(signal.SIGUSR1)
    launch.read_until({"0: kept", "1: kept"})
    launch.process.send_signal(signal.SIGTERM)
    code, _, err = launch.end()
    assert code == 143
    assert err == ["error: terminated; to go on: the same command with --resume runs/mlp/a"]


def test_a_folder_that_no_worker_has_found_is_not_proposed(tmp_path, monkeypatch):
    (tmp_path / "worker.py").write_text("raise SystemExit('error: there is no run folder a')")
    monkeypatch.chdir(tmp_path)
    job = Job("mlp", python=["worker.py"], folder="a")
    with pytest.raises(WorkerFailed) as caught:
        launchers.launch(job, Hosts([Host()]), say=print)
    (line,) = caught.value.lines
    assert line.endswith("ended with exit code 1; its last line: error: there is no run folder a")


def test_a_mistake_is_not_tried_again(launched):
    body = "print('error: no recipe', file=sys.stderr); sys.exit(2)"
    code, out, err = launched(body, 3, grace=60).end()
    assert (code, len(out)) == (2, 2)
    assert err[-1].endswith("ended with exit code 2; its last line: error: no recipe")
    assert re.match(r"error: rank [01] \(process \d+\)", err[-1])


def test_what_a_worker_has_started_ends_with_it(launched, tmp_path):
    body = """
        if rank == '1':
            while not os.path.exists('child'):
                time.sleep(0.01)
            sys.exit(3)
        child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])
        with open('written', 'w') as file:
            print(child.pid, file=file)
        os.rename('written', 'child')
        time.sleep(600)
    """
    launch = launched(body)
    code, _, err = launch.end()
    assert code == 3
    assert re.match(r"error: rank 1 \(process \d+\) ended with exit code 3", err[0])
    launch.processes.append(int((tmp_path / "child").read_text()))
    assert launch.none_is_left()


def test_a_machine_that_does_not_come_back(tmp_path, monkeypatch):
    said = []

    class Once(Hosts):
        async def open(self, say):
            if said:
                raise HostUnreachable("host b does not answer")
            said.append("opened")
            return await super().open(say)

    (tmp_path / "worker.py").write_text(dedent(WORKER) + "sys.exit(1)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(launchers, "_AWAY", 0.5)
    monkeypatch.setattr(launchers, "_PAUSE", 0.2)
    job = Job("mlp", python=["worker.py"])
    with pytest.raises(WorkerFailed) as caught:
        launchers.launch(job, Once([Host()]), restarts=1, say=said.append)
    assert said == ["opened", "host b does not answer; trying again for 0 s"]
    assert caught.value.exit_code == 3
    assert caught.value.lines == [
        "host b does not answer",
        "to go on: the same command with --resume runs/mlp/a",
    ]
