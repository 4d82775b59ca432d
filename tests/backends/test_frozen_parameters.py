"""Which parameters learn, by patterns of their names: the words, and steps by hand."""

from __future__ import annotations

import numpy as np
import pytest
from backends.training import TRAINING

from mxdigits.backends.network import (
    GraphNetwork,
    Learning,
    ParameterSettings,
    learning_of,
    places_of,
)
from mxdigits.errors import UsageError
from mxdigits.graph.building import GraphBuilder
from mxdigits.train.trainer import Trainer

CLASSES, HIDDEN = 4, 5
PLACES = {
    "features.0.weight": True,
    "features.0.running_mean": False,
    "features.1.weight": True,
    "output.weight": True,
}


@pytest.mark.parametrize(
    ("freeze", "lr_mult", "expected"),
    [
        ([], {}, Learning()),
        (
            ["features.0.*"],
            {},
            Learning(frozenset({"features.0.weight", "features.0.running_mean"})),
        ),
        (
            ["*.0.weight", "output.*"],
            {},
            Learning(frozenset({"features.0.weight", "output.weight"})),
        ),
        (
            [],
            {"*": 0.1, "output.weight": 2.0},
            Learning(
                lr_mult={"features.0.weight": 0.1, "features.1.weight": 0.1, "output.weight": 2.0}
            ),
        ),
    ],
)
def test_patterns(freeze, lr_mult, expected):
    assert learning_of(PLACES, freeze, lr_mult) == expected


@pytest.mark.parametrize(
    ("chosen", "what"),
    [
        (
            {"freeze": ["feature.*"]},
            "freeze: no parameter has a name like 'feature.*'; there are features.0.weight, "
            "features.0.running_mean, features.1.weight, output.weight; "
            "mxdigits check RECIPE --layers lists all",
        ),
        (
            {"lr_mult": {"Output.weight": 2}},
            "lr_mult: no parameter has a name like 'Output.weight'; there are features.0.weight, "
            "features.0.running_mean, features.1.weight, output.weight; "
            "mxdigits check RECIPE --layers lists all",
        ),
        (
            {"freeze": ["features.*", "output.*"]},
            "freeze: features.*, output.* leaves no parameter to train",
        ),
    ],
)
def test_mistakes(chosen, what):
    with pytest.raises(UsageError) as caught:
        learning_of(PLACES, **chosen)
    assert str(caught.value) == what


def normalised() -> GraphNetwork:
    """Pixels, a normalisation with statistics, and two dense layers with nothing between them."""
    random = np.random.default_rng(3)
    build = GraphBuilder()
    x = build("Flatten", build.variable("data", "input"))
    learnt = [build.variable(f"norm.{each}") for each in ("gamma", "beta")]
    moving = [build.variable(f"norm.{each}", "auxiliary") for each in ("mean", "var")]
    x = build("BatchNorm", x, *learnt, *moving, fix_gamma=False, eps=0.01)
    for name, units in (("hidden", HIDDEN), ("output", CLASSES)):
        x = build(
            "FullyConnected", x, build.variable(f"{name}.weight"), num_hidden=units, no_bias=True
        )
    arrays = {f"norm.{each}": random.uniform(0.5, 1, 256) for each in ("gamma", "mean", "var")}
    arrays["norm.beta"] = random.normal(0, 0.1, 256)
    arrays["hidden.weight"] = random.normal(0, 0.1, (HIDDEN, 256))
    arrays["output.weight"] = random.normal(0, 0.3, (CLASSES, HIDDEN))
    single = {name: array.astype(np.float32) for name, array in arrays.items()}
    return GraphNetwork(build.graph(x), single)


def trained(backend, data, epochs=1, momentum=0.0, **options):
    settings = {"learning_rate": 0.5, "momentum": momentum}
    trainer = Trainer(normalised(), "sgd", settings, backend=backend, **options)
    trainer.fit(data, epochs=epochs, batch_size=len(data[1]) // epochs)
    return trainer.backend.snapshot()


@pytest.mark.parametrize("backend", TRAINING)
def test_what_is_frozen_stays_to_the_bit(backend, digits):
    start = normalised().arrays
    found = trained(backend, digits["train"], epochs=2, momentum=0.9, freeze=["norm.*", "hidden.*"])
    for name, array in start.items():
        assert (found[name] == array).all() is np.bool_(name != "output.weight"), name


@pytest.mark.parametrize("backend", TRAINING)
def test_a_frozen_normalisation_uses_its_statistics(backend, digits):
    images, labels = digits["train"]
    start = {name: array.astype(np.float64) for name, array in normalised().arrays.items()}
    found = trained(backend, digits["train"], freeze=["norm.*"])
    gradient = {name: np.zeros(start[name].shape) for name in ("hidden.weight", "output.weight")}
    scale = start["norm.gamma"] / np.sqrt(start["norm.var"] + 0.01)
    for image, label in zip(images, labels):
        pixels = image.reshape(-1) / 255
        seen = (pixels - start["norm.mean"]) * scale + start["norm.beta"]
        hidden = start["hidden.weight"] @ seen
        logits = start["output.weight"] @ hidden
        slope = np.exp(logits - logits.max())
        slope /= slope.sum()
        slope[label] -= 1
        gradient["output.weight"] += np.outer(slope, hidden)
        gradient["hidden.weight"] += np.outer(start["output.weight"].T @ slope, seen)
    for name, each in gradient.items():
        expected = start[name] - 0.5 * each / len(labels)
        np.testing.assert_allclose(found[name], expected, atol=2e-4, err_msg=name)


@pytest.mark.parametrize("backend", TRAINING)
def test_a_multiplier_scales_the_step_of_its_parameters_alone(backend, digits):
    start = normalised().arrays
    plain = trained(backend, digits["train"])
    found = trained(backend, digits["train"], lr_mult={"*": 0.25, "output.*": 1.0, "norm.*": 2.0})
    factors = {"hidden.weight": 0.25, "output.weight": 1.0, "norm.gamma": 2.0, "norm.beta": 2.0}
    for name, factor in factors.items():
        step, scaled = plain[name] - start[name], found[name] - start[name]
        np.testing.assert_allclose(scaled, factor * step, atol=1e-6, err_msg=name)
        assert np.abs(step).max() > 1e-3


@pytest.mark.parametrize("backend", TRAINING)
def test_multipliers_of_the_network_itself_count_too(backend, digits):
    start = normalised()
    slower = {"hidden.weight": ParameterSettings("hidden.weight", lr_mult=0.5)}
    network = GraphNetwork(start.graph, start.arrays, slower)
    trainer = Trainer(
        network, "sgd", {"learning_rate": 0.5}, backend=backend, lr_mult={"hidden.*": 0.5}
    )
    trainer.fit(digits["train"], epochs=1, batch_size=130)
    step = trained(backend, digits["train"])["hidden.weight"] - start.arrays["hidden.weight"]
    found = trainer.backend.snapshot()["hidden.weight"] - start.arrays["hidden.weight"]
    np.testing.assert_allclose(found, 0.25 * step, atol=1e-6)


@pytest.mark.mxnet
def test_places_of_a_block_are_those_in_the_network():
    from mxdigits.models.building import build_network

    network = build_network("mlp", {"hidden": [3]}, classes=2, image_shape=(1, 4, 4))
    names = [f"layers.{place}.{kind}" for place in (0, 1) for kind in ("weight", "bias")]
    assert places_of(network) == dict.fromkeys(names, True)
