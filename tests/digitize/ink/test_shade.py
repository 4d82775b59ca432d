"""On a page: the shade of crumpled or stained paper, that joins strokes to each other."""

from __future__ import annotations

import numpy as np
import pytest

from mxdigits.digitize.ink.contrast import Seen
from mxdigits.digitize.ink.shade import without_shade
from mxdigits.digitize.mnist_form import find_digits


def seen(ink: np.ndarray) -> Seen:
    return Seen(ink, 1 - ink, contrast=1.0, even=False)


@pytest.mark.parametrize("pen", [2, 5, 12])
@pytest.mark.parametrize("dark", [0.2, 0.5])
def test_shade_is_taken_away_and_strokes_in_it_stay_dark(pen, dark):
    ink = np.zeros((400, 400), np.float32)
    ink[50:350, 50:350] = dark
    ink[100:300, 200 : 200 + pen] = 1
    made = without_shade(seen(ink)).ink
    assert made[150:250, 200 : 200 + pen].min() > 0.95
    assert made[100:300, 80:180].max() < 0.01


@pytest.mark.parametrize("wide", [10, 200])
def test_strokes_and_dark_things_stay_as_they_are(wide):
    ink = np.zeros((400, 400), np.float32)
    ink[100:300, 100 : 100 + wide] = 1
    assert np.array_equal(without_shade(seen(ink)).ink, ink)


def test_blank_paper_has_no_shade():
    blank = seen(np.zeros((60, 60), np.float32))
    assert without_shade(blank) is blank


def test_digits_in_a_stain_are_found():
    light = np.full((800, 800), 0.9)
    y, x = np.mgrid[:800, :800]
    light[(x - 300) ** 2 + (y - 300) ** 2 < 70**2] = 0.68
    lefts = [100, 260, 300, 340, 500, 600]
    for left in lefts:
        light[260:340, left : left + 6] = 0.2
    boxes = [digit.box for digit in find_digits(light)]
    assert [left for left, *_ in boxes] == pytest.approx(lefts, abs=2)
