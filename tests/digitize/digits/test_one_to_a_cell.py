"""The cells of a form are judged one by one, where they hold one digit each."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw
from read_once import mnist_once

from mxdigits.digitize.digits.cut_at_lines import cut_at_lines
from mxdigits.digitize.digits.one_to_a_cell import one_to_a_cell
from mxdigits.digitize.filled_form import filled_form
from mxdigits.digitize.ink.pieces import pieces_of
from mxdigits.digitize.lines.cells import Cells
from mxdigits.digitize.lines.form_lines import FormLines, form_lines
from mxdigits.digitize.lines.rules import Rules
from mxdigits.digitize.mnist_form import find_digits

WIDE, HIGH, LEFT, TOP = 60, 48, 90, 70
ROWS, COLUMNS = 8, 12


@pytest.fixture(scope="module")
def digits():
    """Digits of MNIST, cut close and 30 pixels high at most."""
    cut = []
    for image in mnist_once().train.images[: ROWS * COLUMNS, 0]:
        rows, columns = (np.flatnonzero((image > 60).any(axis=axis)) for axis in (1, 0))
        ink = Image.fromarray(image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
        share = 30 / max(ink.size)
        sized = ink.resize(
            [max(3, round(side * share)) for side in ink.size], Image.Resampling.BICUBIC
        )
        cut.append(np.asarray(sized, np.float32) / 255)
    return cut


def ruled(thick=2, shade=0.6, ticks=1.0):
    """A grid on white paper; of its upright lines a share stands on each level line."""
    page = np.full((2 * TOP + ROWS * HIGH, 2 * LEFT + COLUMNS * WIDE), 0.95, np.float32)
    for row in range(ROWS + 1):
        y = TOP + row * HIGH
        page[y : y + thick, LEFT : LEFT + COLUMNS * WIDE + thick] *= shade
    for column in range(COLUMNS + 1):
        x = LEFT + column * WIDE
        for row in range(ROWS):
            below = TOP + (row + 1) * HIGH
            page[below - round(ticks * (HIGH - thick)) : below, x : x + thick] *= shade
    return page


def write(page, ink, row, column, dark=0.2, down=0, right=0):
    """Write ink into the middle of a cell, or so far from it."""
    y = TOP + row * HIGH + (HIGH - ink.shape[0]) // 2 + down
    x = LEFT + column * WIDE + (WIDE - ink.shape[1]) // 2 + right
    page[y : y + ink.shape[0], x : x + ink.shape[1]] *= 1 - (1 - dark) * ink


def filled(digits, page, **how):
    for number, ink in enumerate(digits):
        write(page, ink, *divmod(number, COLUMNS), **how)
    return page


def cells_of(found):
    """The cell of each digit, by the middle of its box."""
    return [
        (int((box[1] + box[3]) / 2 - TOP) // HIGH, int((box[0] + box[2]) / 2 - LEFT) // WIDE)
        for box in (digit.box for digit in found)
    ]


EVERY = [(row, column) for row in range(ROWS) for column in range(COLUMNS)]


def test_lines_that_are_too_pale_to_be_seen_part_cells_too(digits):
    ink = 1 - filled(digits, np.ones_like(ruled()), dark=0)
    level, upright = (
        Rules(0.0, [(place, place + 1) for place in range(begin, begin + count * step + 1, step)])
        for begin, step, count in ((TOP, HIGH, ROWS), (LEFT, WIDE, COLUMNS))
    )
    seen = Rules(0.0, [level.bands[row] for row in (0, 1, 2, 5, 8)])
    everywhere = slice(0, ink.shape[0]), slice(0, ink.shape[1])
    few, all_there = (
        one_to_a_cell(ink, 1 - ink, Cells(FormLines(everywhere, each, upright)))
        for each in (seen, level)
    )
    assert len(few.digits) == len(all_there.digits) == len(EVERY)


@pytest.mark.parametrize(("thick", "shade"), [(1, 0.7), (3, 0.2), (6, 0.5)])
@pytest.mark.parametrize("ticks", [1.0, 0.5])
def test_every_cell_has_its_digit_whatever_its_lines_are(digits, thick, shade, ticks):
    page = filled(digits, ruled(thick, shade, ticks))
    assert cells_of(find_digits(page)) == EVERY


def test_a_broken_digit_is_one_and_specks_and_bits_of_lines_are_none(digits):
    page = filled(digits, ruled())
    page[TOP + 5 * HIGH : TOP + 6 * HIGH, LEFT + 4 :] = ruled()[TOP + 5 * HIGH :][:HIGH, LEFT + 4 :]
    ring = np.zeros((30, 20), np.float32)
    ring[:3] = ring[-3:] = ring[:, :3] = ring[:, -3:] = 1
    ring[13:17] = 0  # broken in two
    for column in range(COLUMNS):
        write(page, ring, 5, column)
        write(page, np.ones((2, 2), np.float32), 5, column, right=22, down=10)
        write(page, np.ones((18, 2), np.float32), 5, column, right=-25)
    assert cells_of(find_digits(page)) == EVERY


def test_a_zero_in_two_strokes_is_one_though_one_of_them_looks_like_a_digit(digits):
    page = filled(digits, ruled())
    page[TOP + 5 * HIGH : TOP + 6 * HIGH, LEFT + 4 :] = ruled()[TOP + 5 * HIGH :][:HIGH, LEFT + 4 :]
    strokes = Image.new("L", (22, 30))
    draw = ImageDraw.Draw(strokes)
    draw.line([(15, 1), (7, 19)], 255, 4)
    draw.line([(2, 28), (15, 21)], 255, 4)
    for column in range(COLUMNS):
        write(page, np.asarray(strokes, np.float32) / 255, 5, column)
    found = find_digits(page)
    assert cells_of(found) == EVERY
    high = [digit.box[3] - digit.box[1] for digit in found]
    assert min(high[5 * COLUMNS : 6 * COLUMNS]) >= 28


@pytest.mark.parametrize("shade", [0.35, 0.6])
def test_the_bars_of_sevens_on_the_upper_lines_of_their_cells_are_theirs(digits, shade):
    page, seven = filled(digits, ruled(3, shade)), np.zeros((34, 20), np.float32)
    seven[:3] = seven[:, 16:] = 1
    cells = [(row, column) for row in range(1, ROWS) for column in (2, 6, 9)]
    for row, column in cells:
        page[TOP + row * HIGH + 3 : TOP + (row + 1) * HIGH, LEFT + column * WIDE + 3 :][
            :, : WIDE - 3
        ] = 0.95
        write(page, seven, row, column, down=-(HIGH - 34) // 2)
    found = find_digits(page)
    assert cells_of(found) == EVERY
    wide = {cell: digit.box[2] - digit.box[0] for cell, digit in zip(EVERY, found)}
    assert {cell for cell in cells if not 18 <= wide[cell] <= 23} == set()


@pytest.mark.parametrize("pale", [True, False])
def test_dashed_lines_and_hardly_visible_ones_part_cells_too(digits, pale):
    """Some digits are as pale as the lines, and some touch them."""
    lines = ruled(2, 0.88 if pale else 0.5)
    y, x = np.indices(lines.shape)
    if not pale:
        lines[((x - LEFT) % 8 >= 5) & ((y - TOP) % HIGH < 2)] = 0.95
        lines[((y - TOP) % 8 >= 5) & ((x - LEFT) % WIDE < 2)] = 0.95
    page = filled(digits, lines)
    for number in range(0, len(EVERY), 5):
        row, column = EVERY[number]
        cell = page[TOP + row * HIGH + 2 :, LEFT + column * WIDE + 2 :][: HIGH - 2, : WIDE - 2]
        cell[:] = 0.95
        write(page, digits[number], row, column, dark=0.75 if pale else 0.3, down=0 if pale else -9)
    page += np.random.default_rng(6).normal(0, 0.012, page.shape).astype(np.float32)
    assert cells_of(find_digits(page)) == EVERY


def test_digits_that_cross_a_line_and_meet_are_those_of_their_cells():
    page, bar = ruled(), np.ones((34, 5), np.float32)
    filled([bar] * len(EVERY), page)
    for column in range(0, COLUMNS, 3):
        write(page, np.ones((64, 5), np.float32), 3, column, down=HIGH // 2)
    assert sorted(cells_of(find_digits(page))) == EVERY


def test_a_stroke_is_cut_also_where_a_line_that_is_askew_makes_a_step():
    places = range(0, 401, 50)
    rules = Rules(0.02, [(place, place + 1) for place in places])
    lines = FormLines((slice(50, 460), slice(50, 460)), rules, Rules(0.0, list(rules.bands)))
    ink, mask = np.zeros((520, 520), np.float32), lines.mask((520, 520))
    for at in range(60, 441, 50):
        for row in range(60, 441, 50):
            ink[row : row + 34, at + 10 : at + 14] = 1
    row = int(np.flatnonzero(mask[190:210, 270])[0]) + 190
    step = next(x for x in range(255, 295) if mask[row, x] != mask[row, x + 1])
    ink[row - 44 : row + 40, 255:295] = 0
    ink[row - 44 : row + 40, step - 3 : step + 5] = 1
    assert len(one_to_a_cell(ink, 1 - ink, Cells(lines)).digits) == 64


def test_pale_and_stout_digits_are_found_where_others_are_neither(digits):
    page = filled(digits, ruled())
    stout = np.zeros((20, 18), np.float32)
    y, x = np.mgrid[:20, :18]
    stout[((y - 5) / 5.5) ** 2 + ((x - 9) / 6) ** 2 <= 1] = 1
    stout[((y - 14) / 5.5) ** 2 + ((x - 9) / 7) ** 2 <= 1] = 1
    stout[4:6, 7:11] = stout[13:15, 7:11] = 0  # an 8 by a felt tip
    for cell in ((2, 3), (6, 9)):
        empty(page, *cell)
    write(page, stout, 2, 3)
    write(page, digits[75], 6, 9, dark=0.7)
    assert cells_of(find_digits(page)) == EVERY


def test_pale_digits_between_dark_lines_are_found_in_noise_but_no_specks(digits):
    page = ruled(3, 0.15)
    for number, ink in enumerate(digits):
        write(page, ink, *divmod(number, COLUMNS), dark=0.8 if number % 3 else 0.3)
    for column in range(COLUMNS):
        empty(page, 4, column)
        write(page, np.ones((2, 2), np.float32), 4, column, dark=0.8)
    page += np.random.default_rng(5).normal(0, 0.02, page.shape).astype(np.float32)
    assert cells_of(find_digits(page)) == [cell for cell in EVERY if cell[0] != 4]


def empty(page, row, column):
    y, x = TOP + row * HIGH + 2, LEFT + column * WIDE + 2
    page[y : y + HIGH - 2, x : x + WIDE - 2] = 0.95


def ink_of(page):
    """Ink, without its lines, the page's luminance, and the cells between the lines."""
    ink = np.clip((0.95 - page) / 0.75, 0, 1).astype(np.float32)
    lines = form_lines(ink)
    return lines.taken_from(ink), page, Cells(lines)


