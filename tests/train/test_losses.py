"""The weighted and the focal loss: a step of the optimizer, by a plain loop over the classes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from backends.training import TRAINING

from mxdigits.backends.network import GraphNetwork
from mxdigits.graph.building import GraphBuilder
from mxdigits.train.metrics import score
from mxdigits.train.trainer import Trainer

CLASSES = 4
RATE = 0.5


def dense(scale: float = 0.1) -> GraphNetwork:
    """A dense layer on pixels."""
    build = GraphBuilder()
    x = build("Flatten", build.variable("data", "input"))
    weight = np.random.default_rng(1).normal(0, scale, (CLASSES, 256)).astype(np.float32)
    head = build("FullyConnected", x, build.variable("weight"), num_hidden=CLASSES, no_bias=True)
    return GraphNetwork(build.graph(head), {"weight": weight})


def trained(backend, network, data, **options) -> Trainer:
    """After an epoch of one batch."""
    trainer = Trainer(network, "sgd", {"learning_rate": RATE}, backend=backend, **options)
    trainer.fit(data, epochs=1, batch_size=len(data[1]))
    return trainer


def slope_of(logits, target, focal):
    """The gradient of one image's loss by its logits, term by term."""
    largest = max(logits)
    total = sum(math.exp(each - largest) for each in logits)
    prob = [math.exp(each - largest) / total for each in logits]
    slope = [0.0] * len(logits)
    for c, share in enumerate(target):
        missing = 1 - prob[c]
        outer = -(missing**focal)
        if focal:
            outer += focal * missing ** (focal - 1) * prob[c] * math.log(prob[c])
        for j in range(len(logits)):
            slope[j] += share * outer * ((c == j) - prob[j])
    return slope


def by_hand(network, data, *, weights=(1.0,) * CLASSES, focal=0.0, smoothing=0.0):
    images, labels = data
    weight = network.arrays["weight"].astype(np.float64)
    gradient = np.zeros(weight.shape)
    for image, label in zip(images, labels):
        pixels = image.reshape(-1).astype(np.float64) / 255
        logits = [float(row @ pixels) for row in weight]
        target = [
            weights[label] * ((1 - smoothing) * (c == label) + smoothing / CLASSES)
            for c in range(CLASSES)
        ]
        for c, slope in enumerate(slope_of(logits, target, focal)):
            gradient[c] += slope * pixels
    return weight - RATE * gradient / len(labels)


@pytest.mark.parametrize("backend", TRAINING)
@pytest.mark.parametrize(
    "options",
    [
        {"class_weights": (0.5, 3.0, 1.0, 0.25)},
        {"class_weights": (0.5, 3.0, 1.0, 0.25), "label_smoothing": 0.2},
        {"focal": 2.0},
        {"focal": 0.5},
        {"focal": 1.5, "label_smoothing": 0.1, "class_weights": (2.0, 1.0, 1.0, 0.5)},
    ],
    ids=str,
)
def test_a_step_goes_where_the_loss_says(backend, options, digits):
    found = trained(backend, dense(), digits["train"], **options).backend.network()[1]["weight"]
    names = {"class_weights": "weights", "focal": "focal", "label_smoothing": "smoothing"}
    expected = by_hand(dense(), digits["train"], **{names[k]: v for k, v in options.items()})
    assert np.abs(expected - dense().arrays["weight"]).max() > 0.01
    np.testing.assert_allclose(found, expected, atol=2e-5)


@pytest.mark.parametrize("backend", TRAINING)
def test_equal_weights_and_no_power_are_the_cross_entropy(backend, digits):
    plain = trained(backend, dense(), digits["train"])
    ones = trained(backend, dense(), digits["train"], class_weights=(1.0,) * CLASSES)
    for found, expected in zip(ones.backend.snapshot().values(), plain.backend.snapshot().values()):
        np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("backend", TRAINING)
def test_the_loss_that_is_told_is_the_cross_entropy(backend, digits):
    images, labels = digits["train"]
    network = dense()
    logits = images.reshape(len(images), -1) / 255 @ network.arrays["weight"].T
    told = trained(backend, network, digits["train"], class_weights=(2.0, 1.0, 1.0, 1.0), focal=2.0)
    expected = score(logits, labels)
    assert told.history[0].train_loss == pytest.approx(expected.loss, rel=1e-5)
    assert told.history[0].train_accuracy == expected.accuracy


@pytest.mark.parametrize("backend", TRAINING)
def test_of_answers_that_are_sure_the_slope_is_a_number(backend, digits):
    """A probability of 1 to the last bit, where a power below 1 would have no slope."""
    sure = trained(backend, dense(scale=100), digits["train"], focal=0.5)
    for array in sure.backend.snapshot().values():
        assert np.isfinite(array).all()
