"""The backend xla in several processes, against one."""

from __future__ import annotations

import numpy as np
import pytest

from tests.backends.team_worker import CASES, NAN, train_together

pytest.importorskip("jax", reason="the backend xla needs jax")

# What is left of the difference when numbers are added in another order.
NEAR = {"rtol": 1e-4, "atol": 2e-5}

# Most of the time goes into compiling, in each process, so not every number of workers gets all
# cases: these are those in which it matters how many images a worker has.
BY_SIZE = ["momentum", "statistics_dropout", "accumulated", "weighted"]
AGAIN = ["momentum", "statistics_dropout"]


@pytest.mark.workers
@pytest.mark.parametrize(("count", "cases"), [(2, list(CASES)), (3, BY_SIZE), (4, BY_SIZE)])
def test_several_processes_learn_what_one_learns(count, cases, tmp_path):
    together = train_together("xla", count, tmp_path / "several", [*cases, NAN])
    # In a process of its own, with the same cases: weights begin by what was drawn before too.
    for case, alone in train_together("xla", 1, tmp_path / "one", cases).items():
        for name, array in alone.items():
            found = together[case][name]
            np.testing.assert_allclose(found, array, **NEAR, err_msg=f"{case}: {name}")
    said = {(tmp_path / "several" / f"{NAN}.{rank}").read_text() for rank in range(count)}
    assert said == {"the loss became nan at epoch 0, batch 0: try a smaller learning_rate"}


@pytest.mark.workers
def test_several_processes_learn_the_same_bits_twice(tmp_path):
    first = train_together("xla", 3, tmp_path / "first", AGAIN)
    for case, found in train_together("xla", 3, tmp_path / "again", AGAIN).items():
        for name, array in found.items():
            np.testing.assert_array_equal(first[case][name], array, err_msg=f"{case}: {name}")