def test_a_table_of_longer_numbers_is_no_such_form(digits):
    page = filled(digits, ruled(), right=-14)
    assert one_to_a_cell(*ink_of(page)) is not None
    assert one_to_a_cell(*ink_of(filled(digits, page, right=14))) is None


def test_squared_paper_on_which_digits_lie_anywhere_is_no_such_form(digits):
    page, random = ruled(), np.random.default_rng(3)
    for row, column in EVERY[COLUMNS:-COLUMNS]:
        down, right = random.integers(-HIGH // 2, HIGH // 2), random.integers(-30, 30)
        write(page, digits[row * COLUMNS + column], row, column, down=down, right=right)
    assert one_to_a_cell(*ink_of(page)) is None


def test_a_form_without_ink_has_no_digits():
    assert one_to_a_cell(*ink_of(ruled())) is None
    assert find_digits(ruled()) == []


@pytest.mark.parametrize("right", [20, 23])
def test_the_bar_of_a_seven_on_a_line_stays_with_it_though_the_stem_of_another_meets_it(right):
    lines = Rules(0.0, [(at, at + 3) for at in range(0, 301, 50)])
    cells = Cells(FormLines((slice(50, 353), slice(50, 353)), lines, lines))
    ink = np.zeros((400, 400), np.float32)
    ink[60:100, 110 + right : 113 + right] = 1  # a stem of the cell above
    ink[100:104, 110:135] = ink[100:140, 130:135] = ink[100:110, 110:113] = 1  # a seven
    above, below = cut_at_lines(pieces_of(ink), cells).boxes.tolist()
    assert above == [110 + right, 60, 113 + right, 100]
    assert below == [110, 100, 135, 140]


def test_dashed_lines_are_found_where_every_third_seems_whole():
    """The ones that seem whole are as even as all of them, but leave room for several digits."""
    ink = np.zeros((500, 900), np.float32)
    for at in range(50, 411, 40):
        ink[at : at + 2, 50:773] = 1
    for number, at in enumerate(range(50, 771, 40)):
        ink[50:412, at : at + 2] = 1
        if number % 3:
            ink[:, at : at + 2] *= (np.arange(500) % 5 < 2)[:, None]
    for row, column in np.ndindex(9, 18):
        left = 60 + 40 * column + 5 * (row % 4)
        ink[60 + 40 * row : 82 + 40 * row, left : left + 3] = 1
    seen = form_lines(ink)
    assert len(seen.upright.bands) == 7
    assert len(filled_form(ink, 1 - 0.8 * ink, seen).digits) == 9 * 18
