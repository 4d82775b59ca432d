"""The mean of the weights after the last epochs: by hand, with its statistics, and resumed."""

from __future__ import annotations

import numpy as np
import pytest
from backends.training import TRAINING
from train.watching import Follow, Keep

from mxdigits.backends.batches import batches, epoch_order
from mxdigits.backends.network import GraphNetwork
from mxdigits.errors import CheckpointError
from mxdigits.graph.building import GraphBuilder
from mxdigits.train.callbacks import Callback, KeepWeights, Stop
from mxdigits.train.epoch_mean import EpochMean
from mxdigits.train.schedule import make_schedule
from mxdigits.train.trainer import Trainer

SEED, HIDDEN, CLASSES = 3, 6, 4


def network() -> GraphNetwork:
    """Two dense layers, each on what a normalisation gives: the second depends on the first."""
    random = np.random.default_rng(3)
    build, arrays = GraphBuilder(), {}
    x = build("Flatten", build.variable("data", "input"))
    for name, takes, gives in (("hidden", 256, HIDDEN), ("output", HIDDEN, CLASSES)):
        learnt = [build.variable(f"{name}.{each}") for each in ("gamma", "beta")]
        moving = [build.variable(f"{name}.{each}", "auxiliary") for each in ("mean", "var")]
        x = build("BatchNorm", x, *learnt, *moving, fix_gamma=False)
        weight = build.variable(f"{name}.weight")
        x = build("FullyConnected", x, weight, num_hidden=gives, no_bias=True)
        arrays.update({f"{name}.{each}": np.ones(takes, np.float32) for each in ("gamma", "var")})
        arrays.update({f"{name}.{each}": np.zeros(takes, np.float32) for each in ("beta", "mean")})
        arrays[f"{name}.weight"] = random.normal(0, 0.1, (gives, takes)).astype(np.float32)
    return GraphNetwork(build.graph(x), arrays)


def trainer(backend, **options) -> Trainer:
    settings = {"learning_rate": 0.1, "momentum": 0.9}
    return Trainer(network(), "sgd", settings, backend=backend, seed=SEED, **options)


def measured(arrays, images, order, batch_size):
    """The statistics of both normalisations, batch by batch."""
    sums = {}
    for begin, end in batches(len(order), batch_size):
        x = images[order[begin:end]].reshape(end - begin, -1).astype(np.float64) / 255
        for name in ("hidden", "output"):
            mean, var = x.mean(axis=0), x.var(axis=0)
            for kind, each in (("mean", mean), ("var", var)):
                before = sums.get(f"{name}.{kind}", 0)
                sums[f"{name}.{kind}"] = before + each * (end - begin) / len(order)
            x = (x - mean) / np.sqrt(var + 0.001)
            x = (x * arrays[f"{name}.gamma"] + arrays[f"{name}.beta"]) @ arrays[f"{name}.weight"].T
    return sums


@pytest.mark.parametrize("backend", TRAINING)
def test_a_fit_ends_with_the_mean_and_statistics_of_its_own(backend, digits):
    follow, said = Follow(), []
    follow.of = found = trainer(backend, swa=3, callbacks=[follow], say=said.append)
    found.fit(digits["train"], epochs=5, batch_size=40)
    mean = {
        name: np.mean([each[name] for each in follow.seen[2:]], axis=0) for name in follow.seen[0]
    }
    order = epoch_order(130, SEED, 5)
    expected = {**mean, **measured(mean, digits["train"][0], order, 40)}
    arrays = found.backend.network()[1]
    for name, array in expected.items():
        np.testing.assert_allclose(arrays[name], array, rtol=1e-4, atol=1e-5, err_msg=name)
    assert np.abs(mean["output.var"] - expected["output.var"]).max() > 1e-3
    assert said[-1] == "swa: the weights are the mean of those after the last 3 epochs"


@pytest.mark.parametrize("backend", TRAINING)
def test_the_training_itself_goes_on_as_without(backend, digits):
    plain, averaged = trainer(backend), trainer(backend, swa=2)
    for each in (plain, averaged):
        for _ in range(2):
            each.fit(digits["train"], epochs=2, batch_size=40)
    losses = [record.train_loss for record in plain.history]
    assert [record.train_loss for record in averaged.history] == losses


@pytest.mark.parametrize("backend", TRAINING)
@pytest.mark.parametrize("place", [(2, 3), (3, 0), (4, 0)])
def test_it_goes_on_to_the_same_bits(backend, place, digits):
    whole, keep = trainer(backend, swa=3), Keep(at=3)
    whole.fit(digits["train"], epochs=4, batch_size=40, sink=keep)
    again = trainer(backend, swa=3)
    again.restore(keep.states[place])
    again.fit(digits["train"], epochs=4 - len(again.history), batch_size=40)
    for name, array in whole.backend.network()[1].items():
        assert again.backend.network()[1][name].tobytes() == array.tobytes(), name


