"""A form whose lines converge or are bent is flattened, and its digits are read cell by cell."""

from __future__ import annotations

import numpy as np
import pytest

from mxdigits.digitize.ink.pieces import pieces_of
from mxdigits.digitize.lines.flattening import flattened
from mxdigits.digitize.lines.form_lines import form_lines
from mxdigits.digitize.mnist_form import find_digits

HIGH, WIDE = 1000, 900
ROWS, COLUMNS = 20, 16


def drawn():
    """The lines of a form, and the bars in its cells."""
    lines, bars = np.zeros((2, HIGH, WIDE), np.float32)
    for row in range(ROWS + 1):
        lines[80 + 42 * row : 83 + 42 * row, 60 : 63 + 48 * COLUMNS] = 1
    for column in range(COLUMNS + 1):
        lines[80 : 83 + 42 * ROWS, 60 + 48 * column : 63 + 48 * column] = 1
    for row, column in np.ndindex(ROWS, COLUMNS):
        left = 78 + 48 * column + 3 * (row % 4)
        bars[89 + 42 * row : 117 + 42 * row, left : left + 4] = 1
    return lines, bars


def seen(page, bend, converging):
    """A page as a lens bends it, and with sides that converge."""
    y, x = np.mgrid[:HIGH, :WIDE].astype(np.float64)
    x, y = x - WIDE / 2, y - HIGH / 2
    far = 1 + converging * (x + y) / HIGH + 4 * bend * (x * x + y * y) / (HIGH**2 + WIDE**2)
    at = (np.rint(y * far + HIGH / 2).astype(int), np.rint(x * far + WIDE / 2).astype(int))
    inside = (at[0] >= 0) & (at[0] < HIGH) & (at[1] >= 0) & (at[1] < WIDE)
    return np.where(inside, page[at[0].clip(0, HIGH - 1), at[1].clip(0, WIDE - 1)], np.float32(0))


@pytest.mark.parametrize(("bend", "converging"), [(0.1, 0), (-0.06, 0), (0, 0.15), (0.05, -0.12)])
def test_bent_lines_are_made_straight_and_places_are_found_again(bend, converging):
    lines, bars = (seen(each, bend, converging) for each in drawn())
    ink = np.maximum(lines, bars)
    before = form_lines(ink)
    assert before is None or len(before.level.bands) + len(before.upright.bands) < ROWS + COLUMNS
    page = flattened(ink, 1 - ink)
    found = form_lines(page.ink)
    assert (len(found.level.bands), len(found.upright.bands)) == (ROWS + 1, COLUMNS + 1)
    pieces = pieces_of(np.maximum(found.taken_from(page.ink), 0))
    size = pieces.boxes[:, 2:] - pieces.boxes[:, :2]
    boxes = page.boxes_before(pieces.boxes[size.max(axis=1) > 20])
    there = pieces_of(bars).boxes
    assert len(there) == ROWS * COLUMNS
    assert np.abs(there[:, None] - boxes).max(axis=2).min(axis=1).max() <= 4


def test_each_cell_of_a_bent_form_has_its_digit_where_it_is_in_the_picture():
    lines, bars = (seen(each, 0.05, 0.1) for each in drawn())
    found = find_digits(np.clip(0.9 - 0.4 * lines - 0.8 * bars, 0, 1).astype(np.float32))
    there = pieces_of(bars).boxes
    boxes = np.array([digit.box for digit in found])
    assert len(boxes) == ROWS * COLUMNS
    assert np.abs(boxes[:, None] - there).max(axis=2).min(axis=1).max() <= 5
    assert [digit.line for digit in found] == np.repeat(np.arange(ROWS), COLUMNS).tolist()


@pytest.mark.parametrize("kind", ["straight", "noise", "scattered", "narrow"])
def test_a_page_without_bent_lines_is_left_as_it_is(kind):
    lines, bars = drawn()
    random = np.random.default_rng(6)
    scattered = np.zeros_like(bars)
    for top, left in zip(random.integers(HIGH - 30, size=300), random.integers(WIDE, size=300)):
        scattered[top : top + 28, left : left + 4] = 1
    ink = {
        "straight": np.maximum(lines, bars),
        "noise": random.random(bars.shape).astype(np.float32) ** 8,
        "scattered": scattered,
        "narrow": bars[:, :15],
    }[kind]
    assert flattened(ink, 1 - ink) is None
