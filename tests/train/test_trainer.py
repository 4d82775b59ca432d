"""The Trainer: exact for every size, repeatable to the bit, the same on several devices."""

from __future__ import annotations

import numpy as np
import pytest
from train.fitting import network, weights

from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.errors import DataError, Diverged, UsageError
from mxdigits.train.callbacks import Callback
from mxdigits.train.metrics import score

mx = import_mxnet()

from mxdigits.backends.mxnet.passes.device_worker import to_device  # noqa: E402 - after the runtime is prepared
from mxdigits.train.trainer import Trainer  # noqa: E402


def same(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first, second))


class Heard(Callback):
    """Remembers every event."""

    def __init__(self):
        self.events = []

    def on_fit_start(self, event):
        self.events.append(event)

    def on_progress(self, event):
        self.events.append(event)


def test_a_network_may_answer_in_half_precision(digits):
    class Half(mx.gluon.HybridBlock):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def hybrid_forward(self, F, x):
            return F.cast(self.inner(x), dtype="float16")

    images, labels = digits["train"]
    block, exact = Half(network()), network()
    rates = {"learning_rate": 0.05}
    half = Trainer(block, "sgd", rates, seed=5).fit((images, labels), epochs=1)
    full = Trainer(exact, "sgd", rates, seed=5).fit((images, labels), epochs=1)
    assert half[0].train_loss == pytest.approx(full[0].train_loss, rel=1e-2)


@pytest.mark.parametrize("contexts", [1, 2, 3])
def test_the_loss_is_the_same_bits_wherever_it_is_read(digits, monkeypatch, contexts):
    found = set()
    for seconds in (0.0, 1e-3, 10.0):
        monkeypatch.setattr("mxdigits.backends.mxnet.passes.meter.READ_EVERY", seconds)
        block = network(contexts=[mx.cpu(i) for i in range(contexts)])
        history = Trainer(block, "sgd", {"learning_rate": 0.05}, seed=5).fit(
            digits["train"], epochs=2, batch_size=1
        )
        found.add(tuple((each.train_loss, each.train_accuracy) for each in history))
    assert len(found) == 1


def test_an_optimizer_that_does_not_suit_the_network_is_one_error(digits):
    with pytest.raises(UsageError) as caught:
        Trainer(network(), "groupadagrad").fit(digits["train"], epochs=1)
    assert str(caught.value) == (
        "the optimizer GroupAdaGrad cannot train this network: a parameter of shape (128,) does "
        "not suit it (AssertionError)"
    )


def test_a_look_between_epochs_does_not_disturb_the_training(digits):
    """OneDNN rearranges the weights of such convolutions in place when they are only looked at."""
    nn = mx.gluon.nn
    found = []
    for validation in (None, digits["test"]):
        mx.random.seed(3)
        block = nn.HybridSequential()
        block.add(
            nn.Conv2D(16, kernel_size=3, activation="relu"),
            nn.Conv2D(32, kernel_size=3, activation="relu"),
            nn.Dense(4),
        )
        block.initialize(mx.init.Xavier())
        block(mx.nd.zeros((1, 1, 16, 16)))
        trainer = Trainer(block, "adam", {"learning_rate": 0.001}, seed=1)
        trainer.fit(digits["train"], epochs=3, validation=validation)
        prob = trainer.predict(digits["test"][0])
        found.append([*weights(block), prob])
    assert same(*found)
    images = to_device(digits["test"][0][:, None].astype(np.float32) / 255, mx.cpu())
    np.testing.assert_allclose(mx.nd.softmax(block(images)).asnumpy(), prob, atol=1e-6)


@pytest.mark.parametrize("name", ["mlp", "lenet"])
def test_a_seed_gives_the_same_bits(digits, name):
    results = []
    for seed in (1, 1, 2):
        block = network(name, dropout=0.5)
        trainer = Trainer(block, "sgd", {"learning_rate": 0.05}, seed=seed)
        trainer.fit(digits["train"], epochs=2, batch_size=32)
        results.append([*weights(block), trainer.predict(digits["test"][0])])
    assert same(results[0], results[1])
    assert not same(results[0], results[2])


@pytest.mark.parametrize("devices", [2, 3])
@pytest.mark.parametrize("batch_size", [32, 64, 43])
def test_several_devices_equal_one(digits, devices, batch_size):
    contexts = [mx.cpu(i) for i in range(devices)]
    found = []
    for chosen in ([mx.cpu(0)], contexts):
        block = network("lenet", contexts=chosen)
        trainer = Trainer(block, "sgd", {"learning_rate": 0.05, "momentum": 0.9}, contexts=chosen)
        trainer.fit(digits["train"], epochs=3, batch_size=batch_size)
        found.append((trainer.history, trainer.predict(digits["test"][0]), block))
    (one, prob, _), (several, other_prob, block) = found
    np.testing.assert_allclose(prob, other_prob, atol=1e-4)
    assert one.column("samples") == several.column("samples")
    np.testing.assert_allclose(one.column("train_loss"), several.column("train_loss"), rtol=1e-3)
    for parameter in block.collect_params().values():
        copies = [array.asnumpy() for array in parameter.list_data()]
        assert all(np.array_equal(copies[0], copy) for copy in copies)


