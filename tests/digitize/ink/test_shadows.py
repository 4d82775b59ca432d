"""Shadows and the edges of sheets show no digit; digits in a shadow do."""

from __future__ import annotations

import numpy as np
import pytest

from mxdigits.digitize.mnist_form import digitize, find_digits
from mxdigits.digitize.preprocessing import Preprocessing

HEIGHT, WIDTH = 400, 600
READ = Preprocessing("mnist", (1, 28, 28))


def paper(seed: int = 1) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 0.015, (HEIGHT, WIDTH))
    return (0.88 + noise).astype(np.float32)


def in_shadow(page: np.ndarray, angle: float, across: float, share: float = 0.4) -> np.ndarray:
    """A page with a sharp shadow on one side of a line."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    far = (x - across * WIDTH) * np.cos(angle) + (y - HEIGHT / 2) * np.sin(angle)
    return (page * (1 - share / (1 + np.exp(-(far / 2).clip(-50, 50))))).astype(np.float32)


@pytest.mark.parametrize("angle", np.radians([0, 7, 25, 60, 100, 140, 180, 200, 250, 320]))
@pytest.mark.parametrize("across", [0.25, 0.75])
def test_a_sharp_shadow_shows_no_digit(angle, across):
    blank = in_shadow(paper(), angle, across)
    assert READ.counted_digit(blank)[1] == 0
    assert READ.digits(blank) == []


@pytest.mark.parametrize("turned", range(4))
@pytest.mark.parametrize("wide", [0.04, 0.1])
def test_a_dark_strip_along_an_edge_shows_no_digit(turned, wide):
    blank = np.rot90(paper(), turned).copy()
    blank[:, : round(wide * blank.shape[1])] *= 0.4
    assert not digitize(blank).any()


@pytest.mark.parametrize("left", [150, 270, 400])
def test_a_digit_on_the_edge_of_a_shadow_is_read(left):
    page = paper()
    page[120:280, left : left + 24] *= 0.3
    page[120:144, left - 70 : left + 24] *= 0.3
    seen = in_shadow(page, np.radians(20), 0.5)
    assert READ.counted_digit(seen)[1] == 1
    assert len(find_digits(seen)) == 1


@pytest.mark.parametrize("shade", [0.9, 0.8])
def test_two_sides_of_a_sheet_on_a_light_table_show_no_digit(shade):
    table = paper()
    table[80:84, 150:450] *= shade
    table[80:330, 446:450] *= shade
    assert not digitize(table).any()


def test_a_thin_faint_digit_is_no_side_of_a_sheet():
    page = paper()
    for row in range(160):
        column = 300 + round(60 * np.sin(row / 25))
        page[100 + row, column : column + 5] *= 0.75
    assert digitize(page).any()


@pytest.mark.parametrize("turned", range(4))
def test_a_shadow_over_a_corner_that_reaches_three_edges_shows_no_digit(turned):
    y, x = np.mgrid[:700, :160]
    noise = np.random.default_rng(0).normal(0, 0.015, y.shape)
    blank = 0.88 + noise - 0.4 / (1 + np.exp(-((y + x - 600) / 2).clip(-50, 50)))
    blank = np.rot90(blank, turned)
    assert not digitize(blank).any()
    assert find_digits(blank) == []
