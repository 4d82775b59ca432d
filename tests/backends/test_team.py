"""Several processes that train together: what they end with is what one process ends with."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from mxdigits.backends.team.agreement import agreed, first_decides, joined_rows, part_of


class Threads:
    """A team of threads, which tell each other through a list."""

    def __init__(self, rank, count, barrier, told):
        self.rank, self.count = rank, count
        self._barrier, self._told = barrier, told

    def gathered(self, numbers):
        self._told[self.rank] = list(numbers)
        self._barrier.wait(10)
        found = np.array(self._told, np.float64)
        self._barrier.wait(10)
        return found

    def first_says(self, data):
        self._told[self.rank] = data
        self._barrier.wait(10)
        found = self._told[0]
        self._barrier.wait(10)
        return found


def in_each(count, function):
    """What a function of a team gives in each of its threads."""
    barrier, told, found = threading.Barrier(count), [None] * count, [None] * count

    def work(rank):
        found[rank] = function(Threads(rank, count, barrier, told))

    threads = [threading.Thread(target=work, args=(rank,)) for rank in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return found


def test_what_one_worker_asks_for_all_do():
    found = in_each(3, lambda team: agreed(team, team.rank == 1, False))
    assert found == [[True, False]] * 3


def test_worker_0_decides():
    assert in_each(3, lambda team: first_decides(team, ["stop", team.rank])) == [["stop", 0]] * 3


@pytest.mark.parametrize(
    ("count", "parts"),
    [
        (2, [(10, 15), (15, 20)]),
        (3, [(10, 14), (14, 17), (17, 20)]),
        (12, [*((i, i + 1) for i in range(10, 20)), (20, 20), (20, 20)]),
    ],
)
def test_the_parts_of_a_batch(count, parts):
    assert in_each(count, lambda team: part_of(team, 10, 20)) == parts


def test_rows_are_joined_in_the_order_of_the_workers():
    rows = np.arange(12, dtype=np.float32).reshape(6, 2)
    bounds = [(0, 3), (3, 5), (5, 6)]
    found = in_each(3, lambda team: joined_rows(team, rows[slice(*bounds[team.rank])], [3, 2, 1]))
    for each in found:
        np.testing.assert_array_equal(each, rows)
