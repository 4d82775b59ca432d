"""Learning from images and labels that are mixed: a step by hand, for every backend."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from augmentations.fixed_mixing import fixed
from backends.training import TRAINING

from mxdigits.augmentations.build import build_augmentations
from mxdigits.backends.batches import epoch_order
from mxdigits.backends.network import GraphNetwork
from mxdigits.backends.settings import TrainingSettings, check_mixing
from mxdigits.errors import UsageError
from mxdigits.graph.building import GraphBuilder, first_alone
from mxdigits.train.trainer import Trainer

CLASSES, RATE, SEED = 4, 0.5, 3


def dense() -> GraphNetwork:
    build = GraphBuilder()
    x = build("Flatten", build.variable("data", "input"))
    weight = np.random.default_rng(1).normal(0, 0.1, (CLASSES, 256)).astype(np.float32)
    head = build("FullyConnected", x, build.variable("weight"), num_hidden=CLASSES, no_bias=True)
    return GraphNetwork(build.graph(head), {"weight": weight})


def by_hand(data, weights, smoothing, focal, share):
    images, labels = (each[epoch_order(len(data[1]), SEED, 0)] for each in data)
    weight = dense().arrays["weight"].astype(np.float64)
    gradient = np.zeros(weight.shape)
    last = len(labels) - 1
    for place in range(len(labels)):
        pixels, target = np.zeros(256), [0.0] * CLASSES
        for part, other in ((1 - share, place), (share, last - place)):
            pixels += part * images[other].reshape(-1) / 255
            for c in range(CLASSES):
                told = (1 - smoothing) * (c == labels[other]) + smoothing / CLASSES
                target[c] += part * weights[labels[other]] * told
        logits = weight @ pixels
        prob = np.exp(logits - logits.max())
        prob /= prob.sum()
        for c in range(CLASSES):
            outer = -((1 - prob[c]) ** focal)
            if focal:
                outer += focal * (1 - prob[c]) ** (focal - 1) * prob[c] * math.log(prob[c])
            for j in range(CLASSES):
                gradient[j] += target[c] * outer * ((c == j) - prob[j]) * pixels
    return weight - RATE * gradient / len(labels)


@pytest.mark.parametrize("backend", TRAINING)
@pytest.mark.parametrize(
    ("weights", "smoothing", "focal"),
    [((1.0,) * 4, 0.0, 0.0), ((2.0, 1.0, 0.5, 1.0), 0.1, 0.0), ((2.0, 1.0, 0.5, 1.0), 0.1, 2.0)],
)
def test_a_step_learns_from_mixed_labels(backend, weights, smoothing, focal, digits):
    trainer = Trainer(
        dense(),
        "sgd",
        {"learning_rate": RATE},
        backend=backend,
        seed=SEED,
        augmentation=fixed(0.3),
        class_weights=() if weights == (1.0,) * 4 else weights,
        label_smoothing=smoothing,
        focal=focal,
    )
    trainer.fit(digits["train"], epochs=1, batch_size=130)
    expected = by_hand(digits["train"], weights, smoothing, focal, 0.3)
    found = trainer.backend.snapshot()["weight"]
    assert np.abs(expected - dense().arrays["weight"]).max() > 0.01
    np.testing.assert_allclose(found, expected, atol=2e-5)


@pytest.mark.parametrize("backend", TRAINING)
@pytest.mark.parametrize("name", ["mixup", "cutmix", "blur", "contrast"])
def test_every_backend_learns_with_it(backend, name, digits):
    """Of random numbers of its own each learns about as much."""
    augmentation = build_augmentations([(name, {})], image_shape=(1, 16, 16))
    trainer = Trainer(
        dense(),
        "sgd",
        {"learning_rate": 0.1, "momentum": 0.9},
        backend=backend,
        seed=SEED,
        augmentation=augmentation,
    )
    trainer.fit(digits["train"], epochs=5, batch_size=26)
    assert trainer.score(digits["test"]).accuracy > 0.9


def test_several_workers_do_not_mix():
    settings, two = TrainingSettings(augmentation=fixed(0.3)), SimpleNamespace(rank=0, count=2)
    with pytest.raises(UsageError) as caught:
        check_mixing(settings, two)
    assert str(caught.value) == (
        "augmentation: several workers cannot mix images, because each sees its part of a batch "
        "alone; leave mixup and cutmix out, train with one worker, or write backend: xla"
    )


def test_only_what_changes_targets_counts_as_mixing():
    assert TrainingSettings(augmentation=fixed(0.3)).mixes
    assert not TrainingSettings(augmentation=fixed(0.3)).minimises_cross_entropy
    assert not TrainingSettings(augmentation=first_alone(fixed(0.3))).mixes
    assert not TrainingSettings().mixes
