"""Evidence by covering the parts of an image, against a loop that does it pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest

from mxdigits.predict.heat import AGAINST, FOR, heat
from mxdigits.predict.occlusion import log_odds, occlusion
from mxdigits.train.metrics import softmax


def linear(shape, classes=3, seed=0):
    """A network without layers: what it says is exact, and so is what covering does."""
    pixels = np.prod(shape)
    weights = np.random.default_rng(seed).normal(size=(classes, pixels)) / np.sqrt(pixels)

    def logits(images):
        flat = images.reshape(len(images), -1).astype(np.float64) / 255
        return (flat @ weights.T).astype(np.float32)

    return logits


def plain_evidence(logits, image, label, side, step):
    """The same by one prediction a window, and by probabilities in double precision."""

    def odds(image):
        each = np.exp(logits(image[None])[0].astype(np.float64))
        share = each[label] / each.sum()
        return np.log(share / (1 - share))

    _, height, width = image.shape
    falls = [[[] for _ in range(width)] for _ in range(height)]
    for top in range(1 - side, height, step):
        for left in range(1 - side, width, step):
            covered, under = image.copy(), []
            for row in range(top, top + side):
                for column in range(left, left + side):
                    if 0 <= row < height and 0 <= column < width:
                        covered[:, row, column] = 0
                        under.append((row, column))
            fall = odds(image) - odds(covered)
            for row, column in under:
                falls[row][column].append(fall)
    return np.array([[np.mean(each) if each else 0 for each in row] for row in falls])


@pytest.mark.parametrize(
    ("shape", "side", "step"),
    [((1, 12, 12), 2, 1), ((3, 8, 14), 1, 1), ((1, 19, 12), 2, 2), ((1, 28, 28), 5, 3)],
)
def test_the_evidence_is_what_a_plain_loop_finds(shape, side, step):
    image = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    image[:, :3] = 0  # some of it is background
    logits = linear(shape)
    found = occlusion(logits, image, 1, step=step)
    np.testing.assert_allclose(
        found.evidence, plain_evidence(logits, image, 1, side, step), atol=1e-4
    )
    assert found.evidence.dtype == np.float32


def test_a_large_image_is_covered_at_as_many_places_as_a_small_one():
    asked = []

    def logits(images):
        asked.append(len(images))
        return np.stack([images.mean(axis=(1, 2, 3)), np.zeros(len(images))], axis=1)

    occlusion(logits, np.full((1, 224, 224), 9, np.uint8), 0)
    assert sum(asked) < 2200
    assert set(asked) == {128}  # of one size, for a backend may compile for each


def test_the_part_that_the_answer_rests_on():
    """Class 1 is whatever is light around row 20 and column 6."""
    image = np.full((1, 28, 28), 200, np.uint8)

    def logits(images):
        light = images[:, 0, 18:23, 4:9].mean(axis=(1, 2)) / 20
        return np.stack([np.full_like(light, 3), light], axis=1).astype(np.float32)

    found = occlusion(logits, image, 1)
    assert found.box == (4, 18, 9, 23)
    np.testing.assert_allclose(found.prob, softmax(np.array([[3.0, 0.0]], np.float32))[0])
    assert np.unravel_index(found.evidence.argmax(), (28, 28)) == (20, 6)
    assert found.evidence[20, 18] == 0
    against = occlusion(logits, image, 0)
    np.testing.assert_array_equal(against.evidence, -found.evidence)
    assert against.box is None
    assert against.prob is None


def test_a_black_image_says_nothing():
    found = occlusion(linear((1, 9, 9)), np.zeros((1, 9, 9), np.uint8), 0)
    assert not found.evidence.any()
    assert (found.box, found.prob) == (None, None)


def test_a_network_of_one_class_has_no_reasons():
    one = occlusion(linear((1, 9, 9), classes=1), np.full((1, 9, 9), 9, np.uint8), 0)
    assert not one.evidence.any()


def test_log_odds_do_not_end_where_probabilities_are_rounded_to_1():
    logits = np.array([[50.0, 0.0, 0.0], [60.0, 0.0, 0.0], [0.0, 900.0, 0.0]], np.float32)
    expected = [50 - np.log(2), 60 - np.log(2), -900]
    np.testing.assert_allclose(log_odds(logits, 0), expected, rtol=1e-7)
    assert softmax(logits)[:2, 0].tolist() == [1, 1]


def test_heat_is_grey_without_evidence_and_coloured_with_it():
    image = np.array([[[255, 255, 255, 0, 100]]], np.uint8)
    evidence = np.array([[0.0, 4.0, -4.0, 4.0, 2.0]], np.float32)
    assert heat(image, evidence)[0].tolist() == [
        [255, 255, 255],
        [*FOR],
        [*AGAINST],
        [102, 52, 0],  # 0.4 of the colour, for there is no ink
        [131, 91, 50],  # half the grey of 100, half the colour at 0.4 + 0.6 * 100 / 255
    ]
    np.testing.assert_array_equal(heat(image, np.zeros((1, 5)))[..., 0], image[0])
    coloured = np.array([[[30]], [[60]], [[90]]], np.uint8)
    assert heat(coloured, np.zeros((1, 1))).tolist() == [[[60, 60, 60]]]
