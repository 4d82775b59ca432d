"""The moving average of weights: its values, what a fit ends with, and that it goes on exactly."""

from __future__ import annotations

import numpy as np
import pytest
from backends.training import TRAINING
from train.watching import Follow, Keep

from mxdigits.backends.network import GraphNetwork
from mxdigits.errors import CheckpointError
from mxdigits.graph.building import GraphBuilder
from mxdigits.models.graph_model import GraphModel
from mxdigits.train.callbacks import Callback, KeepWeights
from mxdigits.train.history import History
from mxdigits.train.trainer import Trainer

DECAY = 0.7


def network(backend: str) -> GraphNetwork:
    """A dense layer on normalised pixels: parameters and statistics."""
    from mxdigits.backends.graphs.initializers import Initializer

    build = GraphBuilder()
    x = build("Flatten", build.variable("data", "input"))
    learnt = [build.variable(f"norm_{each}") for each in ("gamma", "beta")]
    moving = [build.variable(f"norm_moving_{each}", "auxiliary") for each in ("mean", "var")]
    x = build("BatchNorm", x, *learnt, *moving, fix_gamma=False)
    dense = build("FullyConnected", x, build.variable("weight"), num_hidden=4, no_bias=True)
    return GraphModel("here", build.graph(dense), {}).network(
        classes=4,
        image_shape=(1, 16, 16),
        initializer=Initializer("xavier", {}),
        random=np.random.default_rng(1),
        backend=backend,
    )


def trainer(backend: str, **options) -> Trainer:
    settings = {"learning_rate": 0.1, "momentum": 0.9}
    return Trainer(network(backend), "sgd", settings, backend=backend, seed=3, **options)


@pytest.mark.parametrize("backend", TRAINING)
def test_the_average_is_that_of_all_batches(backend, digits):
    follow = Follow()
    follow.of = trained = trainer(backend, ema=DECAY, callbacks=[follow])
    expected = trained.backend.snapshot()
    trained.fit(digits["train"], epochs=6, batch_size=130)  # one batch an epoch
    for batches, weights in enumerate(follow.seen):
        keep = min(DECAY, (1 + batches) / (10 + batches))
        expected = {k: keep * a + (1 - keep) * weights[k] for k, a in expected.items()}
    found = trained.backend.averaged()
    assert found.keys() == expected.keys()
    for place, array in expected.items():
        np.testing.assert_allclose(found[place], array, rtol=1e-4, atol=1e-6, err_msg=place)


@pytest.mark.parametrize("backend", TRAINING)
def test_a_fit_ends_with_the_average_and_evaluates_both(backend, digits):
    plain, averaged = trainer(backend), trainer(backend, ema=0.99)
    for each in (plain, averaged):
        each.fit(digits["train"], epochs=3, batch_size=20, validation=digits["test"])
    first, second = plain.history[-1], averaged.history[-1]
    assert second.validation_loss == first.validation_loss
    assert first.validation_ema_loss is None
    scores = averaged.score(digits["test"])
    assert (scores.loss, scores.accuracy) == (
        second.validation_ema_loss,
        second.validation_ema_accuracy,
    )
    assert scores.loss != second.validation_loss
    _, arrays = averaged.backend.network()
    for place, array in averaged.backend.averaged().items():
        assert (arrays[place] == array).all()


@pytest.mark.parametrize("backend", TRAINING)
def test_a_second_fit_goes_on_with_the_weights_in_training(backend, digits):
    plain, averaged = trainer(backend), trainer(backend, ema=0.99)
    for each in (plain, averaged):
        for _ in range(2):
            each.fit(digits["train"], epochs=2, batch_size=20, validation=digits["test"])
    losses = [record.train_loss for record in plain.history]
    assert [record.train_loss for record in averaged.history] == losses


@pytest.mark.parametrize("backend", TRAINING)
@pytest.mark.parametrize("place", [(1, 0), (1, 6), (3, 0)])
def test_it_goes_on_to_the_same_bits(backend, place, digits):
    options = {"batch_size": 20, "validation": digits["test"]}
    whole, keep = trainer(backend, ema=0.9), Keep(at=6)
    whole.fit(digits["train"], epochs=3, sink=keep, **options)
    again = trainer(backend, ema=0.9)
    again.restore(keep.states[place])
    again.fit(digits["train"], epochs=3 - len(again.history), **options)
    for found, expected in zip(
        again.backend.network()[1].values(), whole.backend.network()[1].values()
    ):
        assert found.tobytes() == expected.tobytes()
    assert again.history.column("validation_ema_loss") == whole.history.column(
        "validation_ema_loss"
    )


@pytest.mark.parametrize("backend", TRAINING)
def test_kept_weights_are_averages(backend, digits):
    class Second(Callback):
        def on_epoch_end(self, record):
            return KeepWeights() if record.epoch == 1 else None

    trained = trainer(backend, ema=0.9, callbacks=[Second()])
    trained.fit(digits["train"], epochs=3, batch_size=20, validation=digits["test"])
    assert trained.score(digits["test"]).loss == trained.history[1].validation_ema_loss


@pytest.mark.parametrize("backend", TRAINING)
def test_a_state_without_an_average_begins_one(backend, digits):
    keep = Keep()
    trainer(backend).fit(digits["train"], epochs=1, batch_size=20, sink=keep)
    begun = trainer(backend, ema=0.9)
    begun.restore(keep.states[1, 0])
    for place, array in begun.backend.snapshot().items():
        assert (begun.backend.averaged()[place] == array).all()


@pytest.mark.parametrize("backend", TRAINING)
def test_an_average_of_another_network_is_refused(backend, digits):
    keep = Keep()
    trainer(backend, ema=0.9).fit(digits["train"], epochs=1, batch_size=20, sink=keep)
    state = keep.states[1, 0]
    state.arrays["average.weight"] = np.zeros(3, np.float32)
    with pytest.raises(CheckpointError) as caught:
        trainer(backend, ema=0.9).restore(state)
    assert str(caught.value) == "the moving average of the weights is of another network"


@pytest.mark.parametrize("backend", TRAINING)
def test_the_history_as_csv_has_its_columns_where_there_is_one(backend, digits):
    for ema, there in ((None, False), (0.9, True)):
        trained = trainer(backend, ema=ema)
        trained.fit(digits["train"], epochs=1, batch_size=20, validation=digits["test"])
        text = trained.history.to_csv()
        assert ("validation_ema_accuracy" in text.splitlines()[0]) is there
        assert list(History.from_csv(text)) == list(trained.history)


@pytest.mark.mxnet
def test_weights_that_a_cpu_has_rearranged_are_replaced(digits):
    """Looked at once, the weights of convolutions lie in an order of oneDNN's own."""
    from mxdigits.models.building import build_network

    images, labels = digits["train"]
    chosen = {"channels": [16, 32], "depth": [1, 1]}
    built = build_network("deep", chosen, classes=4, image_shape=(1, 16, 16), backend="mxnet")
    trained = Trainer(built, "sgd", {"learning_rate": 0.1}, ema=0.9)
    trained.fit((images, labels), epochs=2, batch_size=20, validation=digits["test"])
    _, arrays = trained.backend.network()
    for place, array in trained.backend.averaged().items():
        assert (arrays[place] == array).all()
