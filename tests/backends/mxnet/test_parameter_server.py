"""MXNet's backend in several processes, against one."""

from __future__ import annotations

import numpy as np
import pytest

from tests.backends.team_worker import CASES, outcome, train_together, trained

# What is left of the difference when numbers are added in another order.
NEAR = {"rtol": 1e-4, "atol": 2e-5}


def check(found, case):
    alone = outcome(trained(case, "mxnet"))
    assert found.keys() == alone.keys()
    for name, array in alone.items():
        np.testing.assert_allclose(found[name], array, **NEAR, err_msg=f"{case}: {name}")


def test_three_processes_learn_what_one_learns(tmp_path):
    """Each of the parts that matter, in one start of the processes."""
    cases = ["momentum", "accumulated", "augmentation", "swa", "callbacks"]
    for case, found in train_together("mxnet", 3, tmp_path / "three", cases).items():
        check(found, case)


@pytest.mark.workers
@pytest.mark.parametrize("count", [2, 3, 4])
def test_several_processes_learn_what_one_learns_and_the_same_bits_twice(count, tmp_path):
    first = train_together("mxnet", count, tmp_path / "first", list(CASES))
    again = train_together("mxnet", count, tmp_path / "again", list(CASES))
    for case in CASES:
        check(first[case], case)
        for name, array in first[case].items():
            np.testing.assert_array_equal(again[case][name], array, err_msg=f"{case}: {name}")
