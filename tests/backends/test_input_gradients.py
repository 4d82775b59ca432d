"""The gradients of what a network says by its pixels, of every backend, against differences."""

from __future__ import annotations

import numpy as np
import pytest
from backends.small_networks import (
    SHAPE,
    backend_class,
    nn,
    small_network,
    with_dropout,
    with_statistics,
)

from mxdigits.backends.choose import BACKENDS
from mxdigits.backends.mxnet.networks.symbols import graph_network
from mxdigits.backends.settings import TrainingSettings
from mxdigits.errors import UsageError

WIDTH = 2e-3


def pooled():
    return small_network(nn.Conv2D(4, 3, activation="tanh"), nn.MaxPool2D(), nn.Dense(6))


def weigh(logits):
    """Counts that depend on the logits, as those of log odds do."""
    return np.tanh(logits) + np.array([1, -1, 2, 0.5], np.float32)


@pytest.mark.parametrize("network", [with_statistics, with_dropout, pooled])
@pytest.mark.parametrize("name", ["mxnet", "xla", "torch"])
def test_gradients_are_the_slopes_of_what_the_network_says(name, network):
    backend = backend_class(name)(graph_network(network()), TrainingSettings())
    images = np.random.default_rng(7).random((3, *SHAPE), np.float32)
    logits, found = backend.input_gradients(images, weigh)
    counted = weigh(logits)
    bytes_ = np.rint(255 * images).astype(np.uint8)
    as_bytes, _ = backend.input_gradients(bytes_.astype(np.float32) / 255, weigh)
    np.testing.assert_allclose(as_bytes, backend.logits(bytes_), atol=1e-5)
    for place in [(0, 3, 4), (0, 8, 8), (0, 15, 1)]:
        sides = []
        for step in (WIDTH, -WIDTH):
            moved = images.copy()
            moved[(slice(None), *place)] += step
            said, _ = backend.input_gradients(moved, weigh)
            sides.append((said.astype(np.float64) * counted).sum(axis=1))
        slopes = (sides[0] - sides[1]) / (2 * WIDTH)
        np.testing.assert_allclose(found[(slice(None), *place)], slopes, atol=3e-3)
    assert found.shape == images.shape


@pytest.mark.parametrize("name", ["xla", "torch"])
def test_every_backend_has_the_same_gradients(name):
    network = graph_network(pooled())
    images = np.random.default_rng(8).random((2, *SHAPE), np.float32)
    (logits, found), (said, expected) = (
        backend_class(each)(network, TrainingSettings()).input_gradients(images, weigh)
        for each in (name, "mxnet")
    )
    np.testing.assert_allclose(logits, said, atol=1e-5)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_onnxruntime_has_none():
    pytest.importorskip("onnxruntime")
    module, _, backend = BACKENDS["onnx"].backend.partition(":")
    found = getattr(pytest.importorskip(module), backend)
    refused = found(graph_network(pooled()))
    with pytest.raises(UsageError) as caught:
        refused.input_gradients(np.zeros((1, *SHAPE), np.float32), weigh)
    assert str(caught.value) == "the backend onnx has no gradients; take mxnet, xla or torch"
