"""Zeros that share a side, as at the end of amounts, are parted."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw
from read_once import mnist_once

from mxdigits.digitize.digits.rings import rings
from mxdigits.digitize.mnist_form import find_digits

HIGH, WIDE, PEN = 60, 40, 6


def zeros(count: int, before: bool = False, gap: int = 0) -> np.ndarray:
    """Ellipses that share a stroke, maybe open at the top, and a one that touches the first."""
    drawn = Image.new("L", (20 + 30 * before + count * WIDE + 20, HIGH + 40), 0)
    draw = ImageDraw.Draw(drawn)
    left = 20
    if before:
        draw.line((left + 3, 20, left + 3, 20 + HIGH), fill=255, width=PEN)
        draw.line((left, 50, left + 12, 50), fill=255, width=PEN)
        left += 10
    for place in range(count):
        x = left + place * (WIDE - PEN)
        draw.arc((x, 20, x + WIDE, 20 + HIGH), -90 + gap, 270 - gap, fill=255, width=PEN)
    return np.asarray(drawn, np.float32) / 255


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("gap", [0, 12])
def test_each_zero_has_both_of_its_sides(count, gap):
    found = find_digits(1 - zeros(count, gap=gap))
    assert len(found) == count
    for place, digit in enumerate(found):
        left = 20 + place * (WIDE - PEN)
        assert abs(digit.box[0] - left) <= PEN
        assert abs(digit.box[2] - left - WIDE) <= PEN
        assert digit.likeness > 0.5


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("gap", [0, 16])
def test_zeros_are_parted_whose_strokes_lead_into_each_other(count, gap):
    ink = zeros(count, gap=gap)
    drawn = Image.fromarray(np.rint(255 * ink).astype(np.uint8))
    for place in range(1, count):
        x = 20 + place * (WIDE - PEN)
        ImageDraw.Draw(drawn).line((x - 14, 12, x + 20, 22), fill=255, width=PEN)
    found = find_digits(1 - np.asarray(drawn, np.float32) / 255)
    assert len(found) == count
    for place, digit in enumerate(found):
        assert abs(digit.box[2] - 20 - place * (WIDE - PEN) - WIDE) <= PEN
        assert digit.likeness > 0.5


def test_a_digit_before_them_is_kept():
    found = find_digits(1 - zeros(2, before=True))
    assert len(found) == 3
    assert found[0].box[2] - found[0].box[0] < WIDE / 2


def test_people_s_zeros_are_not_cut_through_the_side_they_share():
    """Half of each may look like a digit, too, as a 6 and a 7."""
    test = mnist_once().test
    zeros = [written(image) for image in test.images[test.labels == 0, 0][:60]]
    shared, whole = 2 * PEN, 0
    for first, second in zip(zeros[::2], zeros[1::2]):
        page = np.zeros((120, 40 + first.shape[1] + second.shape[1] - shared), np.float32)
        ends = 20 + first.shape[1], page.shape[1] - 20
        for ink, right in zip((first, second), ends):
            top = (120 - len(ink)) // 2
            place = page[top : top + len(ink), right - ink.shape[1] : right]
            np.maximum(place, ink, out=place)
        found = [digit.box for digit in find_digits(1 - page)]
        begins = 20, ends[1] - second.shape[1]
        whole += len(found) == 2 and all(
            abs(box[0] - left) <= PEN and abs(box[2] - right) <= PEN
            for box, left, right in zip(found, begins, ends)
        )
    assert whole >= 18  # of 30


def written(image: np.ndarray) -> np.ndarray:
    """The ink of an image of MNIST, large and cut close."""
    large = Image.fromarray(image).resize((90, 90), Image.Resampling.BICUBIC)
    ink = np.asarray(large, np.float32) / 255
    rows, columns = (np.flatnonzero((ink > 0.25).any(axis=axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def test_zeros_that_lie_on_their_side_are_parted_from_one_that_stands():
    drawn = Image.new("L", (160, 140), 0)
    draw = ImageDraw.Draw(drawn)
    draw.ellipse((20, 52, 80, 88), outline=255, width=PEN)
    draw.ellipse((80 - PEN, 30, 130, 110), outline=255, width=PEN)
    found = find_digits(1 - np.asarray(drawn, np.float32) / 255)
    assert [digit.box[0] for digit in found] == pytest.approx([20, 80 - PEN], abs=PEN)
    assert [digit.box[2] for digit in found] == pytest.approx([80, 130], abs=PEN)


def test_one_ring_alone_is_left_as_it_is():
    ink = zeros(1)
    assert rings(ink[20 : 21 + HIGH, 20 : 21 + WIDE]) == []


def test_strokes_about_no_hole_are_kept():
    """Such as the stem of a nine: without it a zero would be left."""
    ink = np.pad(zeros(2), ((0, 30), (0, 0)))
    ink[20 + HIGH // 2 : 20 + HIGH + 30, 20 + WIDE - PEN : 20 + WIDE] = 1
    ((nine, zero),) = rings(ink[20 : 20 + HIGH + 30, 20:-20])
    assert nine[1][3] == HIGH + 30
    assert abs(nine[1][2] - WIDE) <= 1
    assert abs(zero[1][0] - WIDE + PEN) <= 1
