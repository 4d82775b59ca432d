"""A fit that is left and taken up again: the same bits, whatever was trained, and wherever it was.

All in one process. What becomes of real processes, tests/experiment/resuming tells.
"""

from __future__ import annotations

import numpy as np
import pytest
from train.fitting import (
    BATCH_SIZE,
    BATCHES,
    Keep,
    Plan,
    block,
    fitted,
    parameters,
    same_arrays,
    timeless,
)

from mxdigits.augmentations.build import build_augmentation
from mxdigits.backends.mxnet.names import OPTIMIZERS
from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.errors import MxdigitsError, PluginError
from mxdigits.train.callbacks import Callback, KeepWeights, ScaleLearningRate, Stop

mx = import_mxnet()


from mxdigits.train.trainer import Trainer  # noqa: E402 - after the runtime is prepared


def check_goes_on(digits, make, places, **options):
    """Whoever goes on from one of these places ends with the bits of one that never stopped."""
    whole = make()
    states = fitted(digits, whole, **options)
    assert len(states) == 3 * (BATCHES + 1)
    for place in places:
        again = make()
        ends = fitted(digits, again, state=states[place], **options)
        for later in [each for each in ends if each != place]:
            same_arrays(ends[later].arrays, states[later].arrays)
            assert ends[later].facts["optimizer"] == states[later].facts["optimizer"]
            assert ends[later].facts["callbacks"] == states[later].facts["callbacks"]
        assert max(ends) == max(states)
        same_arrays(parameters(again.network), parameters(whole.network))
        assert timeless(again.history) == timeless(whole.history)


MORE_OPTIONS = [
    ("sgd", {"momentum": 0.9, "wd": 1e-3}),
    ("nag", {"momentum": 0.9}),
    ("rmsprop", {"centered": True}),
    ("lars", {"momentum": 0.9}),
    ("lbsgd", {"momentum": 0.9, "batch_scale": 2, "warmup_strategy": "linear"}),
    ("lbsgd", {"warmup_strategy": "lars"}),
    ("adam", {"clip_gradient": 0.1}),
]


@pytest.mark.parametrize(
    ("optimizer", "options"),
    [*((name, {}) for name in OPTIMIZERS if name != "groupadagrad"), *MORE_OPTIONS],
)
def test_every_optimizer_goes_on_to_the_same_bits(digits, optimizer, options, monkeypatch):
    # A block of draws has four batches: 6 is in the middle of one.
    monkeypatch.setattr("mxdigits.backends.mxnet.passes.train_pass.SEED_EVERY", 4)

    def make():
        return Trainer(block(), optimizer, {"learning_rate": 0.01, **options}, seed=5)

    check_goes_on(digits, make, [(1, 6), (2, 0)])


def test_an_augmentation_goes_on_to_the_same_bits(digits, monkeypatch):
    monkeypatch.setattr("mxdigits.backends.mxnet.passes.train_pass.SEED_EVERY", 4)

    def make():
        affine = build_augmentation("affine", {}, image_shape=(1, 16, 16))
        options = {"learning_rate": 0.01}
        return Trainer(block(dropout=0), "sgd", options, seed=5, augmentation=affine)

    check_goes_on(digits, make, [(0, 3), (1, 6), (2, 0)])


def test_every_place_of_an_epoch_will_do(digits, monkeypatch):
    monkeypatch.setattr("mxdigits.backends.mxnet.passes.train_pass.SEED_EVERY", 4)

    def make():
        options = {"learning_rate": 0.01, "momentum": 0.9}
        return Trainer(block(), "sgd", options, seed=5, clip_global_norm=0.5, label_smoothing=0.1)

    check_goes_on(digits, make, [(1, batch) for batch in range(0, BATCHES + 1, 2)] + [(0, 1)])


def test_a_trainer_goes_back_to_where_it_was(digits, monkeypatch):
    """Also one that has trained on since, with an optimizer whose own numbers have moved."""
    monkeypatch.setattr("mxdigits.backends.mxnet.passes.train_pass.SEED_EVERY", 4)
    for optimizer in ("nadam", "lbsgd", "ftml"):
        trainer = Trainer(block(), optimizer, {"learning_rate": 0.01}, seed=5)
        states = fitted(digits, trainer)
        first = parameters(trainer.network)
        for place in ((0, 1), (1, 7), (2, 0)):
            fitted(digits, trainer, state=states[place])
            same_arrays(parameters(trainer.network), first)


