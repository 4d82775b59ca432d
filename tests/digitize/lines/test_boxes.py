"""Frames, boxes, grids and underlines are taken away; digits keep their strokes."""

from __future__ import annotations

import numpy as np
import pytest
from digitize.reading import far
from PIL import Image, ImageDraw
from read_once import mnist_once

from mxdigits.digitize.ink.pieces import pieces_of
from mxdigits.digitize.lines.boxes import without_boxes
from mxdigits.digitize.mnist_form import digitize, find_digits


@pytest.fixture(scope="module")
def images():
    return mnist_once().test.images[:30, 0]


@pytest.fixture(scope="module")
def read(images):
    """What each is in a cell without lines."""
    return [digitize(cell(image)) for image in images]


def cell(image, side=140):
    """A digit in dark ink in the middle of a cell."""
    page = np.full((side, side), 230, np.uint8)
    edge = (side - 84) // 2
    large = np.asarray(Image.fromarray(image).resize((84, 84), Image.Resampling.BICUBIC))
    page[edge : edge + 84, edge : edge + 84] = 230 - large * 0.8
    return page


def framed(page, gap, thick):
    """A page with a frame so far from its edge."""
    lines = np.zeros(page.shape, bool)
    far_edge = len(page) - gap
    lines[gap:far_edge, gap:far_edge] = True
    lines[gap + thick : far_edge - thick, gap + thick : far_edge - thick] = False
    return np.where(lines, np.uint8(40), page)


@pytest.mark.parametrize("thick", [1, 2, 4, 8, 11])
@pytest.mark.parametrize("gap", [0, 1, 5, 12])
def test_a_frame_does_not_matter(images, read, gap, thick):
    framed_cells = [framed(cell(image), gap, thick) for image in images[::2]]
    found = [far(digitize(page), wanted) for page, wanted in zip(framed_cells, read[::2])]
    assert np.median(found) < 0.1
    assert np.quantile(found, 0.9) < 0.35  # moved by a pixel


@pytest.mark.parametrize("length", [60, 84, 110, 140])
@pytest.mark.parametrize("gap", [0, 4, 15])
def test_an_underline_does_not_matter(images, read, length, gap):
    found = []
    for image, wanted in zip(images[::2], read[::2]):
        page, rows = cell(image), np.flatnonzero(image.max(axis=1) > 60)
        under, left = 28 + 3 * (rows[-1] + 1) + gap, (140 - length) // 2
        page[under : under + 3, left : left + length] = 60
        found.append(far(digitize(page), wanted))
    # Where the line touches the digit, it may take a pixel of its stroke along.
    assert np.median(found) < (0.15 if gap else 0.3)


@pytest.mark.parametrize("pen", [6, 9, 13])
@pytest.mark.parametrize("stub", [0, 8, 16])
@pytest.mark.parametrize("rise", [-4, 0, 3])
def test_the_base_of_a_2_is_no_underline(pen, stub, rise):
    """It is straight, much longer than what stands on it, and may begin before the neck ends."""
    page = Image.new("L", (140, 140), 230)
    draw = ImageDraw.Draw(page)
    draw.line([(52, 36), (58, 26), (70, 24), (78, 34), (74, 50), (44, 100)], 30, pen, joint="curve")
    draw.line([(44 - stub, 100), (118, 100 - rise)], 30, pen)
    base = digitize(np.asarray(page))[16:]
    assert (base.max(axis=0) > 60).sum() >= 16  # of 20 columns


@pytest.mark.parametrize("pen", [4, 8])
@pytest.mark.parametrize("rise", [-6, 0, 5])
def test_the_base_of_a_2_that_is_much_wider_than_high_is_no_underline(pen, rise):
    page = Image.new("L", (300, 140), 230)
    draw = ImageDraw.Draw(page)
    draw.line([(104, 44), (120, 30), (150, 34), (146, 52), (84, 100)], 30, pen, joint="curve")
    draw.line([(84, 100), (220, 100 - rise)], 30, pen)
    found = np.flatnonzero(digitize(np.asarray(page)).max(axis=1) > 60)
    assert len(found) <= 14  # of 20 rows: without its base it would be as high as wide


