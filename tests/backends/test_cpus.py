"""What each worker gets of a machine."""

from __future__ import annotations

import pytest

from mxdigits.backends.cpus import Share, shares


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