def test_names_that_gluon_counts_up_do_not_matter(digits):
    """A process that has made nine layers calls the next ones dense9 and dense10."""

    def make(count):
        with mx.name.NameManager() as names:
            names._counter["dense"] = count
            network = block()
        found = [name for name in network.collect_params() if name.startswith("dense")]
        assert found[::2] == [f"dense{count}_weight", f"dense{count + 1}_weight"]
        return Trainer(network, "nadam", {"learning_rate": 0.01})

    whole = make(0)
    states = fitted(digits, whole)
    again = make(9)
    fitted(digits, again, state=states[2, 4])
    same_arrays(parameters(again.network), parameters(whole.network))


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_two_devices_go_on_to_the_same_bits(digits, dropout, monkeypatch):
    monkeypatch.setattr("mxdigits.backends.mxnet.passes.train_pass.SEED_EVERY", 4)
    contexts = [mx.cpu(0), mx.cpu(1)]

    def make():
        network = block(contexts=contexts, dropout=dropout)
        return Trainer(network, "adam", {"learning_rate": 0.01}, contexts=contexts, seed=5)

    check_goes_on(digits, make, [(0, 3), (1, 8), (2, 0)])


@pytest.mark.parametrize(("before", "after"), [(2, 1), (1, 2), (3, 2)])
def test_a_state_does_not_depend_on_the_devices(digits, before, after):
    """Only sums are taken in another order: the numbers are the same but for rounding."""

    def make(devices):
        contexts = [mx.cpu(device) for device in range(devices)]
        network = block(contexts=contexts, dropout=0)
        return Trainer(
            network, "sgd", {"learning_rate": 0.01, "momentum": 0.9}, contexts=contexts, seed=5
        )

    whole = make(before)
    states = fitted(digits, whole)
    for place in ((1, 7), (2, 0)):
        again = make(after)
        fitted(digits, again, state=states[place])
        for one, other in zip(timeless(again.history), timeless(whole.history)):
            # Batch normalisation sees the part of a batch that its device has.
            assert one == pytest.approx(other, rel=0.2, abs=0.2)
            assert one["samples"] == other["samples"] == 130
        for place_, array in parameters(whole.network).items():
            np.testing.assert_allclose(parameters(again.network)[place_], array, atol=0.1)


def test_without_batch_normalisation_devices_differ_by_rounding_alone(digits):
    def make(devices):
        contexts = [mx.cpu(device) for device in range(devices)]
        nn = mx.gluon.nn
        mx.random.seed(3)
        network = nn.HybridSequential()
        network.add(nn.Dense(8, activation="tanh"), nn.Dense(4))
        network.initialize(mx.init.Xavier(), ctx=contexts)
        network(mx.nd.zeros((1, 1, 16, 16), ctx=contexts[0]))
        return Trainer(network, "adam", {"learning_rate": 0.01}, contexts=contexts, seed=5)

    whole = make(2)
    states = fitted(digits, whole)
    again = make(1)
    fitted(digits, again, state=states[1, 5])
    for one, other in zip(timeless(again.history), timeless(whole.history)):
        assert one == pytest.approx(other, rel=1e-4, abs=1e-6)
    for place, array in parameters(whole.network).items():
        np.testing.assert_allclose(parameters(again.network)[place], array, rtol=1e-3, atol=1e-5)


# Schedules and callbacks


def rate(epoch):
    return 0.02 / (epoch + 1)


@pytest.mark.parametrize("schedule", [None, rate])
def test_the_learning_rate_goes_on(digits, schedule):
    def make():
        plan = Plan({0: ScaleLearningRate(0.5), 1: ScaleLearningRate(0.1)})
        return Trainer(block(), "sgd", {"learning_rate": 0.02}, callbacks=[plan], seed=5)

    check_goes_on(digits, make, [(0, 5), (1, 0), (1, 5), (2, 0), (2, 5)], schedule=schedule)
    trainer = make()
    fitted(digits, trainer, schedule=schedule)
    rates = [0.02, 0.02, 0.02] if schedule is None else [0.02, 0.01, 0.02 / 3]
    scaled = [base * scale for base, scale in zip(rates, (1, 0.5, 0.5 * 0.1))]
    assert trainer.history.column("learning_rate") == pytest.approx(scaled)


def test_weights_that_were_kept_are_not_forgotten(digits):
    def make():
        return Trainer(block(), callbacks=[Plan({0: KeepWeights()})], seed=5)

    check_goes_on(digits, make, [(0, 5), (1, 0), (2, 3), (2, BATCHES)])
    short = make()
    fitted(digits, short, epochs=1)
    whole = make()
    fitted(digits, whole)
    same_arrays(parameters(whole.network), parameters(short.network))


def test_a_fit_that_ended_stays_ended(digits):
    trainer = Trainer(block(), callbacks=[Plan({1: Stop("enough"), 2: Stop("too much")})])
    states = fitted(digits, trainer, epochs=9)
    assert trainer.ended == "enough"
    assert len(trainer.history) == 2
    assert max(states) == (2, 0)
    again = Trainer(block(), callbacks=[Plan({})])
    again.restore(states[2, 0])
    assert again.ended == "enough"
    again.fit(digits["train"], epochs=0)
    same_arrays(parameters(again.network), parameters(trainer.network))
    # A later call is a new request.
    again.fit(digits["train"], epochs=2, batch_size=BATCH_SIZE)
    assert again.ended is None
    assert len(again.history) == 4


