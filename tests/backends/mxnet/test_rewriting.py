"""A rewritten graph computes what the first one did: outputs, gradients and statistics."""

from __future__ import annotations

import json

import numpy as np
import pytest

from mxdigits.backends.mxnet.networks.symbols import graph_of, symbol_of
from mxdigits.backends.mxnet.passes.rewriting import optimize_for_cpu
from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.models.building import build_network

mx = import_mxnet()
nn = mx.gluon.nn


def optimized(symbol, shapes):
    """The symbol that a symbol is rewritten to."""
    inputs = [name for name in symbol.list_arguments() if name not in shapes]
    return symbol_of(optimize_for_cpu(graph_of(symbol, inputs), shapes))


class Branches(mx.gluon.HybridBlock):
    """A value with surplus channels is used three times, once after an activation."""

    def __init__(self):
        super().__init__()
        with self.name_scope():
            self.first = nn.Conv2D(12, 3, padding=1)
            self.second = nn.Conv2D(12, 3, padding=1)
            self.last = nn.Dense(4)

    def hybrid_forward(self, F, x):
        x = self.first(x)
        y = F.Activation(x, act_type="tanh")
        return self.last(self.second(y) + x * y)


def stack(*layers):
    block = nn.HybridSequential()
    block.add(*layers, nn.Dense(4))
    return block


NETWORKS = {
    "lenet": lambda: build_network("lenet", {}, classes=4, image_shape=(1, 16, 16)),
    "mlp": lambda: build_network("mlp", {}, classes=4, image_shape=(1, 16, 16)),
    "two convolutions": lambda: stack(nn.Conv2D(20, 3), nn.Conv2D(50, 3, activation="relu")),
    "no bias": lambda: stack(nn.Conv2D(20, 3, use_bias=False), nn.Conv2D(24, 3)),
    "blocks already": lambda: stack(nn.Conv2D(16, 3), nn.Conv2D(32, 3)),
    "only the inputs": lambda: stack(nn.Conv2D(20, 3), nn.Conv2D(32, 3)),
    "few channels": lambda: stack(nn.Conv2D(6, 3), nn.Conv2D(7, 3)),
    "batch norm between": lambda: stack(nn.Conv2D(20, 3), nn.BatchNorm(), nn.Conv2D(20, 3)),
    "dropout between": lambda: stack(nn.Conv2D(20, 3), nn.Dropout(0.0), nn.Conv2D(20, 3)),
    "groups": lambda: stack(nn.Conv2D(20, 3), nn.Conv2D(20, 3, groups=2)),
    "strides and dilation": lambda: stack(
        nn.Conv2D(20, 3, strides=2), nn.Conv2D(20, 2, dilation=2, padding=1)
    ),
    "average pooling": lambda: stack(nn.Conv2D(20, 3, activation="tanh"), nn.AvgPool2D(2)),
    "padded pooling": lambda: stack(
        nn.Conv2D(20, 3, activation="sigmoid"), nn.MaxPool2D(3, 2, padding=1)
    ),
    "global pooling": lambda: stack(nn.Conv2D(20, 3, activation="relu"), nn.GlobalMaxPool2D()),
    "global average": lambda: stack(
        nn.Conv2D(20, 3, activation="relu"), nn.BatchNorm(), nn.GlobalAvgPool2D()
    ),
    "global average of surplus": lambda: stack(nn.Conv2D(20, 3), nn.GlobalAvgPool2D()),
    "leaky": lambda: stack(nn.Conv2D(20, 3), nn.LeakyReLU(0.1), nn.MaxPool2D(2)),
    "branches": Branches,
}


def run(symbol, arrays, images):
    """Forward and backward; outputs, gradients and statistics by name."""
    names = symbol.list_arguments()
    statistics = {n: arrays[n].copy() for n in symbol.list_auxiliary_states()}
    gradients = {n: mx.nd.zeros_like(arrays[n]) for n in names if n != "data"}
    executor = symbol.bind(
        mx.cpu(),
        {n: images if n == "data" else arrays[n] for n in names},
        args_grad=gradients,
        grad_req={n: "null" if n == "data" else "write" for n in names},
        aux_states=statistics,
    )
    (output,) = executor.forward(is_train=True)
    executor.backward([mx.nd.arange(output.size).reshape(output.shape) / output.size - 0.4])
    found = {**gradients, **statistics, "output": output}
    return {name: array.asnumpy() for name, array in found.items()}


