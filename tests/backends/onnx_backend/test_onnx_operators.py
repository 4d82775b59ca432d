"""Every operator of the table as ONNX, run by onnxruntime and compared with MXNet's."""

from __future__ import annotations

from dataclasses import replace

import pytest

pytest.importorskip("onnx", reason="the backend onnx needs onnx")
pytest.importorskip("onnxruntime", reason="the backend onnx needs onnxruntime")

from backends.cases import Case
from backends.mxnet_reference import assert_alike, run_by_mxnet
from backends.operator_cases import CASES, RANDOM
from running_onnx import run_by_onnx

from mxdigits.backends.onnx.operators import FUNCTIONS
from mxdigits.graph import OPERATORS

INFERRED = [*{str(each): each for each in (replace(c, training=False) for c in CASES)}.values()]


@pytest.mark.parametrize("case", INFERRED, ids=str)
def test_an_operator_gives_what_mxnet_gives(case: Case):
    graph, arrays = case.graph(), case.arrays()
    expected = run_by_mxnet(graph, arrays, training=False)
    assert_alike(run_by_onnx(graph, arrays), expected._replace(auxiliary={}), case.bound)


def test_every_operator_is_there_or_refused_and_has_cases():
    assert FUNCTIONS.keys() == OPERATORS.keys() - RANDOM
    assert {case.operator for case in CASES} == FUNCTIONS.keys()
