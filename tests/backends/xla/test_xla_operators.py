"""Every operator of the table by XLA, compared with MXNet's."""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="the backend xla needs JAX")

from backends.cases import Case
from backends.mxnet_reference import assert_alike, run_by_mxnet
from backends.operator_cases import CASES, RANDOM
from backends.running_xla import run_by_xla

from mxdigits.backends.xla.operators import FUNCTIONS, TAKES_PLATFORM, patches
from mxdigits.graph import OPERATORS


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_operator_gives_what_mxnet_gives(case: Case):
    graph, arrays, trained = case.graph(), case.arrays(), case.trained()
    found = run_by_xla(graph, arrays, trained, case.training)
    expected = run_by_mxnet(graph, arrays, trained, case.training)
    assert_alike(found, expected, case.bound)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.operator in TAKES_PLATFORM], ids=str
)
def test_an_operator_gives_the_same_by_its_way_for_gpus(case: Case):
    graph, arrays, trained = case.graph(), case.arrays(), case.trained()
    found = run_by_xla(graph, arrays, trained, case.training, platform="gpu")
    expected = run_by_mxnet(graph, arrays, trained, case.training)
    assert_alike(found, expected, case.bound)


@pytest.mark.parametrize(("images", "few"), [(100, True), (100_000, False)])
def test_only_small_images_are_copied_into_patches(images, few):
    shapes = jax.ShapeDtypeStruct((images, 1, 28, 28), "float32"), np.zeros((20, 1, 5, 5))
    assert patches.are_few(*shapes, (24, 24)) == few


def test_every_operator_is_there_and_has_cases():
    assert FUNCTIONS.keys() == OPERATORS.keys()
    assert {case.operator for case in CASES} | RANDOM == FUNCTIONS.keys()
