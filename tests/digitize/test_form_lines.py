"""The lines of a form are taken away where they are broken, and shorter than the page."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from mxdigits.digitize.form_lines import without_form_lines
from mxdigits.digitize.pieces import pieces_of


def form(degrees):
    """A grid of lines with gaps, and a 1 in each of its cells, of which some meet a line."""
    ink, along = np.zeros((900, 1200)), np.arange(1200)
    for number in range(9):
        ink[100 + 60 * number, 200:901] = 0.5 * ((along[200:901] + 13 * number) % 40 > 3)
    for number in range(11):
        ink[100:581, 200 + 70 * number] = 0.5 * ((along[100:581] + 13 * number) % 40 > 3)
    for row in range(8):
        for column in range(10):
            left, above = 232 + 70 * column, 0 if (row + column) % 5 == 0 else 12
            ink[100 + above + 60 * row : 148 + 60 * row, left : left + 4] = 1
    turned = Image.fromarray(ink.astype(np.float32)).rotate(degrees, Image.Resampling.BILINEAR)
    return np.asarray(turned)


@pytest.mark.parametrize("degrees", [0, 0.7, -1.5])
def test_broken_lines_are_taken_away_and_ones_between_them_are_kept(degrees):
    ink = form(degrees)
    pieces = pieces_of(without_form_lines(ink, ink))
    wide, high = (pieces.boxes[:, 2:] - pieces.boxes[:, :2]).T
    assert (high > 30).sum() == 80
    assert wide[high > 30].max() < 12


@pytest.mark.parametrize("bars", [True, False])
def test_bars_and_stems_that_stand_in_rows_are_no_lines(bars):
    ink = np.zeros((600, 800), np.float32)
    for top in range(40, 560, 60):
        for left in range(40, 760, 30):
            ink[top : top + 48, left : left + 5] = 1
            if bars:
                ink[top : top + 5, left : left + 22] = 1
    assert without_form_lines(ink, ink) is ink
