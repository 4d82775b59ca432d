"""The model deep: its layers and options, and that every backend builds and trains it alike."""

from __future__ import annotations

import numpy as np
import pytest

from mxdigits.backends.base import EpochPosition
from mxdigits.backends.choose import make_backend
from mxdigits.backends.settings import TrainingSettings
from mxdigits.errors import UsageError
from mxdigits.graph import Operation
from mxdigits.models.building import build_network
from mxdigits.models.graph_file import graph_file, write_graph_file

SMALL = {"channels": [8, 16], "depth": [1, 2], "squeeze": 4}


def built(options=SMALL, shape=(1, 12, 12), classes=4, backend="xla"):
    pytest.importorskip("jax")
    np.random.seed(1)
    return build_network(
        "deep", options, classes=classes, image_shape=shape, initializer="xavier", backend=backend
    )


def test_its_layers():
    network = built()
    names = {
        node.name: tuple(node.attributes.get(k) for k in ("num_filter", "num_hidden", "p"))
        for node in network.graph.nodes
        if isinstance(node, Operation)
        and node.operator in ("Convolution", "FullyConnected", "Dropout")
    }
    assert names == {
        "stage0_conv0": (8, None, None),
        "stage1_conv0": (16, None, None),
        "stage1_conv1": (16, None, None),
        "stage1_conv1_squeeze": (None, 4, None),
        "stage1_conv1_excite": (None, 16, None),
        "logits": (None, 4, None),
    }
    sizes = {name: array.size for name, array in network.arrays.items()}
    assert sum(sizes[name] for name in network.graph.parameters) == (
        72 + 16 + 8 * 16 * 9 + 32 + 16 * 16 * 9 + 32 + 16 * 4 + 4 + 4 * 16 + 16 + 16 * 4 + 4
    )


def test_neither_biases_nor_normalisations_decay():
    network = built()
    decayed = {n for n in network.graph.parameters if network.parameters[n].wd_mult}
    assert decayed == {n for n in network.graph.parameters if n.endswith("_weight")}


def test_options_leave_layers_out():
    plain = built({**SMALL, "squeeze": 0})
    assert "sigmoid" not in {n.attributes.get("act_type") for n in plain.graph.operations}
    assert "Dropout" not in plain.graph.operators
    assert "Dropout" in built({**SMALL, "dropout": 0.3}).graph.operators


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 28, 28), (1, 32, 20), (1, 4, 4)])
@pytest.mark.parametrize("classes", [2, 47])
def test_it_gives_a_logit_a_class(shape, classes):
    backend = make_backend("xla", built(shape=shape, classes=classes), TrainingSettings())
    images = np.zeros((3, *shape), np.uint8)
    assert backend.logits(images).shape == (3, classes)


@pytest.mark.mxnet
def test_backends_say_the_same_of_it():
    network = built()
    images = np.random.default_rng(2).integers(0, 256, (5, 1, 12, 12)).astype(np.uint8)
    found, expected = (
        make_backend(name, network, TrainingSettings()).logits(images) for name in ("xla", "mxnet")
    )
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("backend", [pytest.param("mxnet", marks=pytest.mark.mxnet), "xla"])
def test_it_learns(backend, digits):
    settings = TrainingSettings("nag", {"learning_rate": 0.05, "momentum": 0.9})
    images, labels = digits["train"]
    network = make_backend(backend, built(shape=(1, *images.shape[1:])), settings)
    fit = network.begin_fit(images[:, None], labels.astype(np.int64), 20)
    for epoch in range(8):
        done = fit.run(epoch, 0.05, EpochPosition(), lambda _: None, lambda _: False)
    assert done.accuracy > 0.9


def test_its_graph_is_written_and_read(tmp_path):
    network = built()
    write_graph_file(network, tmp_path / "deep.json")
    read = graph_file(classes=4, path=str(tmp_path / "deep.json"))
    assert read.graph == network.graph
    assert read.hints["stage0_conv0_gamma"].wd_mult == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"channels": [8, 0]}, "channels: must be a list of whole numbers above 0, got [8, 0]"),
        ({"depth": 3}, "depth: must be a list of whole numbers above 0, got 3"),
        (
            {"depth": [1, 2]},
            "depth: must have a number for each of the 3 stages of channels, got [1, 2]",
        ),
        ({"hidden": 1.5}, "hidden: must be a whole number of at least 0, got 1.5"),
        ({"squeeze": -1}, "squeeze: must be a whole number of at least 0, got -1"),
        ({"dropout": 1}, "dropout: must be a number from 0 to below 1, got 1"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(UsageError) as caught:
        built(options)
    assert str(caught.value) == f"model 'deep': {message}"
