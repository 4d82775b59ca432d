"""Evidence by integrated gradients, against a plain loop and what the axioms say."""

from __future__ import annotations

import numpy as np
import pytest

from mxdigits.predict.integrated import Integrated, integrated_gradients


def curved(shape, classes=3, hidden=7, seed=0):
    """A small network with a bend, tanh(x A) B, and its gradients written out."""
    random = np.random.default_rng(seed)
    first = random.normal(size=(int(np.prod(shape)), hidden))
    second = random.normal(size=(hidden, classes))

    def gradients(images, weigh):
        inner = np.tanh(images.reshape(len(images), -1).astype(np.float64) @ first)
        logits = (inner @ second).astype(np.float32)
        found = ((weigh(logits) @ second.T) * (1 - inner**2)) @ first.T
        return logits, found.reshape(images.shape).astype(np.float32)

    def odds(image, label):
        each = np.exp(np.tanh(image.ravel() @ first) @ second)
        return np.log(each[label] / (each.sum() - each[label]))

    return gradients, odds


def plain_evidence(odds, image, label, steps=200, width=1e-6):
    """The same by sums of small steps, and by differences in double precision."""
    whole = image / 255
    evidence = np.zeros(whole.shape)
    for step in range(steps):
        on_the_way = (step + 0.5) / steps * whole
        for place in np.ndindex(whole.shape):
            above, below = on_the_way.copy(), on_the_way.copy()
            above[place] += width
            below[place] -= width
            slope = (odds(above, label) - odds(below, label)) / (2 * width)
            evidence[place] += whole[place] * slope / steps
    return evidence.sum(axis=0)


@pytest.mark.parametrize("shape", [(1, 4, 4), (3, 2, 5)])
@pytest.mark.parametrize("label", [0, 2])
def test_the_evidence_is_what_a_plain_loop_finds(shape, label):
    image = np.random.default_rng(1).integers(0, 60, shape).astype(np.uint8)
    image[:, 0] = 0  # some of it is background
    gradients, odds = curved(shape)
    found = integrated_gradients(gradients, image, label)
    np.testing.assert_allclose(found.evidence, plain_evidence(odds, image, label), atol=1e-3)
    assert found.evidence.dtype == np.float32
    assert not found.evidence[0].any()


@pytest.mark.parametrize("seed", range(5))
def test_all_evidence_adds_up_to_what_the_log_odds_gain(seed):
    image = np.random.default_rng(seed).integers(0, 256, (1, 9, 9)).astype(np.uint8)
    gradients, odds = curved(image.shape, seed=seed)
    found = integrated_gradients(gradients, image, 1)
    gain = odds(image / 255, 1) - odds(np.zeros(image.shape), 1)
    assert found.gain == pytest.approx(gain, abs=1e-4)
    assert found.evidence.sum() == pytest.approx(gain, rel=0.01)
    assert abs(found.missing) <= 0.01 * abs(gain)


def test_more_places_are_taken_until_it_adds_up():
    """A step on the way, which few places meet."""
    taken = []

    def gradients(images, weigh):
        taken.append(len(images))
        light = images.sum(axis=(1, 2, 3), dtype=np.float64)
        logits = np.stack([np.zeros_like(light), 9 * np.tanh((light - 60) / 0.2)], axis=1)
        slope = 9 / 0.2 * (1 - np.tanh((light - 60) / 0.2) ** 2)
        each = weigh(logits.astype(np.float32))[:, 1] * slope
        return logits.astype(np.float32), np.ones_like(images) * each[:, None, None, None]

    found = integrated_gradients(gradients, np.full((1, 9, 9), 255, np.uint8), 1)
    assert sum(taken) == 64 + 256 + 1024
    assert set(taken) == {32}  # of one size, for a backend may compile for each
    assert found.gain == pytest.approx(18)
    assert abs(found.missing) < 0.18


def test_what_does_not_add_up_is_said_to():
    def gradients(images, weigh):
        light = images.mean(axis=(1, 2, 3))
        return np.stack([0 * light, light > 0.7], axis=1).astype(np.float32), 0 * images

    found = integrated_gradients(gradients, np.full((1, 9, 9), 255, np.uint8), 1)
    assert (found.gain, found.missing, found.box) == (1, 1, None)


def test_the_part_that_adds_most():
    """Class 1 is whatever is light around row 20 and column 6."""
    weights = np.zeros((1, 28, 28), np.float32)
    weights[0, 18:23, 4:9] = 0.5

    def gradients(images, weigh):
        light = (images * weights).sum(axis=(1, 2, 3))
        logits = np.stack([np.full_like(light, 3), light], axis=1)
        return logits, weigh(logits)[:, 1][:, None, None, None] * weights

    found = integrated_gradients(gradients, np.full((1, 28, 28), 255, np.uint8), 1)
    assert found.box == (4, 18, 9, 23)
    assert found.part == pytest.approx(12.5)
    assert found.gain == pytest.approx(12.5)
    against = integrated_gradients(gradients, np.full((1, 28, 28), 255, np.uint8), 0)
    np.testing.assert_allclose(against.evidence, -found.evidence)
    assert against.box is None


@pytest.mark.parametrize(
    ("image", "classes"),
    [(np.zeros((1, 9, 9), np.uint8), 3), (np.full((1, 9, 9), 9, np.uint8), 1)],
)
def test_a_black_image_and_a_network_of_one_class_say_nothing(image, classes):
    gradients, _ = curved(image.shape, classes)
    found = integrated_gradients(gradients, image, 0)
    assert not found.evidence.any()
    assert (found.box, found.gain) == (None, 0)
    assert Integrated(found.evidence, 0.0, None, 0.0).missing == 0
