"""Digits in circles and in other outlines are read; what goes around them is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw
from read_once import mnist_once

from mxdigits.digitize.digits.enclosing import without_enclosing
from mxdigits.digitize.digits.parts import Part
from mxdigits.digitize.preprocessing import Preprocessing

READ = Preprocessing("mnist", (1, 28, 28))
SIDE, STEP = 40, 120
ALL, EVERY_OTHER, ONE = range(10), range(0, 10, 2), (7,)


def written(page: Image.Image) -> list[tuple[int, int, int, int]]:
    """Write one of each digit on a page, five in a line; where each is."""
    test, boxes = mnist_once().test, []
    for digit in range(10):
        image = test.images[np.flatnonzero(test.labels == digit)[3], 0]
        ink = Image.fromarray(image)
        ink = ink.crop(ink.getbbox())
        ink = ink.resize((max(1, ink.width * SIDE // ink.height), SIDE))
        left, top = 60 + STEP * (digit % 5), 60 + STEP * (digit // 5)
        page.paste(40, (left, top), ink)
        boxes.append((left, top, left + ink.width, top + SIDE))
    return boxes


def read(page: Image.Image) -> list[tuple[float, float]]:
    """The middle of each digit, in reading order."""
    found = [digit.box for digit in READ.digits(np.asarray(page) / 255)]
    return [((left + right) / 2, (top + bottom) / 2) for left, top, right, bottom in found]


def assert_read(page: Image.Image, boxes: list[tuple[int, int, int, int]]) -> None:
    """What is found is the digits, in their order, and nothing else."""
    middles = [((left + right) / 2, (top + bottom) / 2) for left, top, right, bottom in boxes]
    assert read(page) == [(pytest.approx(x, abs=5), pytest.approx(y, abs=5)) for x, y in middles]


@pytest.mark.parametrize("circled", [ALL, EVERY_OTHER, ONE, ()], ids=str)
def test_digits_in_circles_are_read(circled):
    page = Image.new("L", (680, 280), 242)
    boxes = written(page)
    for digit in circled:
        left, top, right, bottom = boxes[digit]
        x, y = (left + right) // 2, (top + bottom) // 2
        ImageDraw.Draw(page).ellipse((x - 36, y - 38, x + 36, y + 34), outline=40, width=3)
    assert_read(page, boxes)


@pytest.mark.parametrize(
    ("shape", "box"), [("rectangle", (20, 30, 360, 130)), ("ellipse", (30, 10, 222, 150))]
)
def test_several_digits_in_an_outline_are_read(shape, box):
    page = Image.new("L", (680, 280), 242)
    boxes = written(page)
    getattr(ImageDraw.Draw(page), shape)(box, outline=40, width=3)
    assert_read(page, boxes)


def test_a_zero_with_a_dot_is_one_digit():
    page = Image.new("L", (680, 280), 242)
    boxes = written(page)
    left, top, right, bottom = boxes[0]
    x, y = (left + right) // 2, (top + bottom) // 2
    ImageDraw.Draw(page).ellipse((x - 2, y - 3, x + 2, y + 3), fill=40)
    assert_read(page, boxes)


@pytest.mark.parametrize(
    ("side", "likeness", "kept"),
    [
        (None, 0.9, False),
        (None, 0.1, True),  # around no digit
        (
            np.s_[:, -3:],
            0.9,
            True,
        ),  # open on one side, as a 2 or a 5 with a digit beside its stroke
        (np.s_[:3], 0.9, True),
    ],
)
def test_what_goes_around_a_digit_is_none(side, likeness, kept):
    ink = np.ones((80, 60), np.float32)
    ink[3:-3, 3:-3] = 0
    if side is not None:
        ink[side] = 0
    around = Part.of(ink, (100, 100, 160, 180))
    inside = replace(
        Part.of(np.ones((30, 20), np.float32), (120, 120, 140, 150)), likeness=likeness
    )
    assert without_enclosing([around, inside]) == [around, inside][not kept :]
