"""Memory that workers share: the same for all of them, or none for any."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event

import numpy as np
import pytest

from mxdigits.backends.team import shared_memory
from mxdigits.backends.team.shared_memory import Barrier as SharedBarrier
from mxdigits.backends.team.shared_memory import shared_numbers

COUNT = 3


class Threads:
    """A team whose workers are threads."""

    count = COUNT

    def __init__(self, rank, told, barrier):
        self.rank, self._told, self._barrier = rank, told, barrier

    def gathered(self, numbers):
        return np.array(self._exchanged(numbers), np.float64)

    def first_says(self, data):
        return self._exchanged(data)[0]

    def _exchanged(self, own):
        self._told[self.rank] = own
        self._barrier.wait(20)
        found = list(self._told)
        self._barrier.wait(20)
        return found


def by_all(size):
    """What each of several workers gets."""
    told, barrier = [None] * COUNT, Barrier(COUNT)
    teams = [Threads(rank, told, barrier) for rank in range(COUNT)]
    with ThreadPoolExecutor(COUNT) as pool:
        return list(pool.map(lambda team: shared_numbers(team, size), teams))


def test_all_see_what_one_writes():
    first, *others = by_all(1000)
    assert [len(each) for each in (first, *others)] == [1000] * COUNT
    assert not first.any()
    for other in others:
        other[7] = first[7] + 1
    assert first[7] == 2


def test_nothing_is_left_of_it():
    before = set(os.listdir("/proc/self/fd"))
    found = by_all(10)
    maps = Path("/proc/self/maps")
    mapped = [line for line in maps.read_text().splitlines() if "memfd:mxdigits" in line]
    assert len(mapped) == len(found)
    del found
    assert "memfd:mxdigits" not in maps.read_text()
    assert set(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("name", ["memfd_create", "posix_fallocate"])
def test_where_it_cannot_be_made_nobody_has_it(monkeypatch, name):
    def refuse(*given):
        raise OSError("no")

    monkeypatch.setattr(os, name, refuse)
    assert by_all(10) == [None] * COUNT


def test_where_one_worker_does_not_reach_it_nobody_has_it(monkeypatch):
    opened, calls = shared_memory._opened, []

    def open_it(*given):
        calls.append(given)
        return None if len(calls) == 2 else opened(*given)

    monkeypatch.setattr(shared_memory, "_opened", open_it)
    assert by_all(10) == [None] * COUNT


def test_what_is_found_in_its_place_is_not_taken(monkeypatch):
    """As where a worker sees the processes of another container."""
    made = shared_memory._made
    monkeypatch.setattr(shared_memory, "_made", lambda length, secret: made(length, bytes(64)))
    assert by_all(10) == [None] * COUNT


def test_nobody_passes_before_the_last_has_arrived():
    numbers = np.zeros(COUNT * SharedBarrier.NUMBERS, np.float32)
    rounds, arrivals = 50, [0] * COUNT

    def work(rank):
        barrier, seen = SharedBarrier(rank, numbers), []
        for number in range(rounds):
            arrivals[rank] += 1
            barrier.wait()
            seen.append(min(arrivals) > number)
        return seen

    with ThreadPoolExecutor(COUNT) as pool:
        assert list(pool.map(work, range(COUNT))) == [[True] * rounds] * COUNT


def test_who_waits_long_waits_on():
    numbers = np.zeros(2 * SharedBarrier.NUMBERS, np.float32)
    passed = Event()

    def first():
        SharedBarrier(0, numbers).wait()
        passed.set()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(first)
        assert not passed.wait(10 * shared_memory._SPINS)
        SharedBarrier(1, numbers).wait()
        done.result(20)
    assert passed.is_set()
