"""The networks of Gluon that are there as graphs: what MXNet traces, without MXNet."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from mxdigits.backends.graphs.initializers import Initializer
from mxdigits.backends.mxnet.runtime import seed_everything
from mxdigits.backends.network import GraphNetwork
from mxdigits.errors import UsageError
from mxdigits.models.building import build_network, has_graph, parameter_places, unnumbered
from mxdigits.plugins.registry import MODEL_GRAPHS, MODELS

OPTIONS = [
    ("mlp", {}),
    ("mlp", {"hidden": []}),
    ("mlp", {"hidden": [30, 20, 12], "activation": "tanh", "dropout": 0.25}),
    ("lenet", {}),
    ("lenet", {"channels": [8], "hidden": 30, "activation": "relu", "dropout": 0.5}),
]


@pytest.mark.mxnet
@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_they_are_what_mxnet_traces(name, options):
    """Names, places and settings too: files, patterns and checkpoints go by these."""
    from mxdigits.backends.mxnet.networks.symbols import graph_network

    with unnumbered():
        block = build_network(name, options, classes=7, image_shape=(1, 28, 28))
        traced = graph_network(block)
    made = MODEL_GRAPHS.make(name, options, classes=7)
    assert made.graph == traced.graph
    assert made.settings() == traced.parameters


@pytest.mark.parametrize("name", ["mlp", "lenet"])
def test_they_take_the_same_options(name):
    assert str(MODEL_GRAPHS.takes(name)) == str(MODELS.options(name))


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("mlp", {"hidden": [0]}, "hidden: must be a list of whole numbers above 0, got [0]"),
        ("mlp", {"units": 3}, "option 'units': unknown; known: activation, dropout, hidden"),
        ("lenet", {"dropout": 1}, "dropout: must be a number from 0 to below 1, got 1"),
        ("lenet", {"hidden": 0}, "hidden: must be a whole number above 0, got 0"),
    ],
)
def test_mistakes_have_the_same_words(name, options, message):
    with pytest.raises(UsageError) as raised:
        MODEL_GRAPHS.make(name, options, classes=10)
    assert str(raised.value).startswith(f"model {name!r}: {message}")


@pytest.mark.mxnet
@pytest.mark.parametrize(
    "initializer",
    [
        "xavier",
        Initializer("xavier", {"factor_type": "in", "magnitude": 2.34}),
        Initializer("uniform", {"scale": 0.2}),
        Initializer("constant", {"value": 0.1}),
        Initializer("orthogonal"),
    ],
)
@pytest.mark.parametrize("backend", ["xla", "torch"])
def test_their_weights_are_what_mxnet_draws(backend, initializer):
    from mxdigits.backends.mxnet.networks.symbols import graph_network

    pytest.importorskip({"xla": "jax"}.get(backend, backend))

    def drawn(backend):
        seed_everything(11)
        how = {"classes": 10, "image_shape": (1, 28, 28), "initializer": initializer}
        with unnumbered():
            return [
                build_network(name, {}, **how, backend=backend) for name in ("mlp", "lenet", "mlp")
            ]

    for made, block in zip(drawn(backend), drawn("mxnet")):
        expected = graph_network(block).arrays.values()
        for array, theirs in zip(made.arrays.values(), expected):
            np.testing.assert_array_equal(array, theirs)


@pytest.mark.parametrize("backend", ["xla", "torch"])
def test_a_backend_without_mxnet_begins_with_the_weights_of_the_seed(backend):
    pytest.importorskip({"xla": "jax"}.get(backend, backend))

    def weights(seed):
        seed_everything(seed)
        how = {"classes": 10, "image_shape": (1, 28, 28), "backend": backend}
        how["initializer"] = Initializer("normal")
        network = build_network("mlp", {"hidden": [8]}, **how)
        assert isinstance(network, GraphNetwork)
        return network.arrays

    first, again, other = weights(1), weights(1), weights(2)
    for name, array in first.items():
        np.testing.assert_array_equal(array, again[name])
    assert (first["mlp0_dense0_weight"] != other["mlp0_dense0_weight"]).all()
    assert not first["mlp0_dense0_bias"].any()


def test_patterns_name_them_as_in_gluon():
    assert list(parameter_places("lenet", {"channels": [8]}))[:3] == [
        "layers.0.weight",
        "layers.0.bias",
        "layers.2.weight",
    ]


def test_a_model_of_the_same_name_from_elsewhere_has_no_graph(monkeypatch):
    entry = MODELS.entry("mlp")
    monkeypatch.setattr(MODELS, "entry", lambda name: entry.__class__(name, "a:b", "mine", "1"))
    assert not has_graph("mlp")


def test_a_run_by_xla_imports_no_mxnet():
    pytest.importorskip("jax")
    code = """
import sys
from mxdigits.experiment.preparation.prepare import prepare
from mxdigits.recipe.schema import Recipe

prepare(Recipe.load("mlp", ["backend=xla"]), (), lambda text: None)
print("mxnet" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("False\n", "")