@pytest.mark.parametrize("backend", TRAINING)
def test_frozen_statistics_are_not_measured(backend, digits):
    found = trainer(backend, swa=2, freeze=["hidden.*"])
    found.fit(digits["train"], epochs=2, batch_size=40)
    arrays, start = found.backend.network()[1], network().arrays
    for kind in ("gamma", "beta", "mean", "var", "weight"):
        assert (arrays[f"hidden.{kind}"] == start[f"hidden.{kind}"]).all()
    assert not (arrays["output.mean"] == start["output.mean"]).all()


class At(Callback):
    """Asks for something after an epoch."""

    def __init__(self, epoch, action):
        self._epoch, self._action = epoch, action

    def on_epoch_end(self, record):
        return self._action if record.epoch == self._epoch else None


@pytest.mark.mxnet
def test_the_last_epochs_are_those_that_the_schedule_plans(digits):
    """So that a part of a training can be done again."""
    planned = make_schedule("constant", 0.1, 4)
    whole, part = Keep(at=3), Keep(at=3)
    trainer("mxnet", swa=2).fit(
        digits["train"], epochs=4, batch_size=40, schedule=planned, sink=whole
    )
    trainer("mxnet", swa=2).fit(
        digits["train"], epochs=3, batch_size=40, schedule=planned, sink=part
    )
    again, before = part.states[3, 0].arrays, whole.states[3, 0].arrays
    assert again.keys() == before.keys()
    assert again["epochs_mean./epochs"].tolist() == [2, 1]


@pytest.mark.mxnet
def test_a_fit_that_ends_early_has_nothing_to_average(digits):
    said = []
    found = trainer("mxnet", swa=2, callbacks=[At(1, Stop("enough"))], say=said.append)
    plain = trainer("mxnet")
    found.fit(digits["train"], epochs=6, batch_size=40)
    plain.fit(digits["train"], epochs=2, batch_size=40)
    assert said == ["swa: the training ended before the epochs whose weights were to be averaged"]
    for name, array in plain.backend.network()[1].items():
        assert (found.backend.network()[1][name] == array).all()


@pytest.mark.mxnet
def test_what_a_callback_keeps_goes_before(digits):
    found = trainer("mxnet", swa=2, callbacks=[At(1, KeepWeights())])
    plain = trainer("mxnet")
    found.fit(digits["train"], epochs=4, batch_size=40)
    plain.fit(digits["train"], epochs=2, batch_size=40)
    for name, array in plain.backend.network()[1].items():
        assert (found.backend.network()[1][name] == array).all()


def weight(number):
    return {"weight": np.full(1, number, np.float32)}


def test_a_longer_fit_begins_a_mean_of_its_own():
    mean = EpochMean(2)
    for epoch in range(3):
        mean.add(epoch, 3, weight(epoch))
    assert (mean.count, mean.arrays["weight"][0]) == (2, 1.5)
    for epoch in range(3, 6):
        mean.add(epoch, 6, weight(epoch))
    assert (mean.count, mean.arrays["weight"][0]) == (2, 4.5)


def test_of_fewer_epochs_it_is_the_mean_of_all():
    mean = EpochMean(5)
    for epoch in range(3):
        mean.add(epoch, 3, weight(epoch))
    assert (mean.count, mean.arrays["weight"][0]) == (3, 1)


def test_its_state_is_that_of_the_next():
    mean, again = EpochMean(3), EpochMean(3)
    assert again.state() == {}
    for epoch in range(2):
        mean.add(epoch, 3, weight(epoch))
    again.restore({**mean.state(), "weight.weight": np.zeros(3)})
    for each in (mean, again):
        each.add(2, 3, weight(2))
    assert again.state().keys() == mean.state().keys()
    assert (again.count, again.arrays["weight"].tobytes()) == (3, mean.arrays["weight"].tobytes())


@pytest.mark.parametrize(
    "change", [{"epochs_mean./epochs": np.zeros(3, np.int32)}, {"epochs_mean./epochs": None}]
)
def test_a_damaged_state_is_refused(change):
    mean = EpochMean(2)
    mean.add(0, 1, weight(1))
    state = {name: array for name, array in {**mean.state(), **change}.items() if array is not None}
    with pytest.raises(CheckpointError) as caught:
        EpochMean(2).restore(state)
    assert str(caught.value) == "the mean of the weights is damaged"
