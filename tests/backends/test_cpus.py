"""The CPUs of a machine: what this process may use of them, and what each worker gets."""

from __future__ import annotations

import math
import os

import pytest

from mxdigits.backends.cpus import CpuTime, Share, cgroup_cpus, shares, usable_cpus


@pytest.mark.parametrize(
    ("jobs", "cpus", "usable", "shared"),
    [
        (1, [0, 1, 2, 3], 4, [Share()]),
        (2, [0, 1, 2, 3], 4, [Share([0, 1], 2), Share([2, 3], 2)]),
        (2, [4, 5, 7], 3, [Share([4], 1), Share([5], 1)]),
        (2, list(range(8)), 2, [Share([0], 1), Share([1], 1)]),  # of 8 CPUs a quota allows 2
        (3, [0, 1], 2, [Share([0], 1), Share([1], 1), Share([0], 1)]),
    ],
)
def test_cpus_are_shared_out(jobs, cpus, usable, shared):
    assert shares(jobs, cpus, usable) == shared


@pytest.mark.parametrize(
    ("affinity", "quota", "usable"),
    [
        (8, math.inf, 8),
        (8, 4, 4),
        (2, 4, 2),
        (8, 2.5, 3),
        (8, 0.5, 1),
        (8, 0.001, 1),
        (1, math.inf, 1),
    ],
)
def test_usable_cpus(monkeypatch, affinity, quota, usable):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(affinity)))
    monkeypatch.setattr("mxdigits.backends.cpus.cgroup_cpus", lambda: quota)
    assert usable_cpus() == usable


def test_usable_cpus_of_this_process():
    assert 1 <= usable_cpus() <= len(os.sched_getaffinity(0)) <= os.cpu_count()


@pytest.mark.parametrize(
    ("files", "cpus"),
    [
        ({}, math.inf),
        # Version 2
        ({"cpu.max": "200000 100000\n"}, 2),
        ({"cpu.max": "50000 100000\n"}, 0.5),
        ({"cpu.max": "max 100000\n"}, math.inf),
        ({"cpu.max": "100000 0\n"}, math.inf),
        ({"cpu.max": "-1 100000\n"}, math.inf),
        ({"cpu.max": "many few\n"}, math.inf),
        # Version 1
        ({"cpu/cpu.cfs_quota_us": "300000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 3),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, math.inf),
        ({"cpu/cpu.cfs_quota_us": "300000\n"}, math.inf),
        ({"cpu/cpu.cfs_quota_us": "\n", "cpu/cpu.cfs_period_us": "\n"}, math.inf),
        # What is not in the form of version 2 does not hide version 1
        (
            {
                "cpu.max": "",
                "cpu/cpu.cfs_quota_us": "150000",
                "cpu/cpu.cfs_period_us": "100000",
            },
            1.5,
        ),
    ],
)
def test_the_quota_of_the_control_group(tmp_path, files, cpus):
    (tmp_path / "cpu").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert cgroup_cpus(tmp_path, tmp_path / "none") == cpus


@pytest.mark.parametrize(
    ("own", "files", "cpus"),
    [
        # Version 2: a user of systemd, whose quota is the one around the session
        ("0::/user.slice/a.scope\n", {"user.slice/cpu.max": "100000 100000"}, 1),
        (
            "0::/user.slice/a.scope\n",
            {"user.slice/cpu.max": "400000 100000", "user.slice/a.scope/cpu.max": "200000 100000"},
            2,
        ),
        (
            "0::/user.slice/a.scope\n",
            {"user.slice/cpu.max": "100000 100000", "user.slice/a.scope/cpu.max": "max 100000"},
            1,
        ),
        ("0::/user.slice\n", {"other.slice/cpu.max": "100000 100000"}, math.inf),
        ("0::/../..\n", {}, math.inf),  # of a process in another namespace
        ("0::/not/there\n", {"cpu.max": "300000 100000"}, 3),
        # Version 1
        (
            "4:memory:/m\n3:cpu,cpuacct:/a/b\n",
            {"cpu/a/cpu.cfs_quota_us": "50000", "cpu/a/cpu.cfs_period_us": "100000"},
            0.5,
        ),
        ("4:memory:/m\n3:cpuacct:/a\n", {"cpu/a/cpu.max": "1 1", "m/cpu.max": "1 1"}, math.inf),
        ("no cgroup\n\n", {}, math.inf),
    ],
)
def test_the_quotas_of_the_groups_around_a_process(tmp_path, own, files, cpus):
    (tmp_path / "own").write_text(own)
    root = tmp_path / "cgroups"
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    assert cgroup_cpus(root, tmp_path / "own") == cpus


def told_by_linux(root, **threads):
    for name, text in threads.items():
        folder = root / "7" / "task" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "schedstat").write_text(text)
    return CpuTime.of(7, root)


def test_what_a_process_had_of_the_cpus(tmp_path):
    before = told_by_linux(tmp_path, a="2000000000 500000000 12\n", b="1000000000 0 3\n")
    assert before == (3.0, {"a": 0.5, "b": 0.0})
    after = told_by_linux(tmp_path, a="0 750000000 1", b="0 1500000000 1", c="0 2000000000 1")
    assert after.waited_since(before) == 2.0  # the new thread
    assert before.waited_since(before) == 0.0


def test_a_thread_that_ends_while_it_is_looked_at_does_not_count(tmp_path):
    assert told_by_linux(tmp_path, a="1000000000 0 3", b="") == (1.0, {"a": 0.0})


def test_where_nobody_tells_nothing_waits(tmp_path):
    assert CpuTime.of(7, tmp_path) == (math.inf, {})
    assert CpuTime().waited_since(CpuTime()) == 0