@pytest.mark.parametrize("stub", [0, 1, 3])
@pytest.mark.parametrize("right", [20, 23])
def test_the_base_of_a_2_in_a_small_picture_is_no_underline(stub, right):
    page = np.full((28, 28), 255, np.uint8)
    rows = {4: (9, 14), 5: (7, 8), 6: (6, 6), 7: (15, 15), 8: (15, 15), 9: (15, 15), 10: (14, 14)}
    rows |= {11: (13, 14), 12: (12, 13), 13: (11, 12), 14: (10, 11), 15: (9, 10), 16: (8, 9)}
    rows |= {17: (7, 8), 18: (6, 7), 19: (6 - stub, right)}
    for row, (first, last) in rows.items():
        page[row, first : last + 1] = 0
    base = digitize(page)[16:]
    assert (base.max(axis=0) > 60).sum() >= 15  # of 20 columns


def test_digits_are_kept_as_they_are(images):
    for image in images:
        assert without_boxes(pieces_of(image.astype(np.float32) / 255)) is None


@pytest.mark.parametrize("gap", [0, 5, 30])
def test_an_empty_box_is_no_digit(gap):
    page = framed(np.full((140, 140), 230, np.uint8), gap, 4)
    assert not digitize(page).any()
    assert find_digits(page) == []


def test_a_box_around_nothing_is_kept_out_of_the_digits():
    page = framed(np.full((140, 140), 230, np.uint8), 12, 3)
    assert find_digits(np.tile(page, (2, 3))) == []


def test_the_cells_of_a_grid_are_read(images, read):
    cells = [framed(cell(image), 0, 2) for image in images[:12]]
    grid = np.vstack([np.hstack(cells[row : row + 4]) for row in (0, 4, 8)])
    found = find_digits(np.pad(grid, 30, constant_values=230))
    assert [digit.line for digit in found] == [0] * 4 + [1] * 4 + [2] * 4
    for digit, wanted in zip(found, read):
        assert far(digit.image, wanted) < 0.3


@pytest.mark.parametrize("degrees", [-2, -1.4, -0.7, 0.7, 1.4, 2])
@pytest.mark.parametrize("gap", [0, 20])
def test_the_thin_boxes_of_a_form_that_lies_askew_are_taken_away(images, degrees, gap):
    cells = [np.pad(framed(cell(i, 100), 0, 1), gap, constant_values=230) for i in images[:12]]
    form = np.vstack([np.hstack(cells[row : row + 6]) for row in (0, 6)])
    page = Image.fromarray(np.pad(form, 60, constant_values=230))
    turned = page.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=230)
    assert len(find_digits(np.asarray(turned))) == 12


