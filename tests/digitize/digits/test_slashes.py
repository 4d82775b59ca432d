"""On a page: a slash between two numbers is no one, and a one is no slash."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from read_once import mnist_once

from mxdigits.digitize.digits.likeness import LIKELY
from mxdigits.digitize.digits.parts import Part
from mxdigits.digitize.digits.slashes import are_slashes
from mxdigits.digitize.mnist_form import Digit, find_digits

HIGH = 70  # pixels of an image of 28 x 28, of which a digit fills 20
DIGIT = HIGH * 20 // 28  # pixels of a digit's height


def page_of(rows: list[str], across: int, high: int) -> np.ndarray:
    """Rows of digits and of strokes, which stand for slashes: so far across, and so high."""
    test = mnist_once().test
    page = Image.new("L", (900, 40 + 130 * len(rows)), 0)
    for number, row in enumerate(rows):
        x, y = 30, 40 + 130 * number
        for sign in row:
            if sign == "/":
                above = (HIGH - high) // 2
                ends = (x + 12, y + above + high), (x + 12 + across, y + above)
                ImageDraw.Draw(page).line(ends, fill=255, width=5)
                x += across + 20
            else:
                image = test.images[np.flatnonzero(test.labels == int(sign))[4], 0]
                page.paste(Image.fromarray(image).resize((HIGH, HIGH)), (x, y))
                x += HIGH
    return 255 - np.asarray(page)


def digits_of(page: np.ndarray) -> list[Digit]:
    return [digit for digit in find_digits(page) if digit.likeness >= LIKELY]


@pytest.mark.parametrize("across", [25, 40])
@pytest.mark.parametrize("high", [70, 85])
def test_slashes_of_dates_are_no_digits(across, high):
    found = digits_of(page_of(["12/05/2024", "30/11/1999"], across, high))
    assert len(found) == 16
    assert [digit.line for digit in found] == [0] * 8 + [1] * 8


@pytest.mark.parametrize(
    ("across", "high"),
    [
        (2, 85),  # upright and tall
        (20, DIGIT),  # leaning, as high as the digits
    ],
)
def test_ones_of_one_stroke_are_digits(across, high):
    assert len(digits_of(page_of(["23/05/2026", "36/28/5639"], across, high))) == 20


@pytest.mark.parametrize("row", ["/2345", "2345/"])
def test_a_stroke_with_digits_on_one_side_alone_is_a_one(row):
    assert len(digits_of(page_of([row], 25, 70))) == 5


def test_a_stroke_between_two_digits_alone_is_a_one():
    assert len(digits_of(page_of(["2/3"], 25, 70))) == 3


@given(
    x=st.integers(0, 10_000),
    y=st.integers(0, 10_000),
    times=st.integers(1, 5),
    order=st.permutations(range(5)),
)
def test_the_place_the_size_and_the_order_of_parts_do_not_matter(x, y, times, order):
    bar, stroke = np.ones((20, 4), np.float32), np.eye(30, dtype=np.float32)[::-1]
    places = [(left, 10, left + 4, 30) for left in (0, 10, 60, 70)] + [(22, 5, 52, 35)]
    parts = []
    for ink, (left, top, right, bottom) in zip([bar] * 4 + [stroke], places):
        box = x + times * left, y + times * top, x + times * right, y + times * bottom
        parts.append(Part.of(np.kron(ink, np.ones((times, times), np.float32)), box))
    assert are_slashes([parts[at] for at in order]).tolist() == [at == 4 for at in order]


def test_no_parts_are_no_slashes():
    assert are_slashes([]).tolist() == []
