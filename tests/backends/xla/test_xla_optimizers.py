"""The optimizers of the backend xla, compared with MXNet's over fifty steps."""

from __future__ import annotations

import re

import pytest

jax = pytest.importorskip("jax", reason="the backend xla needs JAX")

import numpy as np

from mxdigits.backends.mxnet.names import OPTIMIZERS
from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.backends.xla.optimizers import clip_global_norm, make_optimizer
from mxdigits.errors import CheckpointError, UsageError

mx = import_mxnet()

SHAPES = {"a_weight": (4, 6), "a_bias": (4,), "b_weight": (3, 2, 2, 2)}
STEPS = 50

CASES = [
    ("sgd", {}),
    ("sgd", {"wd": 0.01}),
    ("sgd", {"momentum": 0.9}),
    ("sgd", {"momentum": 0.9, "wd": 0.01, "clip_gradient": 0.5}),
    ("sgd", {"clip_gradient": 0.3, "wd": 0.01}),
    ("ccsgd", {"momentum": 0.5}),
    ("nag", {}),
    ("nag", {"momentum": 0.9, "wd": 0.01}),
    ("nag", {"momentum": 0.9, "clip_gradient": 0.5}),
    ("adam", {}),
    ("adam", {"wd": 0.01, "clip_gradient": 0.5, "beta1": 0.8, "epsilon": 1e-6}),
    ("adamax", {}),
    ("adamax", {"wd": 0.01, "clip_gradient": 0.5}),
    ("nadam", {}),
    ("nadam", {"wd": 0.01, "clip_gradient": 0.5, "schedule_decay": 0.1}),
    ("rmsprop", {}),
    ("rmsprop", {"wd": 0.01, "clip_gradient": 0.5, "clip_weights": 0.8}),
    ("rmsprop", {"centered": True}),
    ("rmsprop", {"centered": True, "gamma2": 0.5, "wd": 0.01, "clip_weights": 0.8}),
    ("adagrad", {}),
    ("adagrad", {"wd": 0.01, "clip_gradient": 0.5}),
    ("adadelta", {}),
    ("adadelta", {"wd": 0.001, "clip_gradient": 0.5, "rho": 0.8}),
    ("ftrl", {}),
    ("ftrl", {"wd": 0.01, "clip_gradient": 0.5, "lamda1": 0.3, "beta": 2}),
    ("ftml", {}),
    ("ftml", {"wd": 0.01, "clip_gradient": 0.5}),
    ("signum", {}),
    ("signum", {"wd": 0.01, "clip_gradient": 0.5, "wd_lh": 0.1}),
    ("signum", {"momentum": 0.0, "wd": 0.01}),
    ("lamb", {}),
    ("lamb", {"wd": 0.01, "clip_gradient": 0.5, "bias_correction": False}),
    ("lamb", {"lower_bound": 0.5, "upper_bound": 2.0}),
    ("lars", {"eta": 0.1}),
    ("lars", {"momentum": 0.9, "wd": 0.01, "eta": 0.1}),
    ("lars", {"momentum": 0.9, "eta": 0.1, "eps": 1e-3, "momentum_correction": False}),
    ("dcasgd", {}),
    ("dcasgd", {"wd": 0.01, "clip_gradient": 0.5, "lamda": 0.5}),
]


def weights() -> dict[str, np.ndarray]:
    random = np.random.default_rng(0)
    return {k: random.standard_normal(shape).astype(np.float32) for k, shape in SHAPES.items()}


def gradients(step: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(100 + step)
    return {k: 20 * random.standard_normal(shape).astype(np.float32) for k, shape in SHAPES.items()}


def rate(step: int, first: float) -> float:
    return first * (0.5 if step >= 30 else 1.0)


def by_mxnet(name: str, options: dict, lr_mult: dict, wd_mult: dict) -> dict[str, np.ndarray]:
    optimizer = mx.optimizer.create(name, rescale_grad=0.05, **options)
    first = optimizer.lr
    for i, key in enumerate(SHAPES):
        parameter = mx.gluon.Parameter(key, shape=SHAPES[key])
        parameter.lr_mult, parameter.wd_mult = lr_mult.get(key, 1.0), wd_mult.get(key, 1.0)
        optimizer.param_dict[i] = parameter
    # As mxdigits trains: an array at a time.
    optimizer.aggregate_num = min(optimizer.aggregate_num, 1)
    updater = mx.optimizer.get_updater(optimizer)
    arrays = [mx.nd.array(each) for each in weights().values()]
    for step in range(STEPS):
        optimizer.set_learning_rate(rate(step, first))
        for i, gradient in enumerate(gradients(step).values()):
            updater(i, mx.nd.array(gradient), arrays[i])
    return {key: array.asnumpy() for key, array in zip(SHAPES, arrays)}


def by_xla(name: str, options: dict, steps: int = STEPS, **multipliers: dict) -> tuple:
    optimizer = make_optimizer(name, options, list(SHAPES), **multipliers)
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
    optimizer = make_optimizer("sgd", {}, ["a_bias"])
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
        restored = optimizer.restore(dict(saved), arrays)
    update = jax.jit(optimizer.update)
    expected, found = (
        update(arrays, gradients(3), each, learning_rate=0.1) for each in (state, restored)
    )
    jax.tree_util.tree_map(np.testing.assert_array_equal, found, expected)


def test_the_state_of_another_optimizer_or_network_is_refused():
    adam = make_optimizer("adam", {}, list(SHAPES))
    state = {k: np.asarray(v) for k, v in adam.begin(weights()).items()}
    assert sorted(state) == [
        "count",
        *("mean.a_bias", "mean.a_weight", "mean.b_weight"),
        *("variance.a_bias", "variance.a_weight", "variance.b_weight"),
    ]
    message = "^the state is not that of the optimizer {} here$"
    with pytest.raises(CheckpointError, match=message.format("lamb")):
        make_optimizer("lamb", {}, ["a_bias"]).restore(state, weights())
    with pytest.raises(CheckpointError, match=message.format("adam")):
        adam.restore({**state, "mean.a_bias": np.zeros(5, np.float32)}, weights())


def test_adamax_leaves_alone_what_never_had_a_gradient():
    """MXNet's divides zero by zero there."""
    adamax = make_optimizer("adamax", {}, ["w"])
    before = {"w": np.ones(3, np.float32)}
    gradient = {"w": np.array([0, 1, 0], np.float32)}
    after, _ = adamax.update(before, gradient, adamax.begin(before), learning_rate=0.1)
    np.testing.assert_allclose(after["w"], [1, 0.9, 1], rtol=1e-6)


def test_gradients_are_shortened_together():
    given = {"a": np.array([3.0, 0.0], np.float32), "b": np.array([[4.0]], np.float32)}
    short = clip_global_norm(given, 1.0)
    arrays = [mx.nd.array(each) for each in given.values()]
    mx.gluon.utils.clip_global_norm(arrays, 1.0)
    for found, expected in zip(short.values(), arrays):
        np.testing.assert_allclose(found, expected.asnumpy(), rtol=1e-6)
    for name, same in clip_global_norm(given, 6.0).items():
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
        make_optimizer(name, options, ["w"])


def test_every_optimizer_of_mxnet_is_there_or_refused():
    refused = {"groupadagrad", "lbsgd", "sgld"}
    assert {name for name, _ in CASES} | refused == OPTIMIZERS.keys()
