"""Dashed and dotted lines are no digits, at any angle."""

import numpy as np
import pytest
from digitize.reading import far
from PIL import Image
from read_once import mnist_once

from mxdigits.digitize.ink.pieces import pieces_of
from mxdigits.digitize.lines.dashes import without_dashes
from mxdigits.digitize.mnist_form import digitize, find_digits


@pytest.fixture(scope="module")
def images():
    return mnist_once().test.images[:12, 0]


def cell(image, period):
    """A digit in a box of 100 x 100 of dashed lines, on paper."""
    page = np.full((140, 140), 230, np.uint8)
    large = np.asarray(Image.fromarray(image).resize((70, 70), Image.Resampling.BICUBIC))
    page[35:105, 35:105] = 230 - large * 0.8
    dashed = np.flatnonzero(np.arange(100) % period < 0.6 * period) + 20
    for at in (20, 117):
        page[at : at + 3, dashed] = 60
        page[dashed, at : at + 3] = 60
    return page


@pytest.mark.parametrize("period", [5, 8, 12])
@pytest.mark.parametrize("degrees", [0, 11])
def test_a_dashed_box_does_not_matter(images, period, degrees):
    found = []
    for image in images:
        pages = Image.fromarray(cell(image, period)), Image.fromarray(cell(image, 1000))
        plain = np.array(pages[1])
        plain[:33], plain[107:], plain[:, :33], plain[:, 107:] = 230, 230, 230, 230
        turned = [
            np.asarray(each.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=230))
            for each in (pages[0], Image.fromarray(plain))
        ]
        found.append(far(digitize(turned[0]), digitize(turned[1])))
    assert np.median(found) < 0.1


def test_a_form_of_dashed_boxes_is_read(images):
    cells = [cell(image, 6) for image in images]
    form = np.vstack([np.hstack(cells[row : row + 4]) for row in (0, 4, 8)])
    assert [digit.line for digit in find_digits(form)] == [0] * 4 + [1] * 4 + [2] * 4


def form_of_dashed_boxes(gap, degrees):
    """14 rows of 16 small boxes, a digit in each, on a sheet that lies askew."""
    page = np.full((80 + 14 * (34 + gap), 80 + 16 * (40 + gap)), 235, np.uint8)
    digits = mnist_once().test.images[: 14 * 16, 0].reshape(14, 16, 28, 28)
    for row in range(14):
        for column in range(16):
            box = page[40 + row * (34 + gap) :, 40 + column * (40 + gap) :][:34, :40]
            box[:2, np.arange(40) % 8 < 5] = box[-2:, np.arange(40) % 8 < 5] = 60
            box[np.arange(34) % 8 < 5, :2] = box[np.arange(34) % 8 < 5, -2:] = 60
            inside = box[3:31, 6:34]
            inside[:] = np.minimum(inside, 235 - digits[row, column] * 0.7)
    return np.asarray(
        Image.fromarray(page).rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=235)
    )


@pytest.mark.parametrize("gap", [8, 10])
@pytest.mark.parametrize("degrees", [0.7, 1.2, 2])
def test_a_form_of_small_dashed_boxes_is_read_as_it_lies(gap, degrees):
    lines = [digit.line for digit in find_digits(form_of_dashed_boxes(gap, degrees))]
    assert lines == [row for row in range(14) for _ in range(16)]


def test_rows_of_digits_and_few_specks_are_no_dashes(images):
    row = np.pad(np.hstack([images[i] for i in range(12)]), 20).astype(np.float32) / 255
    assert without_dashes(pieces_of(row)) is None
    row[5:8, 30:33] = row[5:8, 90:93] = 1
    assert without_dashes(pieces_of(row)) is None
    assert without_dashes(pieces_of(np.zeros((60, 60), np.float32))) is None


def test_the_short_sides_of_dashed_boxes_are_taken_away():
    """They have fewer dashes than make a line, and end before the corners."""
    ink = np.zeros((600, 800), np.float32)
    for top in range(20, 500, 90):
        for left in range(20, 700, 120):
            for x in range(left + 4, left + 96, 10):
                ink[[top, top + 1, top + 70, top + 71], x : x + 6] = 1
            for y in range(top + 10, top + 60, 10):
                ink[y : y + 6, [left - 8, left - 7, left + 103, left + 104]] = 1
            ink[top + 15 : top + 55, left + 45 : left + 50] = 1
    cleaned = without_dashes(pieces_of(ink))
    assert len(pieces_of(cleaned).boxes) == 6 * 6


@pytest.mark.parametrize("gap", [5, 9])
def test_small_dashed_boxes_are_taken_away(gap):
    """Their lines, close to each other, fill a good part of a form; their sides are short."""
    ink = np.zeros((600, 800), np.float32)
    for top in range(20, 540, 34 + gap):
        for left in range(20, 740, 40 + gap):
            for x in range(left, left + 40, 8):
                ink[[top, top + 1, top + 32, top + 33], x : x + 5] = 1
            for y in range(top + 8, top + 30, 8):
                ink[y : y + 5, [left, left + 1, left + 38, left + 39]] = 1
            ink[top + 8 : top + 27, left + 18 : left + 22] = 1
    cleaned = without_dashes(pieces_of(ink))
    size = np.diff(pieces_of(cleaned).boxes.reshape(-1, 2, 2), axis=1)[:, 0]
    columns, rows = (len(range(20, end, step + gap)) for end, step in ((740, 40), (540, 34)))
    assert size.tolist() == [[4, 19]] * (columns * rows)