def test_a_part_of_a_batch_may_be_missing_on_a_device(digits):
    images, labels = digits["train"]
    contexts = [mx.cpu(0), mx.cpu(1)]
    trainer = Trainer(network(contexts=contexts), contexts=contexts)
    history = trainer.fit((images[:65], labels[:65]), epochs=1, batch_size=64)
    assert history[0].samples == 65


@pytest.mark.parametrize("count", [1, 7, 46])
def test_score_and_predict_see_every_image_once(digits, count, monkeypatch):
    monkeypatch.setattr("mxdigits.backends.mxnet.passes.predictor.PREDICT_BATCH", 5)
    images, labels = digits["test"]
    trainer = Trainer(network("lenet"))
    whole = trainer.network(mx.nd.array(images[:count, None] / 255)).asnumpy()
    prob = trainer.predict(images[:count])
    assert prob.shape == (count, 4)
    assert prob.dtype == np.float32
    np.testing.assert_allclose(prob, np.exp(whole) / np.exp(whole).sum(1, keepdims=True), atol=1e-6)
    scores = trainer.score((images[:count], labels[:count]), top_k=(2,))
    assert scores.samples == count
    assert scores.correct == int((whole.argmax(1) == labels[:count]).sum())
    assert scores.loss == pytest.approx(score(whole, labels[:count]).loss, rel=1e-5)


def test_the_network_learns_and_the_history_tells(digits):
    trainer = Trainer(network("lenet"), "sgd", {"learning_rate": 0.1})
    history = trainer.fit(digits["train"], epochs=6, batch_size=13, validation=digits["test"])
    assert history[-1].validation_accuracy == 1.0
    assert history[-1].train_loss < history[0].train_loss
    assert history.column("epoch") == list(range(6))
    assert history[-1].validation_loss == pytest.approx(trainer.score(digits["test"]).loss)


def test_label_smoothing_is_the_cross_entropy_with_smooth_labels(digits):
    images, labels = digits["train"]
    trainer = Trainer(network(), "sgd", {"learning_rate": 1e-12}, label_smoothing=0.2)
    history = trainer.fit((images, labels), epochs=1, batch_size=40)
    logits = trainer.logits(images)
    expected = score(logits, labels, label_smoothing=0.2).loss
    assert history[0].train_loss == pytest.approx(expected, rel=1e-5)
    assert trainer.score((images, labels)).loss == pytest.approx(expected, rel=1e-5)


def test_progress_counts_samples_and_ends_with_the_last_batch(digits):
    heard = Heard()
    Trainer(network(), callbacks=[heard]).fit(digits["train"], epochs=1, batch_size=40)
    start, *progress = heard.events
    assert start.batches == 4
    assert [p.batch for p in progress][-1] == 4
    assert progress[-1].samples == 130
    assert all(p.samples == min(130, 40 * p.batch) for p in progress)
    assert all(a.seconds <= b.seconds for a, b in zip(progress, progress[1:]))


def test_schedule_sets_the_rate_of_each_epoch(digits):
    history = Trainer(network()).fit(
        digits["train"], epochs=3, schedule=lambda epoch: 0.1 / (epoch + 1)
    )
    assert history.column("learning_rate") == [0.1, 0.05, 0.1 / 3]


def test_a_later_fit_goes_on_where_the_first_ended(digits):
    """Momentum and the order of images included: two fits are one fit of all their epochs."""
    found = []
    for pieces in ([3], [1, 2]):
        block = network()
        trainer = Trainer(block, "sgd", {"learning_rate": 0.05, "momentum": 0.9})
        for epochs in pieces:
            trainer.fit(digits["train"], epochs=epochs, batch_size=30)
        found.append(weights(block))
        assert trainer.history.column("epoch") == [0, 1, 2]
    assert same(*found)


class Poison(Callback):
    """Makes one weight infinite when an epoch begins."""

    def __init__(self, trainer, epoch):
        self.trainer, self.epoch = trainer, epoch

    def on_epoch_start(self, event):
        if event.epoch == self.epoch:
            for array in self.trainer.backend._weights.arrays[0].values():
                array[:] = np.inf


def test_divergence_names_the_batch_and_keeps_the_last_good_weights(digits):
    block = network()
    trainer = Trainer(block, "sgd", {"learning_rate": 0.05})
    trainer.add_callback(Poison(trainer, 1))
    kept = []

    class Keep(Callback):
        def on_epoch_end(self, record):
            kept.append(weights(block))

    trainer.add_callback(Keep())
    with pytest.raises(Diverged) as caught:
        trainer.fit(digits["train"], epochs=3, batch_size=40)
    assert str(caught.value) == (
        "the loss became nan at epoch 1, batch 0: try a smaller learning_rate"
    )
    assert same(weights(block), kept[0])
    assert len(trainer.history) == 1


def test_a_rate_that_is_far_too_large_is_found_out(digits):
    block = network("mlp", activation="relu")
    before = weights(block)
    with pytest.raises(Diverged) as caught:
        Trainer(block, "sgd", {"learning_rate": 1e30}).fit(digits["train"], epochs=2, batch_size=40)
    assert caught.value.epoch == 0
    assert 0 < caught.value.batch < 4
    assert same(weights(block), before)


