"""What looks like a digit, and what does not."""

import numpy as np
import pytest
from PIL import Image, ImageDraw
from read_once import mnist_once

from mxdigits.digitize.digits.likeness import LEAST, likeness, weighted
from mxdigits.digitize.mnist_form import digitize
from mxdigits.digitize.preprocessing import Preprocessing

STROKES = {
    "A": [[(40, 170), (100, 30), (160, 170)], [(62, 120), (138, 120)]],
    "K": [[(60, 30), (60, 170)], [(140, 30), (62, 105), (140, 170)]],
    "M": [[(40, 170), (50, 30), (100, 120), (150, 30), (160, 170)]],
    "plus": [[(100, 40), (100, 160)], [(40, 100), (160, 100)]],
    "star": [[(100, 30), (100, 170)], [(40, 65), (160, 135)], [(160, 65), (40, 135)]],
    "scribble": [[(30, 40), (60, 160), (80, 40), (110, 160), (130, 40), (160, 160), (175, 50)]],
}


def drawn(strokes, width=12):
    page = Image.new("L", (200, 200), 255)
    for points in strokes:
        ImageDraw.Draw(page).line(points, fill=0, width=width, joint="curve")
    return np.asarray(page)


@pytest.fixture(scope="module")
def images():
    return mnist_once().test.images[:2000, 0]


def test_digits_look_like_digits(images):
    found = likeness(images)
    assert found.shape == (2000,)
    assert (found < LEAST).mean() <= 0.003
    assert np.median(found) > 0.99


def test_those_at_once_change_nothing(images):
    apart = [likeness(image[None])[0] for image in images[250:260]]
    assert likeness(images[:300])[250:260] == pytest.approx(apart, abs=1e-5)
    assert likeness(images[:0]).shape == (0,)


@pytest.mark.parametrize("name", STROKES)
def test_letters_and_signs_do_not(name):
    picture = drawn(STROKES[name])
    assert likeness(digitize(picture)[None])[0] < 0.05


def test_a_picture_of_a_letter_shows_no_digit_to_a_network_that_knows_digits_alone():
    picture = drawn(STROKES["scribble"])
    digit, count = Preprocessing("mnist", (1, 28, 28)).counted_digit(picture)
    assert digit.likeness < LEAST
    assert (digit.image.any(), count) == (True, 0)
    digit, count = Preprocessing("mnist", (1, 28, 28), only_digits=False).counted_digit(picture)
    assert (digit.likeness, count) == (1.0, 1)


def test_probabilities_are_weighted():
    prob = np.array([[0.9, 0.1], [0.9, 0.1]], np.float32)
    found = weighted(prob, np.array([1.0, 0.0], np.float32))
    assert found == pytest.approx(np.array([[0.9, 0.1], [0.5, 0.5]]))
    assert found.dtype == np.float32