def test_the_first_reason_to_stop_is_told(digits):
    plans = [Plan({0: [Stop("")]}), Plan({0: [KeepWeights(), Stop("second")]})]
    trainer = Trainer(block(), callbacks=plans)
    trainer.fit(digits["train"], epochs=5)
    assert trainer.ended == ""
    assert len(trainer.history) == 1


def test_a_stop_keeps_the_state_and_the_next_fit_goes_on(digits):
    class StopAt(Keep):
        def due(self, batch):
            if batch == 4 and len(trainer.history) == 1:
                trainer.stop()
            return False

    whole = Trainer(block(), "adam", {"learning_rate": 0.01}, seed=5)
    fitted(digits, whole)
    trainer = Trainer(block(), "adam", {"learning_rate": 0.01}, seed=5)
    keep = StopAt()
    trainer.fit(digits["train"], epochs=3, batch_size=BATCH_SIZE, sink=keep)
    assert trainer.stopped
    assert list(keep.states) == [(1, 0), (1, 4)]
    trainer.fit(digits["train"], epochs=2, batch_size=BATCH_SIZE)
    assert not trainer.stopped
    same_arrays(parameters(trainer.network), parameters(whole.network))


def test_a_stop_that_comes_before_the_fit_is_not_lost(digits):
    """A signal may arrive while the data go to the device."""
    trainer = Trainer(block())
    trainer.stop()
    keep = Keep()
    trainer.fit(digits["train"], epochs=5, batch_size=BATCH_SIZE, sink=keep)
    assert trainer.stopped
    assert max(keep.states) == (0, 1)
    trainer.fit(digits["train"], epochs=1, batch_size=BATCH_SIZE)
    assert not trainer.stopped
    assert len(trainer.history) == 1


# Gradient clipping


@pytest.mark.parametrize("longest", [1e-3, 0.5, 1e9])
@pytest.mark.parametrize("devices", [1, 2])
def test_clip_global_norm_is_that_of_gluon(digits, longest, devices):
    """A step of SGD with a rate of 1 shows the gradient itself."""
    images, labels = (array[:16] for array in digits["train"])
    contexts = [mx.cpu(device) for device in range(devices)]

    def dense(contexts):
        mx.random.seed(3)
        network = mx.gluon.nn.HybridSequential()
        network.add(mx.gluon.nn.Dense(7, activation="tanh"), mx.gluon.nn.Dense(4))
        network.initialize(mx.init.Xavier(), ctx=contexts)
        network(mx.nd.zeros((1, 1, 16, 16), ctx=contexts[0]))
        return network

    theirs = dense([mx.cpu()])
    with mx.autograd.record():
        logits = theirs(mx.nd.array(images[:, None] * np.float32(1 / 255)))
        loss = mx.gluon.loss.SoftmaxCrossEntropyLoss()(logits, mx.nd.array(labels)).mean()
    loss.backward()
    gradients = [p.grad() for p in theirs.collect_params().values()]
    norm = mx.gluon.utils.clip_global_norm(gradients, longest)
    assert (norm > longest) == (longest < 1)
    ours = dense(contexts)
    before = parameters(ours)
    Trainer(ours, "sgd", {"learning_rate": 1.0}, contexts=contexts, clip_global_norm=longest).fit(
        (images, labels), epochs=1, batch_size=16
    )
    after = parameters(ours)
    for gradient, place in zip(gradients, before):
        moved = before[place].astype(np.float64) - after[place]
        np.testing.assert_allclose(moved, gradient.asnumpy(), rtol=1e-2, atol=2e-7)


def test_what_an_optimizer_cannot_save_is_said(digits):
    trainer = Trainer(block(), "sgd", {"learning_rate": 0.01})
    trainer.backend._optimizer.momentum_of_mine = object()
    with pytest.raises(MxdigitsError) as caught:
        fitted(digits, trainer, epochs=1)
    assert str(caught.value) == (
        "the optimizer cannot be saved: it keeps a object (optimizer.momentum_of_mine); choose "
        "another one, or write checkpoint: null"
    )


def test_a_callback_whose_state_is_no_json_is_named(digits):
    class Odd(Callback):
        def state(self):
            return {"seen": {1, 2}}

    with pytest.raises(PluginError) as caught:
        fitted(digits, Trainer(block(), callbacks=[Odd()]), epochs=1)
    assert str(caught.value) == (
        "callback Odd: its state cannot be written as JSON: TypeError: Object of type set is not "
        "JSON serializable"
    )
