"""The lines of a form are taken away where they are broken, and shorter than the page."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from mxdigits.digitize.ink.pieces import pieces_of
from mxdigits.digitize.lines.form_lines import form_lines


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
    pieces = pieces_of(form_lines(ink).taken_from(ink))
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
    assert form_lines(ink) is None


def test_two_lines_close_together_take_nothing_from_the_digits_beside_them():
    ink = np.zeros((900, 1200), np.float32)
    for top in range(100, 600, 60):
        ink[top : top + 50, 200:901:70] = 1
        ink[[*range(top, top + 4), *range(top + 46, top + 50)], 200:901] = 1
        ink[top - 6 : top, 200:901] = 0.3  # what is between two rows is blurred
        ink[top + 8 : top + 42, 232:900:70] = 1
    rest = form_lines(ink).taken_from(ink)
    assert rest[108:142, 232].min() == 1
    assert rest[100:104, 240:260].max() == 0


def test_lines_that_are_hardly_seen_are_found_one_step_beside_others():
    ink = np.zeros((900, 1200), np.float32)
    for number in range(9):
        ink[100 + 60 * number, 200:901] = 1
    for number in range(11):
        ink[100:581, 200 + 70 * number] = 1
    ink[220, 200:901] = np.arange(701) % 10 < 5
    ink[100:581, 550] = np.arange(481) % 10 < 5
    lines = form_lines(ink)
    assert (len(lines.level.bands), len(lines.upright.bands)) == (9, 11)


def test_columns_of_wide_digits_are_no_lines():
    ink = np.zeros((900, 1200), np.float32)
    for number in range(9):
        ink[100 + 60 * number : 106 + 60 * number, 200:906] = 1
    for number in range(11):
        ink[100:586, 200 + 70 * number : 206 + 70 * number] = 1
    for row in range(8):
        for column in range(10):  # as wide as they are, none is inked all along
            left = 226 + 70 * column + row % 4
            ink[108 + 60 * row : 158 + 60 * row, left : left + 14] = 1
    assert len(form_lines(ink).upright.bands) == 11


@pytest.mark.parametrize("side", ["above", "below"])
def test_a_bar_two_pixels_beside_a_line_is_kept(side):
    ink = np.zeros((900, 1200), np.float32)
    for number in range(9):
        ink[100 + 60 * number : 103 + 60 * number, 200:903] = 1
    for number in range(11):
        ink[100:583, 200 + 70 * number : 203 + 70 * number] = 1
    rows = slice(105, 109) if side == "below" else slice(154, 158)
    ink[rows, 225:250] = ink[105:158, 236:240] = 0.9
    assert form_lines(ink).taken_from(ink)[rows, 225:250].min() > 0.8


@pytest.mark.parametrize("side", ["above", "below"])
def test_a_bar_that_makes_a_line_a_pixel_thicker_is_kept(side):
    """The line is as black as the bar, and nothing else tells them apart."""
    ink = np.zeros((900, 1200), np.float32)
    for number in range(9):
        ink[100 + 60 * number : 103 + 60 * number, 200:903] = 1
    for number in range(11):
        ink[100:583, 200 + 70 * number : 203 + 70 * number] = 1
    ink[103 if side == "below" else 159, 225:250] = ink[112:150, 225:228] = 1
    cleaned = form_lines(ink).taken_from(ink, 1 - ink)
    assert cleaned[103 if side == "below" else 159, 225:250].min() == 1
    assert cleaned[100:103, 260:].max() == 0


def test_ticks_that_are_inked_less_than_columns_of_digits_are_lines():
    ink = np.zeros((900, 1200), np.float32)
    for number in range(10):
        line = 160 + 50 * number
        ink[line : line + 3, 200:903] = 1
        ink[line - 20 : line, 200:901:70] = ink[line - 20 : line, 201:902:70] = 1
        for beside in range(-8, 9):
            ink[line - 42 + 3 * abs(beside) : line - 4, 235 + beside : 900 : 70] = 1
    lines = form_lines(ink)
    assert (len(lines.level.bands), len(lines.upright.bands)) == (10, 11)


def test_one_line_that_meets_those_across_makes_no_form():
    ink = np.zeros((900, 1200), np.float32)
    for row in range(100, 581, 60):
        ink[row : row + 3, 200:903] = 1
        if row != 340:  # all others stop short of the upright lines
            for left in range(200, 901, 70):
                ink[row : row + 3, left - 6 : left + 9] = 0
    for left in range(200, 901, 70):
        ink[100:583, left : left + 3] = 1
    assert form_lines(ink) is None


def test_lines_that_were_taken_away_are_not_looked_for_again():
    ink = form(0)
    lines = form_lines(ink)
    left = lines.left_in(lines.taken_from(ink), ink)
    assert (left.level.bands, left.upright.bands) == ([], [])
    assert lines.left_in(ink, ink) == lines


def test_sides_of_boxes_that_lie_apart_are_found_though_some_are_a_little_short():
    ink = np.zeros((900, 1200), np.float32)
    for row, top in enumerate(range(100, 700, 70)):
        for column, left in enumerate(range(200, 800, 60)):
            short = 10 if column in (2, 3, 6) else 0
            ink[top : top + 54, left + 43 : left + 46] = 1
            ink[top : top + 54 - short, left : left + 3] = 1
            ink[[*range(top, top + 3), *range(top + 51, top + 54)], left : left + 46] = 1
            ink[top + 15 : top + 35, left + 15 + (7 * row + column) % 11 : left + 30] = 1
    blurred = Image.fromarray(np.uint8(255 * ink)).filter(ImageFilter.GaussianBlur(1))
    askew = np.asarray(blurred.rotate(1, Image.Resampling.BICUBIC), np.float32) / 255
    assert len(form_lines(askew).upright.bands) == 20


def test_bars_in_rows_are_no_lines_of_boxes_that_are_even_without_them():
    ink = np.zeros((900, 1200), np.float32)
    for top in range(100, 700, 60):
        ink[[top, top + 52], 200:901] = 1
        ink[top : top + 53, 200:901:70] = 1
        if top % 180 == 100:  # as far from the next box as its sides lie apart
            ink[top + 8, 200:901] = np.arange(701) % 70 > 35
    assert len(form_lines(ink).level.bands) == 20
