"""The Trainer ends with the weights of a plain loop of Gluon."""

from __future__ import annotations

import numpy as np
import pytest
from train.fitting import network, plain_network, weights

from mxdigits.backends.mxnet.names import OPTIMIZERS
from mxdigits.backends.mxnet.runtime import import_mxnet

mx = import_mxnet()

from mxdigits.train.trainer import Trainer  # noqa: E402


def smooth_loss(logits, labels, smoothing):
    """Cross-entropy with labels of which a share is spread over all classes."""
    classes = logits.shape[1]
    wanted = (1 - smoothing) * mx.nd.one_hot(labels, classes) + smoothing / classes
    return -(wanted * mx.nd.log_softmax(logits)).sum(axis=1)


def reference(block, images, labels, *, epochs, batch_size, seed, optimizer, loss_of=None):
    """The same training as plain Gluon teaches it: autograd, one array at a time."""
    from mxdigits.backends.batches import epoch_order

    loss_of = loss_of or mx.gluon.loss.SoftmaxCrossEntropyLoss()
    trainer = mx.gluon.Trainer(block.collect_params(), optimizer, kvstore=None)
    book = []
    for epoch in range(epochs):
        order = epoch_order(len(labels), seed, epoch)
        total = correct = 0
        for begin in range(0, len(order), batch_size):
            chosen = order[begin : begin + batch_size]
            x = mx.nd.array(images[chosen][:, None] * np.float32(1 / 255))
            y = mx.nd.array(labels[chosen])
            with mx.autograd.record():
                logits = block(x)
                losses = loss_of(logits, y)
            losses.backward()
            trainer.step(len(chosen))
            total += float(losses.sum().asscalar())
            correct += int((logits.argmax(axis=1) == y).sum().asscalar())
        book.append((total / len(order), correct / len(order)))
    return book


@pytest.mark.parametrize(
    ("optimizer", "batch_size"),
    [("sgd", 1), *[(name, size) for name in ("sgd", "adam", "nag") for size in (7, 129, 130)]]
    # sgld adds noise; groupadagrad takes embeddings only
    + [(name, 50) for name in OPTIMIZERS if name not in ("sgld", "groupadagrad")],
)
def test_fit_equals_a_plain_gluon_loop(digits, optimizer, batch_size):
    images, labels = digits["train"]
    options = {"learning_rate": 0.01, **({"momentum": 0.9} if optimizer == "nag" else {})}
    # tanh: Adamax divides 0 by 0 for a unit that is never active, in plain Gluon too.
    ours, theirs = (network(activation="tanh") for _ in range(2))
    history = Trainer(ours, optimizer, options, seed=5).fit(
        (images, labels), epochs=2, batch_size=batch_size
    )
    book = reference(
        theirs,
        images,
        labels,
        epochs=2,
        batch_size=batch_size,
        seed=5,
        optimizer=mx.optimizer.create(optimizer, **options),
    )
    for record, (loss, accuracy) in zip(history, book):
        assert record.train_loss == pytest.approx(loss, rel=2e-4)
        assert record.train_accuracy == pytest.approx(accuracy, abs=1e-12)
        assert record.samples == len(labels)
    for a, b in zip(weights(ours), weights(theirs)):
        if optimizer in ("adam", "ftml"):
            # They divide by a gradient's size, and so make much of the rounding of a tiny one.
            assert np.abs(a - b).max() < 1e-3
            assert np.isclose(a, b, rtol=2e-3, atol=2e-5).mean() > 0.9995
        else:
            np.testing.assert_allclose(a, b, rtol=2e-3, atol=2e-5)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"wd": 0.01},
        {"momentum": 0.9},
        {"momentum": 0.9, "wd": 0.01},
        {"clip_gradient": 0.001},
        {"momentum": 0.5, "wd": 0.01, "clip_gradient": 0.001},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["sgd", "ccsgd"])
def test_every_way_of_sgd_is_that_of_plain_gluon(digits, monkeypatch, name, options, threads):
    monkeypatch.setattr("mxdigits.backends.mxnet.weights.sgd.engine_threads", lambda: threads)
    images, labels = digits["train"]
    ours, theirs = network(), network()
    for block in (ours, theirs):
        for place, parameter in enumerate(block.collect_params().values()):
            parameter.lr_mult, parameter.wd_mult = 1 + place % 2, place % 3
    Trainer(ours, name, {"learning_rate": 0.05, **options}, seed=5).fit(
        (images, labels), epochs=2, batch_size=50
    )
    optimizer = mx.optimizer.create(name, learning_rate=0.05, **options)
    reference(theirs, images, labels, epochs=2, batch_size=50, seed=5, optimizer=optimizer)
    for a, b in zip(weights(ours), weights(theirs)):
        np.testing.assert_allclose(a, b, rtol=2e-3, atol=2e-5)


def test_smooth_labels_are_learnt_as_in_plain_gluon(digits):
    images, labels = digits["train"]
    ours, theirs = network(), network()
    history = Trainer(ours, "sgd", {"learning_rate": 0.05}, label_smoothing=0.3, seed=5).fit(
        (images, labels), epochs=2, batch_size=50
    )
    book = reference(
        theirs,
        images,
        labels,
        epochs=2,
        batch_size=50,
        seed=5,
        optimizer=mx.optimizer.create("sgd", learning_rate=0.05),
        loss_of=lambda logits, y: smooth_loss(logits, y, 0.3),
    )
    for record, (loss, accuracy) in zip(history, book):
        assert record.train_loss == pytest.approx(loss, rel=2e-4)
        assert record.train_accuracy == pytest.approx(accuracy, abs=1e-12)
    for a, b in zip(weights(ours), weights(theirs)):
        np.testing.assert_allclose(a, b, rtol=2e-3, atol=2e-5)


def test_statistics_of_batch_norm_are_trained_too(digits):
    images, labels = digits["train"]
    ours, theirs = plain_network(), plain_network()
    Trainer(ours, "sgd", {"learning_rate": 0.05}, seed=5).fit(
        (images, labels), epochs=2, batch_size=50
    )
    sgd = mx.optimizer.create("sgd", learning_rate=0.05)
    reference(theirs, images, labels, epochs=2, batch_size=50, seed=5, optimizer=sgd)
    for a, b in zip(weights(ours), weights(theirs)):
        np.testing.assert_allclose(a, b, rtol=2e-3, atol=2e-5)
