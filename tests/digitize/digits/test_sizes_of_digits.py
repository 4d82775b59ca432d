"""On a page: digits of two sizes, digits beside each other at any height, and pale ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw
from read_once import mnist_once

from mxdigits.digitize.digits.mending import mended
from mxdigits.digitize.digits.parts import Part
from mxdigits.digitize.digits.soft_digits import written_on_a_page
from mxdigits.digitize.ink.pieces import pieces_of
from mxdigits.digitize.mnist_form import find_digits

LARGE = 160  # pixels of an image of 28 x 28, of which a digit fills 20


@pytest.fixture(scope="module")
def images():
    """Images of digits that are wide, one of each."""
    test = mnist_once().test
    return {
        digit: test.images[np.flatnonzero(test.labels == digit)[3], 0] for digit in (0, 2, 3, 5, 6)
    }


def write(ink: np.ndarray, image: np.ndarray, left: int, top: int, side: int) -> None:
    drawn = np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC)) / 255
    part = ink[top : top + side, left : left + side]
    np.maximum(part, drawn, out=part)


def row(ink: np.ndarray, images: dict, top: int, side: int, count: int) -> list[tuple[int, int]]:
    """Write a row of digits; the middle of each."""
    places = [(30 + place * side, top) for place in range(count)]
    for (left, top), digit in zip(places, list(images) * count):
        write(ink, images[digit], left, top, side)
    return [(left + side // 2, top + side // 2) for left, top in places]


@pytest.mark.parametrize("small", [36, 50])
@pytest.mark.parametrize("few", [3, 5])
def test_a_page_has_digits_of_two_sizes(images, small, few):
    ink = np.zeros((700, 900), np.float32)
    middles = row(ink, images, 30, LARGE, few) + row(ink, images, 220, small, 12)
    middles += row(ink, images, 300, LARGE, few) + row(ink, images, 520, small, 12)
    found = find_digits(1 - 0.9 * ink)
    for x, y in middles:
        there = [b for b in (d.box for d in found) if b[0] < x < b[2] and b[1] < y < b[3]]
        assert len(there) == 1, (x, y)
    assert len(found) == len(middles)


@pytest.mark.parametrize("small", [36, 50])
def test_small_digits_close_to_large_ones_and_in_them_are_no_parts_of_these(images, small):
    ink = np.zeros((620, 900), np.float32)
    middles = row(ink, images, 30, LARGE, 5)
    write(ink, images[0], 60, 240, 340)
    inside = [(230 - small // 2, 410 - small // 2)]
    below = [(100 + LARGE * place, 30 + LARGE - small // 4) for place in range(4)]
    for (left, top), digit in zip(inside + below, (3, 5, 6, 3, 5)):
        write(ink, images[digit], left, top, small)
        middles.append((left + small // 2, top + small // 2))
    boxes = [digit.box for digit in find_digits(1 - 0.9 * ink)]
    assert len(boxes) == len(middles)  # the zero around one is a circle
    for x, y in middles:
        low = [b for b in boxes if b[0] < x < b[2] and b[1] < y < b[3] and b[3] - b[1] < LARGE]
        assert len(low) == 1, (x, y)


def test_a_bar_as_high_as_a_small_digit_beside_it_is_a_one(images):
    ink = np.zeros((500, 900), np.float32)
    row(ink, images, 30, LARGE, 5)
    row(ink, images, 220, 64, 6)
    write(ink, images[5], 500, 330, 36)
    for left in (494, 700):  # one beside the lowest digit, and one alone
        ink[336:360, left : left + 4] = 1
    boxes = [digit.box for digit in find_digits(1 - 0.9 * ink)]
    assert [box for box in boxes if box[1] > 320 and box[2] < 505] == [(494, 336, 498, 360)]
    assert not [box for box in boxes if box[0] >= 690 and box[1] > 320]


def test_commas_are_no_digits_of_a_smaller_size(images):
    ink = np.zeros((300, 900), np.float32)
    row(ink, images, 30, LARGE, 5)
    for left in range(30 + LARGE, 800, LARGE):
        ink[150:178, left : left + 5] = 1
    assert len(find_digits(1 - 0.9 * ink)) == 5


def test_two_digits_askew_of_each_other_are_not_joined(images):
    """Beside a taller one they are as low as the parts of a broken digit are."""
    tall = Part.of(np.ones((330, 20), np.float32), (700, 0, 720, 330))
    zero, five = (
        np.asarray(Image.fromarray(images[each]).crop((4, 4, 24, 24)).resize((200, 200)))
        / np.float32(255)
        for each in (0, 5)
    )
    parts = [tall, Part.of(zero, (0, 0, 200, 200)), Part.of(five, (210, 240, 410, 440))]
    assert sorted(each.box for each in mended(parts)) == sorted(each.box for each in parts)


@pytest.mark.parametrize("among", [0, 6])
def test_two_that_make_a_digit_of_twice_the_usual_height_are_joined_where_few_are_whole(among):
    """A badly written six over a zero looks like an eight; so does an eight that broke in two."""
    drawn = Image.new("L", (40, 50), 0)
    ImageDraw.Draw(drawn).ellipse((2, 2, 37, 47), outline=255, width=6)
    ring = np.asarray(drawn, np.float32) / 255
    pair = [replace(Part.of(ring, (300, y, 340, y + 50)), likeness=0.3) for y in (100, 148)]
    others = [
        replace(Part.of(ring, (60 * k, 300, 60 * k + 40, 350)), likeness=1.0) for k in range(among)
    ]
    assert len(mended(pair + others)) == (1 if not among else 2 + among)


@pytest.mark.parametrize(("pale", "kept"), [(0.75, 4), (0.3, 3)])
def test_soft_ink_that_surely_is_a_digit_is_one(images, pale, kept):
    ink = np.zeros((300, 900), np.float32)
    row(ink, images, 30, LARGE, 4)
    ink[:, 30 + 3 * LARGE :] *= pale * 0.85
    ink[80, 30 + 3 * LARGE : 30 + 4 * LARGE] *= 1 / 0.85
    assert len(written_on_a_page(pieces_of(ink)).boxes) == kept


@pytest.mark.parametrize(("pale", "found"), [(0.45, True), (0.3, False)])
def test_a_pencil_beside_a_pen_is_read_and_its_ones_are_beside_its_other_digits(
    images, pale, found
):
    """No pixel of it is as dark as half of the pen's ink, and a bar by itself may be a shadow."""
    ink = np.zeros((500, 900), np.float32)
    middles = row(ink, images, 30, LARGE, 4)
    soft = np.zeros_like(ink)
    middles += row(soft, images, 220, LARGE, 3) if found else []
    for left, high in ((500, 112), (800, 112)):
        soft[220 + 24 : 220 + 24 + high, left : left + 14] = 1
    middles += [(507, 300)] if found else []
    boxes = [digit.box for digit in find_digits(1 - 0.9 * np.maximum(ink, pale * soft))]
    assert len(boxes) == len(middles)
    for x, y in middles:
        assert len([b for b in boxes if b[0] < x < b[2] and b[1] < y < b[3]]) == 1, (x, y)


