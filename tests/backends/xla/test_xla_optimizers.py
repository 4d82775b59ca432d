"""The optimizers of the backend xla, compared with MXNet's over fifty steps."""

from __future__ import annotations

import re

import pytest

jax = pytest.importorskip("jax", reason="the backend xla needs JAX")

import numpy as np
from backends.optimizer_cases import CASES, SHAPES, STEPS, by_mxnet, gradients, mx, rate, weights

from mxdigits.backends.graphs.optimizers import clip_global_norm, make_optimizer
from mxdigits.backends.mxnet.names import OPTIMIZERS
from mxdigits.backends.xla.functions import FUNCTIONS
from mxdigits.errors import CheckpointError, UsageError


def optimizer_of(*arguments, **multipliers):
    return make_optimizer(*arguments, FUNCTIONS, backend="xla", **multipliers)


def by_xla(name: str, options: dict, steps: int = STEPS, **multipliers: dict) -> tuple:
    optimizer = optimizer_of(name, options, list(SHAPES), **multipliers)
    arrays, state = weights(), optimizer.begin(weights())
    update = jax.jit(optimizer.update)
    for step in range(steps):
        at = rate(step, optimizer.learning_rate)
        arrays, state = update(arrays, gradients(step), state, learning_rate=at, rescale=0.05)
    return optimizer, arrays, state


@pytest.mark.parametrize(("name", "options"), CASES, ids=str)
def test_an_optimizer_does_what_mxnets_does(name, options):
    multipliers = {"lr_mult": {"a_bias": 2.0}, "wd_mult": {"a_bias": 0.0, "b_weight": 0.5}}
    _, arrays, _ = by_xla(name, options, **multipliers)
    for key, expected in by_mxnet(name, options, **multipliers).items():
        np.testing.assert_allclose(arrays[key], expected, rtol=1e-5, atol=1e-5)


def test_what_is_not_trained_stays():
    optimizer = optimizer_of("sgd", {}, ["a_bias"])
    after, _ = optimizer.update(
        weights(), gradients(0), optimizer.begin(weights()), learning_rate=0.1
    )
    assert after.keys() == SHAPES.keys()
    np.testing.assert_array_equal(after["a_weight"], weights()["a_weight"])
    assert not np.allclose(after["a_bias"], weights()["a_bias"])


@pytest.mark.parametrize(("name", "options"), dict(CASES).items(), ids=str)
def test_a_state_that_was_saved_goes_on_as_if_nothing_had_happened(name, options, tmp_path):
    optimizer, arrays, state = by_xla(name, options, steps=3)
    np.savez(tmp_path / "state.npz", **state)
    with np.load(tmp_path / "state.npz") as saved:
        restored = dict(saved)
    optimizer.check_state(restored, arrays)
    update = jax.jit(optimizer.update)
    expected, found = (
        update(arrays, gradients(3), each, learning_rate=0.1) for each in (state, restored)
    )
    jax.tree_util.tree_map(np.testing.assert_array_equal, found, expected)


def test_the_state_of_another_optimizer_or_network_is_refused():
    adam = optimizer_of("adam", {}, list(SHAPES))
    state = {k: np.asarray(v) for k, v in adam.begin(weights()).items()}
    assert sorted(state) == [
        "count",
        *("mean.a_bias", "mean.a_weight", "mean.b_weight"),
        *("variance.a_bias", "variance.a_weight", "variance.b_weight"),
    ]
    message = "^the state is not that of the optimizer {} here$"
    with pytest.raises(CheckpointError, match=message.format("lamb")):
        optimizer_of("lamb", {}, ["a_bias"]).check_state(state, weights())
    with pytest.raises(CheckpointError, match=message.format("adam")):
        adam.check_state({**state, "mean.a_bias": np.zeros(5, np.float32)}, weights())


def test_adamax_leaves_alone_what_never_had_a_gradient():
    """MXNet's divides zero by zero there."""
    adamax = optimizer_of("adamax", {}, ["w"])
    before = {"w": np.ones(3, np.float32)}
    gradient = {"w": np.array([0, 1, 0], np.float32)}
    after, _ = adamax.update(before, gradient, adamax.begin(before), learning_rate=0.1)
    np.testing.assert_allclose(after["w"], [1, 0.9, 1], rtol=1e-6)


def test_gradients_are_shortened_together():
    given = {"a": np.array([3.0, 0.0], np.float32), "b": np.array([[4.0]], np.float32)}
    short = clip_global_norm(FUNCTIONS, given, 1.0)
    arrays = [mx.nd.array(each) for each in given.values()]
    mx.gluon.utils.clip_global_norm(arrays, 1.0)
    for found, expected in zip(short.values(), arrays):
        np.testing.assert_allclose(found, expected.asnumpy(), rtol=1e-6)
    for name, same in clip_global_norm(FUNCTIONS, given, 6.0).items():
        np.testing.assert_array_equal(same, given[name])


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        (
            "lbsgd",
            {},
            "the backend xla has no optimizer lbsgd; take lars, or backend: mxnet",
        ),
        ("sgld", {}, "the backend xla has no optimizer sgld; take sgd, or backend: mxnet"),
        (
            "groupadagrad",
            {},
            "the backend xla has no optimizer groupadagrad; take adagrad, or backend: mxnet",
        ),
        ("sgd", {"beta1": 0.9}, "the optimizer sgd has no option 'beta1'"),
        (
            "dcasgd",
            {"momentum": 0.9},
            "the optimizer dcasgd has no momentum: with it MXNet's own fails; take sgd",
        ),
    ],
)
def test_an_optimizer_that_is_lacking_is_refused_by_name(name, options, message):
    with pytest.raises(UsageError, match="^" + re.escape(message) + "$"):
        optimizer_of(name, options, ["w"])


def test_every_optimizer_of_mxnet_is_there_or_refused():
    refused = {"groupadagrad", "lbsgd", "sgld"}
    assert {name for name, _ in CASES} | refused == OPTIMIZERS.keys()
