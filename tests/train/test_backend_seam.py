"""The Trainer asks nothing of a backend but its protocol: one in NumPy will do, without MXNet."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from mxdigits.backends import choose
from mxdigits.backends.base import EpochPosition, Progress
from mxdigits.backends.batches import batches, epoch_order
from mxdigits.backends.team.agreement import Alone
from mxdigits.errors import CheckpointError, DataError, Diverged, UsageError
from mxdigits.graph import Graph, Output, Variable, operation
from mxdigits.graph.network_files import read_network_files, write_network
from mxdigits.train.callbacks import Callback, KeepWeights, ScaleLearningRate, Stop
from mxdigits.train.metrics import softmax
from mxdigits.train.trainer import Trainer

SIZE, CLASSES, AT_ONCE = 4, 3, 3


class NumpyBackend:
    """Softmax regression by plain gradient descent; it queues three batches at a time."""

    name = "numpy"
    team = Alone()

    def __init__(self, network, settings, devices):
        self.learning_rate = settings.optimizer_options["learning_rate"]
        self.settings, self.devices = settings, devices
        self.published = network
        self.training = network.copy()
        self.updates = 0

    def classes(self, image_shape):
        assert tuple(image_shape) == (1, SIZE, SIZE)
        return CLASSES

    def logits(self, images):
        return inputs(images) @ self.published.T

    def begin_fit(self, images, labels, batch_size):
        self.training = self.published.copy()
        return NumpyFit(self, inputs(images), labels, batch_size)

    def state(self):
        return {"weight.w": self.training.copy()}, {"updates": self.updates}

    def restore(self, arrays, facts):
        self.check_snapshot({"w": arrays["weight.w"]})
        self.training, self.updates = arrays["weight.w"].copy(), facts["updates"]
        self.publish()

    def snapshot(self):
        return {"w": self.training.copy()}

    def check_snapshot(self, snapshot):
        if snapshot["w"].shape != self.training.shape:
            raise CheckpointError("the weights of w are of another network")

    def publish(self, snapshot=None):
        self.published = (self.training if snapshot is None else snapshot["w"]).copy()

    def network(self):
        dense = operation(
            "FullyConnected", "dense", [Output(0), Output(1)], num_hidden=CLASSES, no_bias=True
        )
        graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        return graph, {"w": self.published}

    def record(self):
        return {"versions": {"numpy": np.__version__}, "device": {"context": "cpu"}}


class NumpyFit:
    def __init__(self, backend, x, labels, batch_size):
        self.backend, self.x, self.labels = backend, x, labels
        self.bounds = list(batches(len(x), batch_size))
        self.batches = len(self.bounds)

    def run(self, epoch, learning_rate, position, on_progress, after_batch):
        self.progress = Progress(epoch, position.batch, 0, 0.0, position.loss_sum, position.correct)
        self.losses = []
        order = epoch_order(len(self.x), self.backend.settings.seed, epoch)
        while self.progress.batch < self.batches:
            for begin, end in self.bounds[self.progress.batch :][:AT_ONCE]:
                self.train(order[begin:end], end, learning_rate)
            on_progress(self.progress)
            if after_batch(self.progress.batch):
                break
        if not np.isfinite(self.backend.training).all():
            raise Diverged("a weight became infinite or nan", epoch, self.progress.batch - 1)
        return self.progress

    def train(self, places, end, rate):
        x, y, backend, done = self.x[places], self.labels[places], self.backend, self.progress
        logits = x @ backend.training.T
        wrong = softmax(logits)
        loss = -np.log(wrong[np.arange(len(y)), y]).sum()
        wrong[np.arange(len(y)), y] -= 1
        backend.training -= np.float32(rate / len(y)) * wrong.T @ x
        backend.updates += 1
        self.losses.append(float(loss))
        correct = int((logits.argmax(1) == y).sum())
        self.progress = Progress(
            *(done.epoch, done.batch + 1, end, 0.0),
            *(done.loss_sum + float(loss), done.correct + correct),
        )

    def position(self):
        done = self.progress
        return EpochPosition(done.batch, done.loss_sum, done.correct, done.seconds)


def inputs(images):
    return images.reshape(len(images), -1).astype(np.float32) / 255


@pytest.fixture(autouse=True)
def numpy_backend(monkeypatch):
    entry = choose.BACKENDS["mxnet"]._replace(backend=f"{__name__}:NumpyBackend")
    monkeypatch.setitem(choose.BACKENDS, "numpy", entry)


@pytest.fixture
def split():
    rng = np.random.default_rng(4)
    labels = rng.integers(0, CLASSES, 80)
    images = rng.integers(0, 60, (80, SIZE, SIZE), dtype=np.uint8)
    images[np.arange(80), labels] += 190  # a bright row for each class
    return images, labels


def made(callbacks=(), *, rate=0.5, **options):
    network = np.zeros((CLASSES, SIZE * SIZE), np.float32)
    return Trainer(
        network, "sgd", {"learning_rate": rate}, callbacks=callbacks, backend="numpy", **options
    )


class Keep:
    """Keeps the states of some batches, as they would come back from a disk."""

    def __init__(self, *batches, then=lambda: None):
        self.batches, self.then, self.states = batches, then, []

    def due(self, batch):
        if batch in self.batches:
            self.then()
        return batch in self.batches

    def keep(self, state, *, last):
        facts = json.loads(json.dumps(state.facts))
        self.states.append((state.epoch, state.batch, last))
        self.state = type(state)(state.epoch, state.batch, state.arrays, facts)


def test_it_learns_scores_and_predicts(split):
    trainer = made()
    history = trainer.fit(split, epochs=3, batch_size=10, validation=split)
    assert history.column("epoch") == [0, 1, 2]
    assert history.column("validation_accuracy")[-1] > 0.9
    assert trainer.score(split).accuracy == history.column("validation_accuracy")[-1]
    np.testing.assert_allclose(trainer.predict(split[0]).sum(axis=1), 1, rtol=1e-6)
    assert trainer.backend.updates == 3 * 8


def test_settings_and_devices_reach_the_backend():
    backend = made(contexts=["here"], label_smoothing=0.1, clip_global_norm=2.0, seed=7).backend
    assert backend.devices == ["here"]
    settings = backend.settings
    assert (settings.optimizer, settings.optimizer_options) == ("sgd", {"learning_rate": 0.5})
    assert (settings.label_smoothing, settings.clip_global_norm, settings.seed) == (0.1, 2.0, 7)
    assert settings.augmentation is None


def test_a_fit_is_stopped_after_the_batches_that_are_queued_and_goes_on_to_the_same_bits(split):
    whole = made()
    whole.fit(split, epochs=3, batch_size=10)
    first = made()
    keep = Keep(6, then=first.stop)
    first.fit(split, epochs=3, batch_size=10, sink=keep)
    assert (first.stopped, first.position.batch) == (True, 6)
    assert keep.states == [(0, 6, False), (0, 6, True)]
    second = made()
    second.restore(keep.state)
    assert second.position == first.position
    second.fit(split, epochs=3, batch_size=10)
    assert second.backend.published.tobytes() == whole.backend.published.tobytes()
    assert second.history.column("train_loss") == whole.history.column("train_loss")
    assert second.backend.updates == whole.backend.updates


def test_what_callbacks_want_is_done(split):
    class Wants(Callback):
        def on_epoch_end(self, record):
            wanted = [[ScaleLearningRate(0.5)], [KeepWeights()], [Stop("enough")]]
            return wanted[record.epoch]

    rates, kept = [], []

    class Sees(Callback):
        def on_epoch_start(self, event):
            rates.append(event.learning_rate)

        def on_epoch_end(self, record):
            kept.append(trainer.backend.training.copy())

    trainer = made([Wants(), Sees()])
    trainer.fit(split, epochs=9, batch_size=10, schedule=lambda epoch: 0.8)
    assert rates == [0.8, 0.4, 0.4]
    assert trainer.ended == "enough"
    np.testing.assert_array_equal(trainer.backend.published, kept[1])


def test_a_callback_that_comes_later_is_told_after_the_others(split):
    told = []

    class Tells(Callback):
        def __init__(self, what):
            self.what = what

        def on_epoch_start(self, event):
            told.append(self.what)

    trainer = made([Tells("first")])
    trainer.add_callback(Tells("second"))
    trainer.fit(split, epochs=1, batch_size=10)
    assert told == ["first", "second"]


def test_what_diverges_leaves_the_last_good_weights(split):
    trainer = made()
    trainer.fit(split, epochs=1, batch_size=10)
    before = trainer.backend.published.copy()
    with np.errstate(all="ignore"), pytest.raises(Diverged) as caught:
        trainer.fit(split, epochs=1, batch_size=10, schedule=lambda epoch: 1e300)
    assert str(caught.value) == (
        "a weight became infinite or nan at epoch 1, batch 7: try a smaller learning_rate"
    )
    np.testing.assert_array_equal(trainer.backend.published, before)


def test_labels_that_do_not_fit_the_network_are_refused(split):
    with pytest.raises(DataError) as caught:
        made().score((split[0], split[1] + 1))
    assert str(caught.value) == (
        "score: labels from 1 to 3 do not fit the network's output of 3 classes"
    )


def test_its_network_is_saved_and_read_without_mxnet(split, tmp_path):
    trainer = made()
    trainer.fit(split, epochs=1, batch_size=10)
    files = tmp_path / "model-symbol.json", tmp_path / "model-0000.params"
    write_network(*trainer.backend.network(), *files)
    graph, arrays = read_network_files(*files)
    assert graph == trainer.backend.network()[0]
    np.testing.assert_array_equal(arrays["w"], trainer.backend.published)


def test_an_unknown_backend_is_named():
    with pytest.raises(UsageError) as caught:
        Trainer(None, backend="abacus")
    assert str(caught.value) == (
        "there is no backend 'abacus'; there are: mxnet, xla, torch, onnx, numpy"
    )


def test_the_trainer_works_where_mxnet_cannot_be_imported():
    code = f"""
        import sys
        sys.modules["mxnet"] = None
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        import numpy as np
        import {__name__} as here
        entry = here.choose.BACKENDS["mxnet"]._replace(backend="{__name__}:NumpyBackend")
        here.choose.BACKENDS["numpy"] = entry
        trainer = here.made()
        labels = np.arange(6) % 3
        trainer.fit((np.zeros((6, 4, 4), np.uint8), labels), epochs=1, batch_size=2)
        print(len(trainer.history))
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(code)], capture_output=True, text=True, timeout=300
    )
    assert (done.stdout, done.stderr) == ("1\n", "")
