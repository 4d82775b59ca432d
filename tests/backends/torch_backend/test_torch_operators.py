"""Every operator of the table, by PyTorch and by MXNet: values, gradients and auxiliary states."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="the backend torch needs PyTorch")

from backends.cases import Case
from backends.mxnet_reference import assert_alike, run_by_mxnet
from backends.operator_cases import CASES, RANDOM
from backends.running_torch import run_by_torch

from mxdigits.backends.torch.operators import FUNCTIONS
from mxdigits.graph import OPERATORS


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_operator_gives_what_mxnet_gives(case: Case):
    graph, arrays, trained = case.graph(), case.arrays(), case.trained()
    expected = run_by_mxnet(graph, arrays, trained, case.training)
    found = run_by_torch(graph, arrays, trained, case.training)
    assert_alike(found, expected, case.bound)


def test_every_operator_is_there_and_has_cases():
    assert FUNCTIONS.keys() == OPERATORS.keys()
    assert {case.operator for case in CASES} | RANDOM == FUNCTIONS.keys()
