"""Groups of parameters: other ones with several workers, and a state that fits both."""

from __future__ import annotations

import numpy as np
import pytest

from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.backends.mxnet.weights.weights import Weights
from mxdigits.backends.team.agreement import Alone

mx = import_mxnet()


class Pair(Alone):
    """Two workers, as far as a layout is concerned."""

    count = 2


def weights_of(optimizer, options, team):
    network = mx.gluon.nn.HybridSequential(prefix="")
    network.add(mx.gluon.nn.Dense(3, in_units=4), mx.gluon.nn.Dense(8, in_units=3))
    network.initialize(mx.init.Constant(0.5))
    return Weights(network, mx.optimizer.create(optimizer, **options), [mx.cpu()], team=team)


def step(weights, value):
    for name, gradient in weights.gradients[0].items():
        gradient[:] = value + gradient.size + name.endswith("bias")
    weights.step(1, 1, 0.1)


@pytest.mark.parametrize(
    ("optimizer", "options"),
    [
        ("sgd", {}),
        ("sgd", {"momentum": 0.9}),
        ("nag", {"momentum": 0.9}),
        ("adam", {}),
        ("rmsprop", {"centered": True}),
        ("ftrl", {}),
        ("lars", {"momentum": 0.9}),
    ],
)
@pytest.mark.parametrize("teams", [(Alone(), Pair()), (Pair(), Alone())])
def test_a_fit_goes_on_with_another_number_of_workers(optimizer, options, teams):
    first, second = (weights_of(optimizer, options, team) for team in teams)
    step(first, 1.0)
    second.restore(*first.state())
    for weights in (first, second):
        step(weights, 2.0)
    for name, array in first.snapshot().items():
        np.testing.assert_array_equal(second.snapshot()[name], array, err_msg=name)


def test_the_last_layers_have_an_array_of_their_own_where_workers_share_a_batch():
    layouts = [weights_of("sgd", {}, team).state()[1]["layout"] for team in (Alone(), Pair())]
    assert layouts == [
        [["0.bias", "0.weight", "1.bias", "1.weight"]],
        [["1.bias", "1.weight"], ["0.bias", "0.weight"]],
    ]
