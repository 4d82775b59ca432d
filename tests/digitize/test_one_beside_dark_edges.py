"""What runs along an edge of a picture or across it, and is darker than the pen, hides no digit."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mxdigits.digitize.mnist_form import digitize
from mxdigits.digitize.preprocessing import MNIST, Preprocessing

MNIST_FORM = Preprocessing(MNIST, (1, 28, 28))
THREE = [(0.35, 0.2), (0.55, 0.15), (0.68, 0.25), (0.62, 0.4), (0.48, 0.47)]
THREE += [(0.64, 0.53), (0.7, 0.68), (0.6, 0.82), (0.36, 0.84)]


def three(side, pen):
    """The ink of a 3, float (side, side) from 0 to 1."""
    drawn = Image.new("L", (side, side))
    path = [(x * side, y * side) for x, y in THREE]
    ImageDraw.Draw(drawn).line(path, fill=255, width=pen, joint="curve")
    return np.asarray(drawn, np.float64) / 255


def strip(x, y):
    """Where a table is seen along one side."""
    return x < 0.05 + 0.03 * y


def top(x, y):
    """Where it is seen above a sheet that lies askew."""
    return y < 0.06 + 0.04 * x


@pytest.mark.parametrize("dark", [strip, top])
@pytest.mark.parametrize("pen", [0.3, 0.45, 0.6])
def test_a_dark_table_at_the_edge_does_not_matter(dark, pen):
    y, x = np.mgrid[:480, :480] / 480
    ink = three(480, 9)
    page = 0.9 - (0.9 - pen) * ink + np.random.default_rng(4).normal(0, 0.01, ink.shape)
    found = digitize(np.float32(np.where(dark(x, y), 0.06, page)))
    expected = digitize(np.float32(0.9 - 0.8 * ink))
    assert np.abs(found.astype(float) - expected).sum() < 0.3 * expected.sum(dtype=float)


@pytest.mark.parametrize("dark", [strip, top])
def test_a_dark_table_alone_is_no_digit(dark):
    y, x = np.mgrid[:480, :480] / 480
    page = np.where(dark(x, y), 0.06, 0.9) + np.random.default_rng(5).normal(0, 0.01, x.shape)
    assert MNIST_FORM.counted_digit(np.float32(page))[1] == 0


@pytest.mark.parametrize("at", [(0.9, None), (None, 0.06), (0.04, 0.95)])
@pytest.mark.parametrize("pen", [0.45, 0.6])
def test_a_line_of_a_table_that_is_cut_out_with_a_digit_does_not_matter(at, pen):
    ink = three(200, 6)
    page = 0.95 - (0.95 - pen) * ink + np.random.default_rng(4).normal(0, 0.01, ink.shape)
    for line, share in zip((page, page.T), at):
        if share is not None:
            line[round(200 * share) :][:6] = 0.1
    found = digitize(np.float32(page))
    expected = digitize(np.float32(0.9 - 0.8 * ink))
    assert np.abs(found.astype(float) - expected).sum() < 0.3 * expected.sum(dtype=float)


@pytest.mark.parametrize("seed", range(4))
def test_a_line_of_a_table_alone_is_no_digit(seed):
    page = 0.95 + np.random.default_rng(seed).normal(0, 0.01, (200, 200))
    page[180:186] = 0.1
    assert MNIST_FORM.counted_digit(np.float32(page))[1] == 0
