"""The copy of MXNet's names and options is true: compared with the MXNet that is installed."""

from __future__ import annotations

import inspect
import math

import pytest

from mxdigits.backends.mxnet.names import INITIALIZERS, OPTIMIZERS, REQUIRED, option_problem
from mxdigits.backends.mxnet.runtime import import_mxnet

pytestmark = pytest.mark.mxnet

# What the Trainer tells an optimizer, or what only a program can: no user's business.
NOT_FOR_USERS = {
    "rescale_grad",
    "param_idx2name",
    "lr_scheduler",
    "sym",
    "begin_num_update",
    "multi_precision",
    "param_dict",
}


def defaults(factory) -> dict[str, object]:
    """The named parameters of a class and their defaults."""
    return {
        name: each.default
        for name, each in inspect.signature(factory).parameters.items()
        if each.kind is each.POSITIONAL_OR_KEYWORD
    }


@pytest.fixture(scope="module")
def mx():
    return import_mxnet()


def test_the_optimizers_are_those_that_mxnet_registers(mx):
    assert set(OPTIMIZERS) == set(mx.optimizer.Optimizer.opt_registry) - {"test"}


def test_the_options_that_every_optimizer_takes(mx):
    common = defaults(mx.optimizer.Optimizer)
    assert set(common) == NOT_FOR_USERS | {"learning_rate", "wd", "clip_gradient"}
    assert common["learning_rate"] is None  # which stands for 0.01, see the next test
    assert OPTIMIZERS["sgld"] == {
        "learning_rate": 0.01,
        "wd": common["wd"],
        "clip_gradient": common["clip_gradient"],
    }


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_options_of_an_optimizer_and_their_defaults(mx, name):
    registered = mx.optimizer.Optimizer.opt_registry[name]
    if name == "ccsgd":  # takes anything and hands it to sgd
        registered = mx.optimizer.Optimizer.opt_registry["sgd"]
    expected = {**OPTIMIZERS["sgld"], **defaults(registered)}
    assert OPTIMIZERS[name] == expected
    assert {k: type(v) for k, v in OPTIMIZERS[name].items()} == {
        k: type(v) for k, v in expected.items()
    }


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_mxnet_takes_the_options_and_has_the_same_rate_without_them(mx, name):
    mx.optimizer.create(name, **OPTIMIZERS[name])
    assert mx.optimizer.create(name).learning_rate == OPTIMIZERS[name]["learning_rate"]


def test_the_initializers_are_those_that_mxnet_registers(mx):
    registered = set(mx.registry.get_registry(mx.initializer.Initializer))
    needs_more = {"load", "mixed", "lstmbias", "fusedrnn"}  # than a recipe can say
    twice = {"zeros", "ones"}
    assert set(INITIALIZERS) == registered - needs_more - twice
    assert twice < registered


@pytest.mark.parametrize("name", INITIALIZERS)
def test_the_options_of_an_initializer_and_their_defaults(mx, name):
    registered = mx.registry.get_registry(mx.initializer.Initializer)[name]
    assert INITIALIZERS[name] == defaults(registered)
    given = {k: 1 if d is REQUIRED else d for k, d in INITIALIZERS[name].items()}
    mx.initializer.create(name, **given)


@pytest.mark.parametrize(
    ("default", "value", "problem"),
    [
        (0.5, 1, None),
        (0.5, -1e300, None),
        (0, 0.5, None),
        (0.5, "x", "must be a number"),
        (0.5, True, "must be a number"),
        (0.5, None, "must be a number"),
        (0.5, [1], "must be a number"),
        (0.5, math.nan, "must be a finite number"),
        (0.5, -math.inf, "must be a finite number"),
        (None, None, None),
        (None, 3, None),
        (None, "x", "must be a number"),
        (None, False, "must be a number"),
        (None, math.inf, "must be a finite number"),
        (True, False, None),
        (True, 1, "must be true or false"),
        (False, None, "must be true or false"),
        ("avg", "in", None),
        ("avg", "", None),
        ("avg", 3, "must be a word"),
        ("avg", None, "must be a word"),
        (0, 10**400, None),
    ],
)
def test_what_can_stand_where_a_default_is(default, value, problem):
    assert option_problem(default, value) == problem
