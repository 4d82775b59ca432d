"""The backend xla in several processes, against one."""

from __future__ import annotations

import numpy as np
import pytest

from tests.backends.team_worker import CASES, train_together

pytest.importorskip("jax", reason="the backend xla needs jax")

# What is left of the difference when numbers are added in another order.
NEAR = {"rtol": 1e-4, "atol": 2e-5}


@pytest.mark.workers
@pytest.mark.parametrize("count", [2, 3, 4])
def test_several_processes_learn_what_one_learns_and_the_same_bits_twice(count, tmp_path):
    cases = list(CASES)
    first = train_together("xla", count, tmp_path / "first", cases)
    again = train_together("xla", count, tmp_path / "again", cases[:7])
    # In a process of its own: weights begin by what was drawn before them too.
    for case, alone in train_together("xla", 1, tmp_path / "alone", cases).items():
        for name, array in alone.items():
            np.testing.assert_allclose(first[case][name], array, **NEAR, err_msg=f"{case}: {name}")
    for case, found in again.items():
        for name, array in found.items():
            np.testing.assert_array_equal(first[case][name], array, err_msg=f"{case}: {name}")