@pytest.mark.parametrize("name", NETWORKS)
def test_a_rewritten_graph_computes_the_same(name):
    mx.random.seed(11)
    block = NETWORKS[name]()
    block.initialize(mx.init.Xavier(), force_reinit=True)
    images = mx.nd.random.uniform(shape=(6, 1, 16, 16))
    block(images)
    parameters = block.collect_params()
    arrays = {p.name: p.data() for p in parameters.values()}
    symbol = block(mx.sym.var("data"))
    rewritten = optimized(symbol, {p.name: p.shape for p in parameters.values()})
    assert set(rewritten.list_arguments()) == set(symbol.list_arguments())
    expected, found = run(symbol, arrays, images), run(rewritten, arrays, images)
    assert set(found) == set(expected)
    for key, value in expected.items():
        np.testing.assert_allclose(found[key], value, rtol=1e-3, atol=1e-5, err_msg=key)


def channels(symbol) -> list[str]:
    nodes = json.loads(symbol.tojson())["nodes"]
    return [n["attrs"]["num_filter"] for n in nodes if n["op"] == "Convolution"]


@pytest.mark.parametrize(
    ("name", "wide"),
    [
        ("lenet", ["32", "64"]),
        ("two convolutions", ["32", "64"]),
        ("only the inputs", ["32", "32"]),
        ("few channels", ["6", "7"]),
        ("groups", ["32", "20"]),
        ("batch norm between", ["32", "20"]),
    ],
)
def test_the_convolutions_that_gain_are_widened(name, wide):
    block = NETWORKS[name]()
    block.initialize(force_reinit=True)
    block(mx.nd.zeros((1, 1, 16, 16)))
    shapes = {p.name: p.shape for p in block.collect_params().values()}
    assert channels(optimized(block(mx.sym.var("data")), shapes)) == wide


def test_pooling_goes_before_a_monotone_activation():
    block = NETWORKS["lenet"]()
    shapes = {p.name: p.shape for p in block.collect_params().values()}
    nodes = json.loads(optimized(block(mx.sym.var("data")), shapes).tojson())["nodes"]
    order = [n["op"] for n in nodes if n["op"] in ("Convolution", "Pooling", "Activation")]
    assert order == ["Convolution", "Pooling", "Activation"] * 2 + ["Activation"]


def operators(symbol) -> list[str]:
    return [n["op"] for n in json.loads(symbol.tojson())["nodes"] if n["op"] != "null"]


@pytest.mark.parametrize("name", ["global average", "global average of surplus"])
def test_a_global_average_becomes_a_mean(name):
    block = NETWORKS[name]()
    block.initialize(force_reinit=True)
    block(mx.nd.zeros((1, 1, 16, 16)))
    found = operators(optimized(block(mx.sym.var("data")), {}))
    assert "Pooling" not in found
    assert found.count("mean") == 1


@pytest.mark.parametrize("name", ["average pooling", "global pooling"])
def test_other_poolings_stay(name):
    block = NETWORKS[name]()
    block.initialize(force_reinit=True)
    block(mx.nd.zeros((1, 1, 16, 16)))
    found = operators(optimized(block(mx.sym.var("data")), {}))
    assert "mean" not in found
    assert found.count("Pooling") == 1


def byte_graph():
    S = mx.sym
    x = S.cast(S.take(S.var("images"), S.var("order")), dtype="float32") * (1 / 255)
    return S.FullyConnected(x, S.var("weight"), no_bias=True, num_hidden=3)


def ops(graph):
    return [node["op"] for node in json.loads(graph.tojson())["nodes"] if node["op"] != "null"]


def test_bytes_are_scaled_to_the_same_bits_by_one_operator():
    rewritten = optimized(byte_graph(), {"weight": (3, 784)})
    assert ops(byte_graph()) == ["take", "Cast", "_mul_scalar", "FullyConnected"]
    assert sorted(ops(rewritten)) == [
        *("FullyConnected", "_contrib_dequantize", "_full", "_full", "take")
    ]
    rng = np.random.default_rng(0)
    arrays = {
        "images": mx.nd.array(rng.integers(0, 256, (40, 1, 28, 28)), dtype="uint8"),
        "order": mx.nd.array(rng.integers(0, 40, 30), dtype="int32"),
        "weight": mx.nd.array(rng.standard_normal((3, 784))),
    }
    found = []
    for graph in (byte_graph(), rewritten):
        gradient = {"weight": mx.nd.zeros((3, 784))}
        each = {name: arrays[name] for name in graph.list_arguments()}
        executor = graph.bind(
            mx.cpu(), each, gradient, dict.fromkeys(each, "null") | {"weight": "write"}
        )
        executor.forward(is_train=True)
        executor.backward([mx.nd.ones((30, 3))])
        found.append((executor.outputs[0].asnumpy(), gradient["weight"].asnumpy()))
    for a, b in zip(*found):
        assert np.array_equal(a, b)


def test_bytes_are_scaled_as_before_where_one_operator_rounds_differently(monkeypatch):
    monkeypatch.setattr("mxdigits.backends.mxnet.passes.rewriting._largest_for_bytes", lambda: None)
    assert ops(optimized(byte_graph(), {"weight": (3, 784)})) == ops(byte_graph())
