"""Straight lines that shadows, folds, rules and the sides of a sheet leave are no digits."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mxdigits.digitize.ink.straight import goes_on, is_line_or_corner, is_straight
from mxdigits.digitize.mnist_form import find_digits
from mxdigits.digitize.preprocessing import MNIST, Preprocessing

READ = Preprocessing(MNIST, (1, 28, 28))


def strokes(places, side=400, pen=4):
    """The ink of a stroke through places, float (side, side)."""
    page = Image.new("L", (side, side))
    ImageDraw.Draw(page).line([(side * x, side * y) for x, y in places], 255, pen, "curve")
    return np.asarray(page, np.float32) / 255


def on_paper(ink, contrast, noise=0.004):
    made = 0.85 * (1 - contrast * ink) + np.random.default_rng(1).normal(0, noise, ink.shape)
    return np.float32(made)


def cut(ink):
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


@pytest.mark.parametrize(("bent", "expected"), [(0, True), (1, True), (6, False)])
def test_a_line_is_told_from_a_one_with_a_flag(bent, expected):
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 14:16] = image[5:7, 14 - bent : 14] = 255
    assert is_straight(image) is expected


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([(0.3, 0.1), (0.5, 0.9)], True),
        ([(0.1, 0.2), (0.8, 0.1), (0.9, 0.8)], True),
        ([(0.2, 0.1), (0.1, 0.8), (0.9, 0.9)], True),
        ([(0.3, 0.1), (0.7, 0.1), (0.4, 0.9)], False),  # a 7
        ([(0.35, 0.3), (0.5, 0.1), (0.5, 0.9)], False),  # a 1 with a flag
        ([(0.2, 0.1), (0.7, 0.1), (0.7, 0.9), (0.2, 0.9)], False),
        ([(0.2, 0.5), (0.5, 0.1), (0.8, 0.5), (0.5, 0.9), (0.2, 0.5)], False),
    ],
)
def test_lines_and_corners_of_a_sheet_are_told_from_digits(places, expected):
    assert is_line_or_corner(cut(strokes(places))) is expected


@pytest.mark.parametrize("noise", [0.004, 0.01])
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_two_sides_of_a_sheet_that_lies_askew_are_no_digit(turned, noise):
    sides = np.rot90(strokes([(0.15, 0.25), (0.75, 0.15), (0.85, 0.8)], 600), turned // 90)
    assert READ.counted_digit(on_paper(sides, 0.12, noise))[1] == 0


def test_a_pale_seven_of_a_thin_pen_is_one():
    seven = on_paper(strokes([(0.25, 0.2), (0.7, 0.2), (0.6, 0.4), (0.4, 0.85)], 600), 0.12)
    digit, count = READ.counted_digit(seven)
    assert count == 1
    assert digit.likeness > 0.9


@pytest.mark.parametrize("level", [False, True])
@pytest.mark.parametrize(
    ("begin", "end", "expected"), [(30, 70, True), (0, 30, False), (30, 90, False), (0, 0, False)]
)
def test_a_bit_of_a_line_goes_on_at_both_ends(begin, end, expected, level):
    ink = np.zeros((100, 100), np.float32)
    ink[begin:end, 50:52] = ink[45:55, 50:52] = 1
    box = (50, 45, 52, 55)
    if (begin, end) == (30, 90):
        box = (20, 45, 82, 55)  # too wide for a bit of a line
    if level:
        ink, box = ink.T, (box[1], box[0], box[3], box[2])
    assert goes_on(ink, box) is (expected and not (box[0] == 20 or box[1] == 20))


@pytest.mark.parametrize("level", [False, True])
@pytest.mark.parametrize(("wide", "expected"), [(3, True), (8, False)])
def test_a_digit_that_touches_a_thin_line_is_no_bit_of_it(wide, expected, level):
    ink = np.zeros((100, 100), np.float32)
    ink[:, 50:52] = ink[40:60, 50 : 50 + wide] = 1
    box = (50, 40, 50 + wide, 60)
    if level:
        ink, box = ink.T, (box[1], box[0], box[3], box[2])
    assert goes_on(ink, box) is expected


def test_a_one_that_lies_on_the_line_of_squared_paper_is_read():
    ink = np.zeros((300, 300), np.float32)
    ink[60::100] = ink[61::100] = ink[:, 60::100] = ink[:, 61::100] = 0.7
    ink[90:150, 154:168] = 1
    digit, count = READ.counted_digit(on_paper(ink, 0.7))
    assert count == 1
    assert digit.likeness > 0.9


@pytest.mark.parametrize("grain", [1, 2])
def test_a_band_of_noise_is_no_digit(grain):
    """It looks like a 1, but for its outline."""
    random = np.random.default_rng(grain)
    spots = np.repeat(np.repeat(random.random((600 // grain, 400 // grain)), grain, 0), grain, 1)
    across = np.abs(np.arange(400) - 200) / 60
    ink = (spots < 0.75 * np.exp(-(across**4))).astype(np.float32)
    assert READ.counted_digit(np.float32(0.8 - 0.1 * ink))[1] == 0


def test_a_one_between_the_lines_of_a_cell_is_read():
    page = np.full((300, 300), 0.9, np.float32)
    page[100:103, 40:260] = page[200:203, 40:260] = 0.2
    page[103:200, 148:152] = 0.3
    assert len(find_digits(page)) == 1
    assert READ.counted_digit(page)[1] == 1
