"""float16: the loss is scaled, a step that overflows is left out, and a fit resumes exactly."""

from __future__ import annotations

import math
from importlib import import_module

import numpy as np
import pytest
from backends.small_networks import backend_class, data, dense, trained, with_statistics

from mxdigits.backends.base import EpochPosition
from mxdigits.backends.graphs import loss_scaling
from mxdigits.backends.settings import TrainingSettings
from mxdigits.errors import CheckpointError

HALF = TrainingSettings("sgd", {"momentum": 0.9}, precision="float16", seed=4)


@pytest.fixture(params=["xla", "torch"])
def GraphBackend(request):
    """A class of backends that run a graph."""
    return backend_class(request.param)


def functions_of(backend):
    return import_module(f"mxdigits.backends.{backend.name}.functions").FUNCTIONS


FINE, BROKEN = [1.0, 1.0], [1.0, math.inf]


@pytest.mark.parametrize(
    ("before", "gradients", "after", "counts"),
    [
        ((1024, 0), FINE, (1024, 1), True),
        ((1024, 7), FINE, (1024, 8), True),
        ((1024, 7), BROKEN, (512, 0), False),
        ((1024, 1999), FINE, (2048, 0), True),
        ((2**24, 1999), FINE, (2**24, 0), True),
        ((1, 3), BROKEN, (1, 0), True),  # what overflows here is not the scale's doing
    ],
)
def test_the_scale_moves_by_what_the_gradients_are(GraphBackend, before, gradients, after, counts):
    f = functions_of(GraphBackend)
    scale, good = before
    state = {"scale": f.float32(scale), "good_steps": f.int32(good)}
    found, counted = loss_scaling.after(f, state, {"w": f.float32(gradients)})
    assert (float(found["scale"]), int(found["good_steps"])) == after
    assert bool(counted) is counts


def test_no_other_precision_scales():
    assert loss_scaling.begun("bfloat16") == {}
    assert loss_scaling.factor({}, 10) == 1.0
    assert loss_scaling.after(None, {}, {"w": BROKEN}) == ({}, True)


def at_the_largest_scale(backend_class, network):
    """A backend whose first steps overflow."""
    backend = backend_class(network(), HALF)
    arrays, facts = backend.state()
    arrays["scaling.scale"] = np.array(2**24, np.float32)
    backend.restore(arrays, facts)
    return backend


def test_a_step_that_overflows_changes_no_weight(GraphBackend):
    backend = at_the_largest_scale(GraphBackend, dense)
    before = backend.snapshot()
    fit = backend.begin_fit(*data(), 47)
    fit.run(0, 0.5, EpochPosition(), lambda _: None, lambda _: False)
    for place, array in backend.snapshot().items():
        np.testing.assert_array_equal(array, before[place], err_msg=place)
    after = backend.state()[0]
    assert (after["scaling.scale"], after["optimizer.count"]) == (2**23, 0)


@pytest.mark.parametrize("network", [dense, with_statistics])
def test_who_goes_on_in_float16_gets_the_same_bits(GraphBackend, network):
    whole, left = (at_the_largest_scale(GraphBackend, network) for _ in range(2))
    trained(whole)
    trained(left, epochs=1)
    arrays, facts = left.state()
    assert arrays["scaling.scale"] < 2**24
    resumed = GraphBackend(network(), HALF)
    resumed.restore(arrays, facts)
    fit = resumed.begin_fit(*data(), 10)
    fit.run(1, 0.05, EpochPosition(), lambda _: None, lambda _: False)
    for name, array in whole.state()[0].items():
        assert array.tobytes() == resumed.state()[0][name].tobytes(), name


def test_a_state_of_another_precision_begins_with_a_new_scale(GraphBackend):
    plain = GraphBackend(dense(), TrainingSettings("sgd", {"momentum": 0.9}))
    assert not any(name.startswith("scaling") for name in plain.state()[0])
    half = GraphBackend(dense(), HALF)
    half.restore(*plain.state())
    assert half.state()[0]["scaling.scale"] == 2**16
    plain.restore(*half.state())


@pytest.mark.parametrize(
    "change",
    [
        lambda arrays: arrays.pop("scaling.good_steps"),
        lambda arrays: arrays.update({"scaling.scale": np.ones(2, np.float32)}),
        lambda arrays: arrays.update({"scaling.scale": np.array(1.0)}),
    ],
)
def test_a_damaged_state_is_refused(GraphBackend, change):
    backend = GraphBackend(dense(), HALF)
    arrays, facts = backend.state()
    change(arrays)
    with pytest.raises(CheckpointError) as caught:
        backend.restore(arrays, facts)
    assert str(caught.value) == "the state of the loss scaling is damaged"
