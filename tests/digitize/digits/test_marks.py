"""Marks between digits: told by what they look like, and never read as digits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from read_once import mnist_once

from mxdigits.digitize.digits.commas import are_commas
from mxdigits.digitize.digits.likeness import LIKELY
from mxdigits.digitize.digits.marks import marks_beside
from mxdigits.digitize.digits.parts import Part
from mxdigits.digitize.ink.pieces import pieces_of
from mxdigits.digitize.mnist_form import find_digits

SIDE = 84  # pixels of an image of 28 x 28; a digit is up to 60 pixels high
FOOT = SIDE * 24 // 28  # where most digits of the images end

# From the foot and the left of the mark: its strokes, which are 6 pixels wide, and its width.
STROKES = {
    ".": ([(0, -6, 2, -4)], 8),
    ",": ([(8, -8, 2, 14)], 12),
    "long ,": ([(9, -14, 2, 12)], 12),
    "-": ([(0, -28, 24, -30)], 30),
    ":": ([(0, -6, 2, -4), (0, -36, 2, -34)], 8),
    "/": ([(0, 4, 30, -70)], 34),
}


def page_of(row: list[str]) -> np.ndarray:
    """A page with a row of digits and marks, dark on light."""
    test = mnist_once().test
    page = Image.new("L", (1000, 200), 0)
    x, y = 40, 50
    for each in row:
        if each.isdigit():
            image = test.images[np.flatnonzero(test.labels == int(each))[4], 0]
            left, right = np.flatnonzero(image.max(axis=0) > 60)[[0, -1]] * SIDE // 28
            page.paste(
                Image.fromarray(image).resize((SIDE, SIDE)).crop((left, 0, right + 3, SIDE)), (x, y)
            )
            x += right - left + 14
        elif each == " ":
            x += SIDE
        else:
            strokes, width = STROKES[each]
            for ends in strokes:
                place = np.array(ends) + [x, y + FOOT] * 2
                ImageDraw.Draw(page).line(place.tolist(), fill=255, width=6)
            x += width + 12
    return 255 - np.asarray(page)


def told(page: np.ndarray) -> str:
    """The marks of a page where they stand, with 0 for each digit."""
    found = [digit for digit in find_digits(page) if digit.likeness >= LIKELY]
    return "".join(f"{digit.marks[0]}0{digit.marks[1]}" for digit in found)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("3.50", "0.00"),
        ("3,50", "0,00"),
        (["3", "long ,", "5", "0"], "0,00"),
        ("-72", "-00"),
        ("26-58", "00-00"),
        ("12:35", "00:00"),
        ("28/05/2026", "00/00/0000"),
        ("350 -72", "000-00"),
        ("3. 52", "0.00"),
        ("350", "000"),
    ],
)
def test_marks_are_told_and_not_read(row, expected):
    assert told(page_of(list(row))) == expected


def test_a_point_before_a_gap_ends_its_number():
    three, five, two = find_digits(page_of(list("3. 52")))
    assert (three.marks, five.marks, two.marks) == (("", "."), ("", ""), ("", ""))


@pytest.mark.parametrize(
    ("left", "top", "size"),
    [
        (60, 96, 3),  # a speck, thinner than the pen
        (60, 20, 8),  # above the line
        (60, 145, 8),  # below it
        (300, 96, 8),  # far from the last digit
        (2, 96, 8),  # before the first digit, where no number has a point
    ],
)
def test_dirt_is_no_mark(left, top, size):
    ink = bars_at(20, 100)
    ink[top : top + size, left : left + size] = 1
    assert marks_beside(*parts_and_lines(20, 100), pieces_of(ink), ink) == {}


def bars_at(*lefts: int) -> np.ndarray:
    """Ink of ones 60 pixels high, whose foot is at 104."""
    ink = np.zeros((160, 400), np.float32)
    for left in lefts:
        ink[44:104, left : left + 8] = 1
    return ink


def parts_and_lines(*lefts: int) -> tuple[list[Part], list[list[int]]]:
    bar = np.ones((60, 8), np.float32)
    parts = [Part.of(bar, (left, 44, left + 8, 104)) for left in lefts]
    return [replace(part, likeness=1.0) for part in parts], [[*range(len(lefts))]]


def test_a_mark_beside_ink_that_is_no_digit_is_not_told():
    ink = bars_at(20, 80)
    ink[96:104, 50:58] = 1
    parts, lines = parts_and_lines(20, 80)
    assert marks_beside(parts, lines, pieces_of(ink), ink) == {1: (".", "")}
    unlike = [replace(part, likeness=0.1) for part in parts]
    assert marks_beside(unlike, lines, pieces_of(ink), ink) == {}


def test_the_rest_of_a_line_is_no_mark():
    ink = bars_at(20, 80)
    ink[96:104, 50:58] = 1
    lined = ink.copy()
    lined[99:101] = 1
    parts, lines = parts_and_lines(20, 80)
    assert marks_beside(parts, lines, pieces_of(ink), ink) == {1: (".", "")}
    assert marks_beside(parts, lines, pieces_of(ink), lined) == {}


def test_ink_of_a_digit_is_no_mark():
    """As a piece of a broken one, which was joined to it."""
    ink = bars_at(20, 80)
    ink[96:104, 50:58] = 1
    parts, lines = parts_and_lines(20, 80)
    joined = Part.of(ink[44:104, 50:88], (50, 44, 88, 104))
    parts[1] = replace(joined, likeness=1.0)
    assert marks_beside(parts, lines, pieces_of(ink), ink) == {}


@given(order=st.permutations(range(4)), x=st.integers(0, 10_000), y=st.integers(0, 10_000))
def test_a_comma_is_found_in_any_order_at_any_place(order, x, y):
    places = [(0, 0, 6, 60), (30, 0, 36, 60), (48, 50, 54, 74), (66, 0, 72, 60)]
    parts = [
        replace(
            Part.of(
                np.ones((bottom - top, right - left), np.float32),
                (x + left, y + top, x + right, y + bottom),
            ),
            likeness=1.0,
        )
        for left, top, right, bottom in places
    ]
    assert are_commas([parts[at] for at in order]).tolist() == [at == 2 for at in order]


@pytest.mark.parametrize(
    "place",
    [
        (48, 36, 54, 60),  # on the foot, but no lower: a short one
        (48, 4, 54, 28),  # an apostrophe
        (48, 10, 54, 74),  # as high as a digit
        (90, 50, 96, 74),  # after the last digit
    ],
)
def test_what_is_no_comma(place):
    boxes = [(0, 0, 6, 60), (30, 0, 36, 60), (66, 0, 72, 60), place]
    parts = [
        replace(Part.of(np.ones((d - b, c - a), np.float32), (a, b, c, d)), likeness=1.0)
        for a, b, c, d in boxes
    ]
    assert not are_commas(parts)[:3].any()
    assert bool(are_commas(parts)[3]) == (place == (48, 36, 54, 60))


def test_no_parts_are_no_commas():
    assert are_commas([]).tolist() == []
