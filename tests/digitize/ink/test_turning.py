"""Pages that lie far askew, and show no edge."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image
from read_once import mnist_once

from mxdigits.digitize.ink.turning import angle_of, turned
from mxdigits.digitize.mnist_form import find_digits


def page_of(degrees, *, ruled):
    """Three rows of six digits, turned clockwise on paper that goes on."""
    page = np.full((700, 900), 235, np.uint8)
    images = mnist_once().test.images[:18, 0].reshape(3, 6, 28, 28)
    for y, line in enumerate(images):
        for x, image in enumerate(line):
            large = np.asarray(Image.fromarray(image).resize((84, 84)))
            at = slice(180 + 110 * y, 264 + 110 * y), slice(200 + 85 * x, 284 + 85 * x)
            page[at] = 235 - (large * 0.8).astype(np.uint8)
        if ruled:
            below = 258 + 110 * y
            page[below : below + 2] = np.minimum(page[below : below + 2], 160)
    whole = Image.fromarray(page).rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=235)
    return np.asarray(whole)[100:-100, 100:-100]


@pytest.mark.parametrize("degrees", [-14, -6, 5, 14])
@pytest.mark.parametrize("ruled", [False, True])
def test_a_page_far_askew_is_read_line_by_line(degrees, ruled):
    found = find_digits(page_of(degrees, ruled=ruled))
    assert [digit.line for digit in found] == [0] * 6 + [1] * 6 + [2] * 6
    assert all(abs(digit.angle - degrees) < 1 for digit in found)


@pytest.mark.parametrize("degrees", [-1.5, 0, 1.5])
def test_a_page_a_little_askew_is_read_as_it_lies(degrees):
    found = find_digits(page_of(degrees, ruled=False))
    assert len(found) == 18
    assert {digit.angle for digit in found} == {0.0}


def test_few_digits_show_no_rows():
    ink = np.zeros((300, 300), np.float32)
    ink[50:120, 60:70] = ink[100:170, 160:170] = 1
    assert angle_of(ink) == 0.0
    assert angle_of(np.zeros((300, 300), np.float32)) == 0.0


def test_places_on_a_turned_page_lead_back():
    ink = np.zeros((200, 300), np.float32)
    ink[40:46, 70:76] = 1
    level, matrix = turned(ink, 12.0)
    rows, columns = np.nonzero(level > 0.5)
    x, y, one = matrix @ [columns.mean() + 0.5, rows.mean() + 0.5, 1]
    assert (x, y, one) == pytest.approx((73, 43, 1), abs=0.5)


def form_of(step, degrees):
    """A form of boxes that lie a few pixels apart, ``step`` pixels from row to row, turned."""
    page = np.zeros((1200, 850), np.float32)
    high = step - 6
    for top in range(50, 1100, step):
        for left in range(60, 760, 30):
            page[top : top + high, left : left + 25] = 1
            page[top + 2 : top + high - 2, left + 2 : left + 23] = 0
    return np.maximum(turned(page, -degrees)[0], 0)


@example(step=16, degrees=-9.1)
@settings(max_examples=20, deadline=None)
@given(step=st.integers(14, 40), degrees=st.floats(-15, 15).filter(lambda d: abs(abs(d) - 2.5) > 1))
def test_a_form_of_many_rows_is_turned_by_what_it_is_turned(step, degrees):
    expected = degrees if abs(degrees) > 2.5 else 0.0
    assert angle_of(form_of(step, degrees)) == pytest.approx(expected, abs=0.3)
