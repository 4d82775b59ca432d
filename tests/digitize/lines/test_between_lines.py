"""A cell that was cut out of a form with dark lines is read by itself."""

from __future__ import annotations

import numpy as np
import pytest
from read_once import mnist_once

from mxdigits.digitize.digits.likeness import likeness
from mxdigits.digitize.lines.between_lines import between_lines
from mxdigits.digitize.mnist_form import digitize_one


def cell(dark, image=None, high=10, seed=3):
    """A cell between dark lines that cross the picture, with a pale digit."""
    page = np.full((110, 100), 0.95)
    page[[*range(high, high + 4), *range(96, 100)]] = 0.15
    page[:, [*range(5, 9), *range(90, 94)]] = 0.15
    if image is not None:
        page[25:81, 20:76] *= 1 - dark * np.kron(image, np.ones((2, 2))) / 255
    return page + np.random.default_rng(seed).normal(0, 0.01, page.shape)


@pytest.mark.parametrize("which", range(8))
def test_pencil_between_dark_lines_is_read(which):
    image = mnist_once().train.images[which, 0]
    found, count = digitize_one(cell(0.2, image))
    assert count == 1
    assert likeness(found[None])[0] > 0.9
    overlap = (found.astype(float) * image).sum()
    assert overlap > 0.7 * np.linalg.norm(found.astype(float)) * np.linalg.norm(image.astype(float))


@pytest.mark.parametrize("high", [0, 10])
def test_an_empty_cell_is_none_of_its_lines(high):
    assert digitize_one(cell(0.0, high=high))[1] == 0


@pytest.mark.parametrize(
    ("level", "upright", "shape"),
    [
        ([10, 90], [5, 75], (74, 64)),
        ([10], [70], None),  # a 1 that stands on a line
        ([10], [2, 70], (86, 62)),
        ([20, 80], [5], (54, 71)),
        ([40, 60], [5], None),  # one of many cells
        ([10], [], None),
        ([], [10], None),
        ([], [], None),
        (range(10, 100, 20), [40], None),  # no gap is as wide as a cell
    ],
)
def test_the_widest_cell_between_lines_that_cross(level, upright, shape):
    ink = np.zeros((100, 80), np.float32)
    ink[list(level)] = 1
    ink[:, list(upright)] = 1
    found = between_lines(1 - ink, ink)
    assert (None if found is None else found.shape) == shape
    assert found is None or found.min() == 1


def test_the_cell_of_lines_askew_holds_nothing_of_them():
    y, x = np.mgrid[:120, :120]
    lines = abs(x - 100 + 0.03 * y) < 2
    for high in (4, 20):
        lines |= abs(y - high - 0.03 * x) < 2
    found = between_lines(np.where(lines, 0.1, 0.9).astype(np.float32), lines.astype(np.float32))
    assert found is not None
    assert found.min() == np.float32(0.9)
    assert min(found.shape) > 85


def test_a_one_on_squared_paper_is_no_line_of_it():
    page = np.full((400, 400), 0.9)
    page[[*range(60, 62), *range(240, 242)]] = page[:, [*range(100, 102), *range(280, 282)]] = 0.4
    for y in range(260, 341):
        page[y, 150 - y // 12 : 159 - y // 12] = 0.1
    page += np.random.default_rng(5).normal(0, 0.02, page.shape)
    assert digitize_one(np.clip(page, 0, 1))[1] == 1
