"""Steps of training by the backend torch: what they compute in, and that they can be continued."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch", reason="the backend torch needs PyTorch")

from mxdigits.backends.base import EpochPosition
from mxdigits.backends.network import GraphNetwork
from mxdigits.backends.settings import TrainingSettings
from mxdigits.backends.torch.backend import TorchBackend
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
