"""Shapes by rules: those that PyTorch finds, and unknown where anything is unusual."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from backends.one_operation import one
from backends.operator_cases import CASES

from mxdigits.backends.graphs.known_shapes import known_heads
from mxdigits.backends.torch import loading
from mxdigits.backends.torch.drawing import Generator
from mxdigits.backends.torch.execute import evaluate
from mxdigits.backends.torch.loading import SHAPER
from mxdigits.errors import NetworkError
from mxdigits.graph import Variable
from mxdigits.models.deep import deep
from mxdigits.models.graphs import lenet, mlp

COMMON = {"FullyConnected", "Convolution", "Pooling", "Activation", "BatchNorm", "Flatten"}


def computed(graph, arrays):
    draw = Generator(torch.device("cpu"))
    draw.begin(seed=1, epoch=0, batch=0)
    given = {name: torch.tensor(np.asarray(each)) for name, each in arrays.items()}
    with torch.no_grad():
        return tuple(tuple(each.shape) for each in evaluate(graph, given, draw=draw).outputs)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_known_shape_is_that_of_the_result(case):
    graph, arrays = case.graph(), case.arrays()
    known = known_heads(graph, {name: each.shape for name, each in arrays.items()})
    assert known is None or known == computed(graph, arrays)


def test_most_cases_of_common_layers_are_known():
    of_common = [case for case in CASES if case.operator in COMMON]
    known = [
        case
        for case in of_common
        if known_heads(case.graph(), {n: each.shape for n, each in case.arrays().items()})
    ]
    assert len(known) > len(of_common) / 2 > 5


@pytest.mark.parametrize("model", [mlp(), lenet(), deep()], ids=["mlp", "lenet", "deep"])
def test_the_shapes_of_a_network_are_those_that_pytorch_finds(model, monkeypatch):
    found = SHAPER.parameter_shapes(model.graph, (1, 28, 28), 10, {})
    monkeypatch.setattr(loading, "known_heads", lambda graph, shapes: None)
    assert SHAPER.parameter_shapes(model.graph, (1, 28, 28), 10, {}) == found


@pytest.mark.parametrize("model", [mlp(), lenet(), deep()], ids=["mlp", "lenet", "deep"])
def test_the_built_in_networks_need_no_pytorch_to_find_them(model, monkeypatch):
    """Its first operator on arrays without numbers would import a second's worth of modules."""
    monkeypatch.setattr(loading, "evaluate", None)
    assert len(SHAPER.parameter_shapes(model.graph, (1, 28, 28), 10, {})) >= 6


DATA = {"data": (2, 3, 8, 8)}


@pytest.mark.parametrize(
    ("operator", "attributes", "shapes"),
    [
        ("FullyConnected", {"num_hidden": 4, "no_bias": True}, {"weight": (4, 9)}),
        ("FullyConnected", {"num_hidden": 4}, {"weight": (4, 192), "bias": (5,)}),
        (
            "Convolution",
            {"kernel": (3, 3), "num_filter": 4, "no_bias": True},
            {"weight": (4, 2, 3, 3)},
        ),
        (
            "Convolution",
            {"kernel": (9, 9), "num_filter": 4, "no_bias": True},
            {"weight": (4, 3, 9, 9)},
        ),
        ("elemwise_add", {}, {"rhs": (2, 3, 8, 1)}),
        ("broadcast_mul", {}, {"rhs": (1, 2, 1, 1)}),
        ("broadcast_mul", {}, {"rhs": (3, 1, 1)}),
        ("Reshape", {"shape": (2, 7)}, {}),
        ("Reshape", {"shape": (0, 0, -1, -1)}, {}),
        ("Pooling", {"kernel": (9, 9)}, {}),
        ("softmax", {}, {}),
    ],
)
def test_what_is_unusual_or_wrong_is_left_to_pytorch(operator, attributes, shapes):
    first = "lhs" if "rhs" in shapes else "data"
    graph = one(operator, first, *shapes, **attributes)
    assert known_heads(graph, {first: DATA["data"], **shapes}) is None


def test_an_error_is_pytorchs():
    graph = one("FullyConnected", "data", "weight", num_hidden=4, no_bias=True)
    arrays = {"data": torch.zeros(2, 3, device="meta"), "weight": torch.zeros(4, 5, device="meta")}
    with pytest.raises(NetworkError, match="cannot take"):
        SHAPER.heads(graph, arrays)
    assert all(isinstance(node, Variable) for node in graph.nodes[:2])