@pytest.mark.parametrize("side", [36, 50])
def test_soft_ink_beside_a_thing_that_is_far_higher_than_the_digits_is_a_digit(images, side):
    """Such as the shadow of a slip on a table: it has more ink than all digits."""
    ink = np.zeros((700, 900), np.float32)
    middles = row(ink, images, 100, side, 15) + row(ink, images, 300, side, 12)
    ink[300 : 300 + side, 30 + 9 * side :] *= 0.65
    ink[60:640, 830:890] = 1
    boxes = [digit.box for digit in find_digits(1 - 0.8 * ink)]
    for x, y in middles:
        assert len([b for b in boxes if b[0] < x < b[2] and b[1] < y < b[3]]) == 1, (x, y)


def test_a_pale_digit_with_one_dark_place_is_given_as_dark_as_the_others(images):
    ink = np.zeros((300, 900), np.float32)
    row(ink, images, 30, LARGE, 4)
    before = [digit.image for digit in find_digits(1 - 0.9 * ink)]
    ink[:, 30 + 3 * LARGE :] *= 0.6
    ink[80:86, 30 + 3 * LARGE : 30 + 4 * LARGE] /= 0.6
    after = [digit.image for digit in find_digits(1 - 0.9 * ink)]
    assert [len(before), len(after)] == [4, 4]
    assert np.abs(before[3].astype(int) - after[3]).mean() < 5
