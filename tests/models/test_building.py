"""Models: every registered one keeps the contract, and one that breaks it is named."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from mxdigits.backends.mxnet.networks.building import layer_table, make_initializer
from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.errors import PluginError, UsageError
from mxdigits.models.building import build_network
from mxdigits.plugins.registry import MODELS

mx = import_mxnet()
nn = mx.gluon.nn

BUILT_IN = [entry.name for entry in MODELS.entries() if entry.distribution == "mxdigits"]
for of_a_graph in ("deep", "graph"):  # and no block
    BUILT_IN.remove(of_a_graph)


@pytest.fixture
def registered(monkeypatch):
    """Register a factory under the name ``broken`` for one test."""

    def register(factory):
        monkeypatch.setattr(MODELS, "_registered", {})
        factory.__module__, factory.__qualname__ = "there", "factory"
        MODELS.register("broken")(factory)

    return register


OWNER = "model 'broken' (there:factory from this process -)"


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 28, 28), (1, 32, 20)])
@pytest.mark.parametrize("classes", [2, 10, 47])
def test_built_in_models_give_a_logit_a_class(name, shape, classes):
    block = build_network(name, {}, classes=classes, image_shape=shape)
    for count in (1, 2, 7):
        assert block(mx.nd.ones((count, *shape))).shape == (count, classes)


@pytest.mark.parametrize("name", BUILT_IN)
def test_hybridized_equals_imperative(name):
    block = build_network(name, {}, classes=10, image_shape=(1, 28, 28))
    images = mx.nd.random.uniform(shape=(5, 1, 28, 28))
    hybrid = block(images).asnumpy()
    block.hybridize(False)
    np.testing.assert_allclose(block(images).asnumpy(), hybrid, rtol=1e-5, atol=1e-6)


def test_the_mlp_is_the_tutorials():
    block = build_network("mlp", {}, classes=10, image_shape=(1, 28, 28))
    assert layer_table(block, (1, 28, 28)) == [
        ("Dense(784 -> 128, Activation(relu))", (128,), 100480),
        ("Dense(128 -> 64, Activation(relu))", (64,), 8256),
        ("Dense(64 -> 10, linear)", (10,), 650),
    ]


def test_the_lenet_is_the_tutorials():
    block = build_network("lenet", {}, classes=10, image_shape=(1, 28, 28))
    rows = layer_table(block, (1, 28, 28))
    assert [(name.partition("(")[0], shape, count) for name, shape, count in rows] == [
        ("Conv2D", (20, 24, 24), 520),
        ("MaxPool2D", (20, 12, 12), 0),
        ("Conv2D", (50, 8, 8), 25050),
        ("MaxPool2D", (50, 4, 4), 0),
        ("Dense", (500,), 400500),
        ("Dense", (10,), 5010),
    ]


def test_options_reach_the_model():
    block = build_network(
        "mlp",
        {"hidden": [5, 4, 3], "activation": "tanh", "dropout": 0.5},
        classes=2,
        image_shape=(1, 4, 4),
    )
    assert [name for name, _, _ in layer_table(block, (1, 4, 4))] == [
        "Dense(16 -> 5, Activation(tanh))",
        "Dropout(p = 0.5)",
        "Dense(5 -> 4, Activation(tanh))",
        "Dropout(p = 0.5)",
        "Dense(4 -> 3, Activation(tanh))",
        "Dropout(p = 0.5)",
        "Dense(3 -> 2, linear)",
    ]


def test_the_initializer_is_used():
    block = build_network(
        "mlp",
        {},
        classes=10,
        image_shape=(1, 28, 28),
        initializer=make_initializer("constant", {"value": 0.25}),
    )
    weights = [p.data().asnumpy() for n, p in block.collect_params().items() if "weight" in n]
    assert len(weights) == 3
    assert all((w == 0.25).all() for w in weights)


def test_an_initializer_that_mxnet_refuses_is_the_users_mistake():
    with pytest.raises(UsageError) as caught:
        build_network(
            "mlp",
            {},
            classes=10,
            image_shape=(1, 28, 28),
            initializer=make_initializer("xavier", {"rnd_type": "circular"}),
        )
    assert str(caught.value).startswith("initializer 'xavier': ")


class Sum(mx.gluon.HybridBlock):
    def hybrid_forward(self, F, x):
        return F.sum(x, axis=(1, 2, 3))


class Two(mx.gluon.HybridBlock):
    def hybrid_forward(self, F, x):
        return F.flatten(x), x


def sequence(*layers):
    network = nn.HybridSequential()
    network.add(*layers)
    return network


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda *, classes: 3, f"{OWNER} must return a HybridBlock, not int"),
        (lambda *, classes: nn.Sequential(), f"{OWNER} must return a HybridBlock, not Sequential"),
        (
            lambda *, classes: nn.Dense(classes + 1),
            f"{OWNER} gave an output of shape (2, 11) for images of shape (2, 1, 28, 28); "
            "it must be (2, 10): one logit a class",
        ),
        (
            lambda *, classes: Sum(),
            f"{OWNER} gave an output of shape (2,) for images of shape (2, 1, 28, 28); "
            "it must be (2, 10): one logit a class",
        ),
        (
            lambda *, classes: Two(),
            f"{OWNER} gave several outputs for images of shape (2, 1, 28, 28); "
            "it must give one, of shape (2, 10): one logit a class",
        ),
        (lambda: nn.Dense(10), f"{OWNER} must take the keyword 'classes', and does not"),
        (
            lambda *, classes: nn.HybridLambda(lambda F, x: F.flatten(x).slice_axis(1, 0, 10)),
            f"{OWNER} has no parameters to train",
        ),
        (
            lambda *, classes: sequence(nn.Dense(classes), nn.HybridLambda("softmax")),
            f"{OWNER} gave probabilities, which add up to 1, and must give logits: leave the "
            "softmax out, the loss has it",
        ),
        (lambda *, classes: sys.exit(0), f"{OWNER} cannot be built: SystemExit: 0"),
        (lambda *, classes: 1 / 0, f"{OWNER} cannot be built: ZeroDivisionError: division by zero"),
    ],
)
def test_a_model_that_breaks_the_contract_is_named(registered, make, message):
    registered(make)
    with pytest.raises(PluginError) as caught:
        build_network("broken", {}, classes=10, image_shape=(1, 28, 28))
    assert str(caught.value) == message


def test_a_model_of_mxnets_numpy_arrays_is_named(registered):
    """Its weights cannot be drawn, and the initializer would be blamed."""

    def build(*, classes):
        mx.npx.set_np()
        return nn.Dense(classes)

    registered(build)
    try:
        with pytest.raises(PluginError) as caught:
            build_network("broken", {}, classes=10, image_shape=(1, 28, 28))
    finally:
        mx.npx.reset_np()
    assert str(caught.value) == (
        f"{OWNER} cannot be built while MXNet's NumPy arrays are on: leave npx.set_np() out, and "
        "take the operators of F, not those of mx.np"
    )


def test_a_model_that_fails_on_images_is_named(registered):
    registered(lambda *, classes: nn.Conv2D(classes, kernel_size=99))
    with pytest.raises(PluginError) as caught:
        build_network("broken", {}, classes=10, image_shape=(1, 28, 28))
    assert str(caught.value).startswith(f"{OWNER} failed on images of shape (2, 1, 28, 28): ")


@pytest.mark.parametrize(
    ("shape", "channels", "least"),
    [((1, 8, 8), [20, 50], 16), ((1, 28, 15), [20, 50], 16), ((3, 5, 5), [4], 6)],
)
@pytest.mark.parametrize("backend", [None, "mxnet", "xla", "torch"])
def test_images_that_are_too_small_for_lenet(backend, shape, channels, least):
    how = {"classes": 10, "backend": backend}
    with pytest.raises(UsageError) as caught:
        build_network("lenet", {"channels": channels}, image_shape=shape, **how)
    assert str(caught.value) == (
        f"model 'lenet': takes images of {least}x{least} pixels at least, and these are "
        f"{shape[1]}x{shape[2]}; take the model mlp or deep, or fewer convolutions (channels)"
    )


def test_images_that_are_just_large_enough_for_lenet():
    for shape, channels in (((1, 16, 16), [20, 50]), ((3, 6, 7), [4])):
        network = build_network("lenet", {"channels": channels}, classes=10, image_shape=shape)
        assert network(mx.nd.zeros((1, *shape))).shape == (1, 10)


def test_options_are_checked_against_the_live_signature(registered):
    registered(lambda *, classes, depth=1: nn.Dense(classes))
    with pytest.raises(UsageError) as caught:
        build_network("broken", {"dept": 2}, classes=10, image_shape=(1, 28, 28))
    assert str(caught.value) == "model 'broken': option 'dept': unknown; did you mean 'depth'?"


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("mlp", {"hidden": 5}, "hidden: must be a list of whole numbers above 0, got 5"),
        ("mlp", {"hidden": [5, 0]}, "hidden: must be a list of whole numbers above 0, got [5, 0]"),
        ("mlp", {"dropout": 1}, "dropout: must be a number from 0 to below 1, got 1"),
        (
            "lenet",
            {"channels": [20, 0]},
            "channels: must be a list of whole numbers above 0, got [20, 0]",
        ),
        ("lenet", {"hidden": 0}, "hidden: must be a whole number above 0, got 0"),
        ("lenet", {"dropout": True}, "dropout: must be a number from 0 to below 1, got true"),
        (
            "lenet",
            {"activation": "tahn"},
            "activation: must be one of relu, sigmoid, softrelu, softsign, tanh, got 'tahn'",
        ),
    ],
)
def test_a_value_that_a_model_refuses_is_the_users_mistake(name, options, message):
    with pytest.raises(UsageError) as caught:
        build_network(name, options, classes=10, image_shape=(1, 28, 28))
    assert str(caught.value) == f"model {name!r}: {message}"
