"""States of something else, and states that somebody made up, are refused."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from train.fitting import (
    Plan,
    block,
    fitted,
    parameters,
    same_arrays,
)

from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.errors import CheckpointError
from mxdigits.runs.checkpoints import Checkpoints, read
from mxdigits.train.callbacks import Callback, KeepWeights
from mxdigits.train.state import TrainingState
from mxdigits.train.trainer import Trainer

mx = import_mxnet()


@pytest.fixture(scope="module")
def saved(digits):
    """A state with an optimizer that keeps two arrays a weight, and with kept weights."""
    trainer = Trainer(
        block(), "adam", {"learning_rate": 0.01}, callbacks=[Plan({0: KeepWeights()})]
    )
    return fitted(digits, trainer, epochs=2)[1, 4]


def adam(**options):
    return Trainer(
        block(**options), "adam", {"learning_rate": 0.01}, callbacks=[Plan({0: KeepWeights()})]
    )


def other_layers():
    nn = mx.gluon.nn
    network = nn.HybridSequential()
    network.add(nn.Dense(4))
    network.initialize()
    network(mx.nd.zeros((1, 1, 16, 16)))
    return network


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: adam(units=7), "the weights of 2.bias are of another network"),
        (
            lambda: Trainer(other_layers(), "adam", callbacks=[Plan({})]),
            "the weights of 0.bias are of another network",
        ),
        (
            lambda: Trainer(block(), "sgd", callbacks=[Plan({})]),
            "the state is of the optimizer Adam, not of SGD",
        ),
        (
            lambda: Trainer(block(), "adam"),
            "the state is of the callbacks Plan; here are none; give the same ones",
        ),
        (
            lambda: Trainer(block(), "adam", callbacks=[Plan({}), Callback(), Plan({})]),
            "the state is of the callbacks Plan; here are Plan, Plan; give the same ones",
        ),
    ],
)
def test_the_state_of_something_else_is_refused(saved, make, message):
    with pytest.raises(CheckpointError) as caught:
        make().restore(saved)
    assert str(caught.value) == message


def test_the_state_of_other_options_of_an_optimizer_is_refused(digits):
    plain, heavy = {"learning_rate": 0.01}, {"learning_rate": 0.01, "momentum": 0.9}
    for before, after in ((plain, heavy), (heavy, plain)):
        state = fitted(digits, Trainer(block(), "sgd", before), epochs=1)[1, 0]
        with pytest.raises(CheckpointError) as caught:
            Trainer(block(), "sgd", after).restore(state)
        assert str(caught.value) == "the optimizer's state is of another network"


def test_a_batch_that_an_epoch_does_not_have_is_refused(digits, saved):
    trainer = adam()
    trainer.restore(saved)
    with pytest.raises(CheckpointError) as caught:
        trainer.fit(digits["train"], epochs=1, batch_size=65)
    assert str(caught.value) == (
        "the state is of batch 4 of an epoch; here an epoch has 2 batches: give the same images "
        "and batch size"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda facts: facts.pop("begun"), "KeyError: 'begun'"),
        (lambda facts: facts["begun"].update(batch=-1), "ValueError: -1 is no count"),
        (lambda facts: facts["begun"].update(batch=True), "ValueError: True is no count"),
        (
            lambda facts: facts["begun"].update(correct=0.5),
            "ValueError: 0.5 is no count",
        ),
        (lambda facts: facts["begun"].update(seconds="1"), "TypeError: '1' is no number"),
        (lambda facts: facts["history"][0].pop("train_loss"), "KeyError: 'train_loss'"),
        (
            lambda facts: facts["history"].append(None),
            "TypeError: 'NoneType' object is not subscriptable",
        ),
        (lambda facts: facts.update(rate_scale=None), "TypeError: None is no number"),
        (
            lambda facts: facts.update(rate_scale=10**400),
            "OverflowError: int too large to convert to float",
        ),
        (lambda facts: facts.update(ended=1), "TypeError: ended is no text"),
        (lambda facts: facts.update(optimizer=[]), "TypeError: optimizer is no mapping"),
    ],
)
def test_facts_that_make_no_sense_are_named(saved, change, message):
    facts = json.loads(json.dumps(saved.facts))
    change(facts)
    with pytest.raises(CheckpointError) as caught:
        adam().restore(TrainingState(1, 4, saved.arrays, facts))
    assert str(caught.value) == f"the state of the fit is damaged: {message}"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda facts: facts["callbacks"].__setitem__(0, ["Plan", {}]),
            "callback Plan cannot restore its state: KeyError: 'epochs'",
        ),
        (
            lambda facts: facts["optimizer"].update(counts={"mapping": [[0, -1]]}),
            "the optimizer's state is damaged: ValueError: -1 updates of parameter 0",
        ),
        (
            lambda facts: facts["optimizer"].update(optimizer={"mapping": [["beta1", "x"]]}),
            "the optimizer's state is damaged: TypeError: beta1 is a str, not a float",
        ),
        (
            lambda facts: facts["optimizer"].update(optimizer={"mapping": [["param_dict", {}]]}),
            "the optimizer's state is damaged: ValueError: not enough values to unpack "
            "(expected 1, got 0)",
        ),
        (
            lambda facts: facts["optimizer"].update(optimizer={"mapping": [["lr_mult", 1]]}),
            "the optimizer's state is damaged: KeyError: 'lr_mult'",
        ),
        (
            lambda facts: facts["optimizer"].update(states={"array": "weight.0.bias"}),
            "the optimizer's state is of another network",
        ),
        (
            lambda facts: facts["optimizer"].update(states={"array": "nowhere"}),
            "the optimizer's state is damaged: KeyError: 'nowhere'",
        ),
        (
            lambda facts: facts["optimizer"].update(layout=None),
            "the optimizer's state is of another network",
        ),
    ],
)
def test_states_that_make_no_sense_are_named(saved, change, message):
    facts = json.loads(json.dumps(saved.facts))
    change(facts)
    with pytest.raises(CheckpointError) as caught:
        adam().restore(TrainingState(1, 4, saved.arrays, facts))
    assert str(caught.value) == message


def test_a_piece_of_the_kept_weights_is_not_enough(saved):
    arrays = {name: array for name, array in saved.arrays.items() if name != "kept.1.beta"}
    with pytest.raises(CheckpointError) as caught:
        adam().restore(TrainingState(1, 4, arrays, saved.facts))
    assert str(caught.value) == "the weights of 1.beta are of another network"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=8,
)


def paths(value, path=()):
    yield path
    if isinstance(value, (dict, list)):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, each in inner:
            yield from paths(each, (*path, key))


def replaced(value, path, new):
    """The same value with something else at one place."""
    if not path:
        return new
    key, *rest = path
    copy = value.copy()
    copy[key] = replaced(value[key], rest, new)
    return copy


@pytest.fixture(scope="module")
def target(digits):
    return adam()


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_facts_are_more_than_an_error(saved, target, data):
    """Anything at any place: it is refused, or it is as good as what was there."""
    if data.draw(st.booleans()):
        place = data.draw(st.sampled_from(list(map(list, known_paths(saved)))))
        facts = replaced(saved.facts, place, data.draw(JSON))
    else:
        facts = data.draw(JSON)
    with suppress(CheckpointError):
        target.restore(TrainingState(1, 4, saved.arrays, facts))


def known_paths(saved):
    return [
        path for path in paths(saved.facts) if path[:2] != ("optimizer", "layout") or len(path) < 3
    ]


def test_a_state_comes_back_from_the_disk_as_it_was(digits, saved, tmp_path):
    path = Checkpoints(tmp_path / "checkpoints").write(saved, {})
    found = read(path).state
    same_arrays(found.arrays, saved.arrays)
    assert found.facts == saved.facts
    one, other = adam(), adam()
    for trainer, state in ((one, saved), (other, found)):
        fitted(digits, trainer, epochs=2, state=state)
    same_arrays(parameters(one.network), parameters(other.network))
