"""The optimizers of the backend torch, compared with MXNet's over fifty steps."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="the backend torch needs PyTorch")

import numpy as np
from backends.optimizer_cases import CASES, SHAPES, STEPS, by_mxnet, gradients, mx, rate, weights

from mxdigits.backends.graphs.optimizers import clip_global_norm, make_optimizer
from mxdigits.backends.torch.functions import FUNCTIONS
from mxdigits.errors import UsageError


def tensors(arrays):
    return {name: torch.tensor(array) for name, array in arrays.items()}


def by_torch(name, options, **multipliers):
    optimizer = make_optimizer(
        name, options, list(SHAPES), FUNCTIONS, backend="torch", **multipliers
    )
    arrays = tensors(weights())
    state = optimizer.begin(arrays)
    for step in range(STEPS):
        at = rate(step, optimizer.learning_rate)
        given = tensors(gradients(step))
        arrays, state = optimizer.update(arrays, given, state, learning_rate=at, rescale=0.05)
    return optimizer, arrays, state


@pytest.mark.parametrize(("name", "options"), CASES, ids=str)
def test_an_optimizer_does_what_mxnets_does(name, options):
    multipliers = {"lr_mult": {"a_bias": 2.0}, "wd_mult": {"a_bias": 0.0, "b_weight": 0.5}}
    optimizer, arrays, state = by_torch(name, options, **multipliers)
    for key, expected in by_mxnet(name, options, **multipliers).items():
        np.testing.assert_allclose(arrays[key], expected, rtol=1e-5, atol=1e-5)
    optimizer.check_state({key: each.numpy() for key, each in state.items()}, arrays)


def test_gradients_are_shortened_together():
    given = {"a": np.array([3.0, 0.0], np.float32), "b": np.array([[4.0]], np.float32)}
    short = clip_global_norm(FUNCTIONS, tensors(given), 1.0)
    arrays = [mx.nd.array(each) for each in given.values()]
    mx.gluon.utils.clip_global_norm(arrays, 1.0)
    for found, expected in zip(short.values(), arrays):
        np.testing.assert_allclose(found, expected.asnumpy(), rtol=1e-6)


def test_an_optimizer_that_is_lacking_is_refused_by_name():
    with pytest.raises(UsageError) as caught:
        make_optimizer("sgld", {}, ["w"], FUNCTIONS, backend="torch")
    assert str(caught.value) == (
        "the backend torch has no optimizer sgld; take sgd, or backend: mxnet"
    )