@pytest.mark.parametrize("cells", [2, 3])
@pytest.mark.parametrize("between", [3, 6])
def test_the_lines_between_few_cells_are_no_digits(images, cells, between):
    """As of a date; cells with a frame each have lines twice as thick between them."""
    page = np.full((180, 60 + 100 * cells), 230, np.uint8)
    page[20:160, 30 : 30 + 100 * cells] = 40
    for number in range(cells):
        left = 30 + 100 * number + (3 if number == 0 else between // 2)
        right = 130 + 100 * number - (3 if number == cells - 1 else between - between // 2)
        page[23:157, left:right] = 230
        ink = np.asarray(Image.fromarray(images[number]).resize((84, 84)))[:, 6:78]
        page[48:132, left + 8 : left + 80] = 230 - ink * 0.8
    assert len(find_digits(page)) == cells


@pytest.mark.parametrize("degrees", [-2, -1.5, 1.5, 2])
def test_a_long_row_of_small_cells_leaves_nothing_of_its_upright_lines(images, degrees):
    """The row rises by more than half of a cell, so that its lines are shorter than its piece."""
    small = [np.asarray(Image.fromarray(cell(i, 100)).resize((40, 40))) for i in images[:24]]
    row = np.hstack([framed(each, 0, 1)[:, :-1] for each in small])
    page = Image.fromarray(np.pad(row, 60, constant_values=230))
    turned = page.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=230)
    assert len(find_digits(np.asarray(turned))) == 24


def test_a_stroke_that_crosses_a_box_is_kept():
    page = framed(np.full((140, 140), 230, np.uint8), 20, 3)
    page[50:135, 66:74] = 40
    rows = np.flatnonzero(digitize(page).max(axis=1) > 60)
    assert (rows[0], rows[-1]) == (4, 23)


def test_a_one_as_high_as_its_box_nearly_is_kept():
    page = framed(np.full((140, 140), 230, np.uint8), 20, 3)
    page[27:112, 66:72] = 40
    rows = np.flatnonzero(digitize(page).max(axis=1) > 60)
    assert (rows[0], rows[-1]) == (4, 23)


@pytest.mark.parametrize("side", ["top", "bottom", "left", "right"])
def test_a_bar_that_lies_along_a_line_of_its_box_is_kept(side):
    """As that of a 7 or of a 5 does."""
    upright = framed(np.full((140, 140), 230, np.uint8), 20, 3)
    upright[23:29, 40:100] = upright[23:100, 66:74] = 40
    page = np.rot90(upright, ["top", "left", "bottom", "right"].index(side))
    found = np.rot90(digitize(page), -["top", "left", "bottom", "right"].index(side))
    assert np.count_nonzero(found[:10].max(axis=0) > 60) >= 14
    assert 2 <= np.count_nonzero(found[20] > 60) <= 4


def test_digits_on_both_sides_of_a_line_are_not_joined_by_it(images):
    page = framed(np.full((140, 140), 230, np.uint8), 0, 2)
    page[60:134, 66:74] = 40
    stacked = np.pad(np.vstack([page, page[::-1]]), 30, constant_values=230)
    assert len(find_digits(stacked)) == 2


def test_a_grid_of_thick_lines_is_taken_away(images, read):
    found = []
    for image, wanted in zip(images, read):
        page = cell(image)
        page[[*range(12, 18), *range(122, 128)]] = page[:, [*range(10, 16), *range(124, 130)]] = 60
        found.append(far(digitize(page), wanted))
    assert np.quantile(found, 0.9) < 0.35


def row_of_cells(page, left, top, cells, *, wide=60, high=40, thick=3, shade=40):
    """A long box, divided by upright lines."""
    right, bottom = left + cells * wide + thick, top + high + thick
    for x in range(left, right, wide):
        page[top:bottom, x : x + thick] = shade
    page[top : top + thick, left:right] = page[bottom - thick : bottom, left:right] = shade


def ones(page, left, top, cells, *, wide=60, first=8, last=35, shade=110):
    """A 1 in each cell, between two heights."""
    for cell_number in range(cells):
        x = left + cell_number * wide + wide // 2
        page[top + first : top + last, x : x + 4] = shade


def askew(page, degrees):
    return np.asarray(
        Image.fromarray(page).rotate(degrees, Image.Resampling.BICUBIC, fillcolor=230)
    )


@pytest.mark.parametrize("degrees", [0, 0.5, -1])
def test_rows_of_cells_are_divided_though_strokes_go_beyond_them_or_join_them(degrees):
    page = np.full((400, 1400), 230, np.uint8)
    for row in range(6):
        row_of_cells(page, 80, 60 + 46 * row, 20)
        ones(page, 80, 60 + 46 * row, 20)
    page[50:85, 290:294] = 110  # one goes beyond the first row
    page[115:180, 410:414] = 110  # and one joins two
    found = find_digits(askew(page, degrees))
    # Of the three that the strokes are drawn in nothing is said.
    assert sum(20 < digit.box[3] - digit.box[1] < 32 for digit in found) >= 117
    assert len(found) <= 120


def test_a_stroke_from_line_to_line_is_none_of_a_rows_upright_lines():
    page = np.full((120, 1400), 230, np.uint8)
    row_of_cells(page, 80, 40, 20)
    ones(page, 80, 40, 20)
    ones(page, 80 + 5 * 60, 40, 1, first=0, last=43)
    assert len(find_digits(page)) == 20


def test_the_bar_of_a_7_beside_a_boxs_line_is_no_line():
    ink = np.zeros((80, 80), np.float32)
    ink[5:75, 5:75] = 1
    ink[8:72, 8:72] = 0
    ink[12:16, 8:66] = ink[12:62, 62:66] = 1
    cleaned = without_boxes(pieces_of(ink))
    assert cleaned[12:16, 20:60].min() == 1
    assert cleaned[5].max() == 0
