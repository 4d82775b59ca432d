"""Steps of training by the backend torch: what they compute in, and that they can be continued."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the backend torch needs PyTorch")

import torch

from mxdigits.backends.base import EpochPosition
from mxdigits.backends.graphs.fit_weights import FitState
from mxdigits.backends.graphs.loss_scaling import begun
from mxdigits.backends.graphs.optimizers import make_optimizer
from mxdigits.backends.network import GraphNetwork
from mxdigits.backends.settings import TrainingSettings
from mxdigits.backends.torch.backend import TorchBackend
from mxdigits.backends.torch.functions import FUNCTIONS
from mxdigits.backends.torch.parts import Batch
from mxdigits.backends.torch.step import training_step
from mxdigits.graph import Graph, Output, Variable, operation
from mxdigits.graph.building import INPUT, GraphBuilder

SHAPES = {
    "filters": (4, 3, 3, 3),
    "gamma": (4,),
    "beta": (4,),
    "mean": (4,),
    "variance": (4,),
    "weight": (10, 144),
}


def network(gamma: float = 1.0) -> GraphNetwork:
    """A convolution, a batch normalization and a dense layer over images (3, 8, 8)."""
    build = GraphBuilder()
    data = build.variable(INPUT, "input")
    filters, scale, shift = (build.variable(name) for name in ("filters", "gamma", "beta"))
    moving = [build.variable(name, "auxiliary") for name in ("mean", "variance")]
    found = build("Convolution", data, filters, kernel=(3, 3), num_filter=4, no_bias=True)
    found = build("BatchNorm", found, scale, shift, *moving, fix_gamma=False)
    weight = build.variable("weight")
    found = build("FullyConnected", found, weight, num_hidden=10, no_bias=True)
    random = np.random.RandomState(1)
    arrays = {name: random.normal(0, 0.3, s).astype(np.float32) for name, s in SHAPES.items()}
    arrays["gamma"][:], arrays["variance"][:] = gamma, 1
    return GraphNetwork(build.graph(found), arrays)


def trained(backend, epochs, first=0):
    random = np.random.RandomState(2)
    images = random.randint(0, 256, (40, 3, 8, 8)).astype(np.uint8)
    fit = backend.begin_fit(images, np.arange(40) % 10, batch_size=10)
    for epoch in range(first, first + epochs):
        told = fit.run(epoch, 0.05, EpochPosition(), lambda _: None, lambda _: False)
    return told.loss


def settings(precision, optimizer="sgd", **options):
    return TrainingSettings(optimizer, options, precision=precision, seed=3)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize(
    ("optimizer", "options"),
    [("sgd", {}), ("sgd", {"momentum": 0.9, "wd": 1e-3}), ("adam", {})],
    ids=["sgd", "momentum", "adam"],
)
def test_a_fit_that_was_stopped_goes_on_to_the_same_bits(precision, optimizer, options):
    learning = settings(precision, optimizer, **options)
    whole, part, rest = (TorchBackend(network(), learning) for _ in range(3))
    trained(whole, 3)
    trained(part, 1)
    arrays, facts = part.state()
    assert all(array.flags.c_contiguous for array in arrays.values())
    rest.restore(arrays, facts)
    trained(rest, 2, first=1)
    for name, array in whole.snapshot().items():
        np.testing.assert_array_equal(rest.snapshot()[name], array, err_msg=name)


def test_what_scales_a_normalization_is_not_rounded_to_bfloat16():
    # To bfloat16 both are 1.
    losses = {
        trained(TorchBackend(network(gamma), settings("bfloat16")), 1) for gamma in (1.0, 1.003)
    }
    assert len(losses) == 2


@pytest.mark.parametrize(("precision", "kept"), [("float32", False), ("float16", True)])
def test_a_step_that_does_not_count_keeps_the_weights(precision, kept):
    """Otherwise plain SGD writes into them. In float16 these logits overflow."""
    dense = operation("FullyConnected", "dense", [Output(0), Output(1)], num_hidden=2, no_bias=True)
    graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
    sgd = make_optimizer("sgd", {}, ["w"], FUNCTIONS, backend="torch")
    step = training_step(graph, sgd, TrainingSettings("sgd", precision=precision))
    weights = {"w": torch.full((2, 4), 50_000.0)}
    scaling = {name: torch.tensor(each) for name, each in begun(precision).items()}
    state = FitState(weights, {}, sgd.begin(weights), scaling, {})
    images = torch.full((3, 1, 2, 2), 255, dtype=torch.uint8)
    batch = Batch(images, torch.tensor([0, 1, 1]), None)
    after, _ = step(state, batch, torch.tensor(0.5))
    assert bool((after.parameters["w"] == 50_000).all()) is kept
    assert (state.parameters["w"] is after.parameters["w"]) is not kept