def test_stop_ends_the_fit_after_the_batch_in_hand(digits):
    class Stop(Callback):
        def on_progress(self, event):
            trainer.stop()

    trainer = Trainer(network(), callbacks=[Stop()])
    history = trainer.fit(digits["train"], epochs=5, batch_size=1)
    assert trainer.stopped
    assert len(history) == 0


@pytest.mark.parametrize("batch_size", [131, 10**12])
def test_batch_size_must_fit_the_data(digits, batch_size):
    with pytest.raises(UsageError) as caught:
        Trainer(network()).fit(digits["train"], epochs=1, batch_size=batch_size)
    assert str(caught.value) == (
        f"batch_size {batch_size} must be from 1 to the number of training images, 130"
    )


def test_labels_beyond_the_network_are_refused(digits):
    images, labels = digits["train"]
    with pytest.raises(DataError) as caught:
        Trainer(network()).fit((images, labels + 1), epochs=1)
    assert str(caught.value) == (
        "train: labels from 1 to 4 do not fit the network's output of 4 classes"
    )


def test_the_callers_arrays_stay_writable(digits):
    images, labels = (array.copy() for array in digits["train"])
    Trainer(network()).fit((images, labels), epochs=1)
    images[0], labels[0] = 0, 0
    assert images.flags.writeable


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (
            np.zeros((2, 16, 16), complex),
            "predict: images must be uint8 of shape (N, H, W) or (N, C, H, W), "
            "got complex128 of shape (2, 16, 16)",
        ),
        (
            np.zeros((16, 16), np.uint8),
            "predict: images must be uint8 of shape (N, H, W) or (N, C, H, W), "
            "got uint8 of shape (16, 16); of one image write images[None]",
        ),
        (
            np.zeros((0, 16, 16), np.uint8),
            "predict: is empty: images of shape (0, 16, 16)",
        ),
    ],
)
def test_images_to_predict_are_checked(images, message):
    with pytest.raises(DataError) as caught:
        Trainer(network()).predict(images)
    assert str(caught.value) == message


def test_a_stop_during_the_last_evaluation_ends_nothing_early(digits):
    class Stop(Callback):
        def on_epoch_end(self, record):
            trainer.stop()

    trainer = Trainer(network(), callbacks=[Stop()])
    assert len(trainer.fit(digits["train"], epochs=1)) == 1
    assert not trainer.stopped


def others_network():
    """A network as a script without mxdigits makes it."""
    made = mx.gluon.nn.HybridSequential()
    made.add(mx.gluon.nn.Dense(16, activation="relu"), mx.gluon.nn.Dense(4))
    return made


def test_floats_and_a_loader_give_the_bits_of_bytes(digits):
    images, labels = digits["train"]
    samples = mx.gluon.data.ArrayDataset((images / 255).astype(np.float32), labels)
    loader = mx.gluon.data.DataLoader(samples, batch_size=32)
    found = []
    for train in ((images, labels), (images / 255, labels.astype(np.float32)), loader):
        trainer = Trainer(network(), seed=3)
        trainer.fit(train, epochs=2)
        found.append(trainer.predict(images / 255))
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


def test_weights_and_networks_that_others_saved_are_trained_further(digits, tmp_path):
    images, labels = digits["train"]
    first = others_network()
    first.initialize(mx.init.Xavier())
    trainer = Trainer(first)
    trainer.fit((images, labels), epochs=1)
    said = trainer.predict(images)
    first.save_parameters(str(tmp_path / "mine.params"))
    first.hybridize()
    first(mx.nd.zeros((1, 1, 16, 16)))
    first.export(str(tmp_path / "mine"))
    loaded = others_network()
    loaded.load_parameters(str(tmp_path / "mine.params"))
    files = [str(tmp_path / name) for name in ("mine-symbol.json", "mine-0000.params")]
    with pytest.warns(UserWarning, match="Cannot decide type"):  # MXNet's, of every such file
        imported = mx.gluon.SymbolBlock.imports(files[0], ["data"], files[1])
    for each in (loaded, imported):
        again = Trainer(each)
        np.testing.assert_allclose(again.predict(images), said, atol=1e-6)
        again.fit((images, labels), epochs=1)
        assert not np.allclose(again.predict(images), said, atol=1e-4)


class Imperative(mx.gluon.Block):
    pass


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (
            Imperative,
            "the network must be a Gluon HybridBlock, not Imperative: derive it from HybridBlock "
            "and write hybrid_forward(self, F, x)",
        ),
        (
            lambda: mx.gluon.nn.Dense(4, prefix="last_"),
            "the network's parameter last_weight has no values: before the Trainer write "
            "network.initialize(mx.init.Xavier()), or network.load_parameters(FILE)",
        ),
    ],
)
def test_a_network_that_cannot_be_trained_is_told_at_once(made, told):
    with pytest.raises(UsageError) as caught:
        Trainer(made())
    assert str(caught.value) == told
