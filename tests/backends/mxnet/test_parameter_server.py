"""MXNet's backend in several processes, against one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mxdigits.backends.team.sockets import draw_sockets, socket_files
from mxdigits.workers import Workers
from tests.backends.team_worker import CASES, NAN, train_together

pytestmark = pytest.mark.mxnet

# What is left of the difference when numbers are added in another order.
NEAR = {"rtol": 1e-4, "atol": 2e-5}


def check(found, alone, case):
    assert found.keys() == alone.keys()
    for name, array in alone.items():
        np.testing.assert_allclose(found[name], array, **NEAR, err_msg=f"{case}: {name}")


def test_two_processes_learn_what_one_learns(tmp_path):
    """Each of the parts that matter, in one start of the processes."""
    cases = ["momentum", "accumulated", "augmentation", "swa", "callbacks"]
    # Over TCP; in memory that is shared, as on one machine, tests/launch has them train.
    together = train_together("mxnet", 2, tmp_path / "two", [*cases, NAN])
    for rank in range(2):
        said = (tmp_path / "two" / f"{NAN}.{rank}").read_text()
        assert said == "the loss became nan at epoch 0, batch 0: try a smaller learning_rate"
    # In a process of its own: weights begin by what was drawn before them too.
    for case, alone in train_together("mxnet", 1, tmp_path / "alone", cases).items():
        check(together[case], alone, case)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """What one process learns, in one of its own."""
    return train_together("mxnet", 1, tmp_path_factory.mktemp("alone") / "one", list(CASES))


@pytest.mark.workers
@pytest.mark.parametrize("count", [2, 3, 4])
def test_several_processes_learn_what_one_learns_and_the_same_bits_twice(count, alone, tmp_path):
    """First over TCP, and then in memory that is shared."""
    first = train_together("mxnet", count, tmp_path / "first", list(CASES))
    sockets = draw_sockets(["127.0.0.1"])
    again = train_together("mxnet", count, tmp_path / "again", list(CASES), sockets)
    assert not any(map(Path.exists, socket_files(Workers(0, count, "", "", sockets=sockets))))
    for case, array_by_name in alone.items():
        check(first[case], array_by_name, case)
        for name, array in first[case].items():
            np.testing.assert_array_equal(again[case][name], array, err_msg=f"{case}: {name}")
