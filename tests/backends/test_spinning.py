"""How long waiting threads spin: long only if the CPUs are theirs alone."""

import itertools
import os
import subprocess
import sys

import pytest

from mxdigits.backends import cpus, spinning
from mxdigits.backends.spinning import SPIN_COUNT, set_spin_count, spin_count

ALONE, SHARED = "10000", "2000"


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """Make a machine of so many CPUs, quota and running threads; gives the folder of processes."""

    def machine(count, quota=float("inf"), others=0, own="RS"):
        monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(count)))
        monkeypatch.setattr(cpus, "cgroup_cpus", lambda: quota)
        for thread, state in enumerate(own):
            (tmp_path / "self" / "task" / str(thread)).mkdir(parents=True)
            stat = f"{thread} (a name) R) {state} 1 1 1\n"
            (tmp_path / "self" / "task" / str(thread) / "stat").write_text(stat)
        told = f"0.81 1.04 0.83 {own.count('R') + others}/78 3803\n"
        (tmp_path / "loadavg").write_text(told)
        return tmp_path

    return machine


@pytest.mark.parametrize(
    ("count", "quota", "others", "threads", "expected"),
    [
        (2, float("inf"), 0, 2, ALONE),
        (2, float("inf"), 1, 2, SHARED),
        (2, float("inf"), 1, 1, ALONE),
        (2, float("inf"), 0, 3, SHARED),
        (16, float("inf"), 4, 12, ALONE),
        (16, float("inf"), 4, 13, SHARED),
        (8, 2.0, 0, 2, ALONE),
        (8, 1.5, 0, 2, SHARED),
    ],
)
def test_threads_spin_long_only_on_cpus_that_nobody_else_needs(
    machine, count, quota, others, threads, expected
):
    assert spin_count(threads, machine(count, quota, others)) == expected


@pytest.mark.parametrize("own", ["R", "RRR", "RSRS"])
def test_threads_of_this_process_are_no_others(machine, own):
    assert spin_count(2, machine(2, own=own)) == ALONE


@pytest.mark.parametrize("text", ["", "0.81 1.04 0.83", "0.81 1.04 0.83 many/78 3803\n"])
def test_a_system_that_does_not_count_what_runs_is_taken_to_be_shared(machine, text):
    processes = machine(2)
    (processes / "loadavg").write_text(text)
    assert spin_count(2, processes) == SHARED
    (processes / "loadavg").unlink()
    assert spin_count(2, processes) == SHARED
    assert spin_count(2, processes / "nothing") == SHARED


def test_what_runs_only_for_a_moment_does_not_count(machine, monkeypatch):
    processes = machine(2, others=3)
    counts = itertools.chain([2, 1], itertools.repeat(5))
    monkeypatch.setattr(
        spinning.time,
        "sleep",
        lambda _: (processes / "loadavg").write_text(f"0 0 0 {next(counts)}/78 3803"),
    )
    assert spin_count(2, processes) == ALONE


def test_the_users_own_value_stays(monkeypatch):
    monkeypatch.setenv(SPIN_COUNT, "77")
    set_spin_count()
    assert os.environ[SPIN_COUNT] == "77"


@pytest.mark.parametrize("value", ["", None])
def test_a_missing_value_is_set(monkeypatch, value):
    monkeypatch.setenv(SPIN_COUNT, "")
    if value is None:
        monkeypatch.delenv(SPIN_COUNT)
    set_spin_count()
    assert os.environ[SPIN_COUNT] in (ALONE, SHARED)


def test_a_busy_program_is_noticed():
    """One thread more than there are CPUs runs here, and this process needs them all."""
    spinners = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        for _ in range(len(os.sched_getaffinity(0)))
    ]
    try:
        assert spin_count(cpus.usable_cpus()) == SHARED
    finally:
        for each in spinners:
            each.kill()
            each.wait()
