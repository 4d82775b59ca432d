"""The lines of even boxes, also of those that are hardly darker than paper."""

from __future__ import annotations

import numpy as np
import pytest

from mxdigits.digitize.lines.even_form_lines import even_form_lines
from mxdigits.digitize.lines.strokes_along import strokes_along


@pytest.mark.parametrize("shade", [0.82, 0.9])
def test_lines_that_are_paper_to_the_ink_are_found_in_noise_and_uneven_light(shade):
    random = np.random.default_rng(3)
    dark = np.full((700, 700), 0.95, np.float32)
    for at in range(50, 651, 50):
        dark[at : at + 2, 50:652] = dark[50:652, at : at + 2] = 0.95 * shade
    ink = np.zeros_like(dark)
    for row, column in np.ndindex(12, 12):
        ink[60 + 50 * row : 92 + 50 * row, 60 + 50 * column : 64 + 50 * column] = 1
        ink[60 + 50 * row : 92 + 50 * row, 86 + 50 * column : 90 + 50 * column] = 1
    dark = np.where(ink > 0, np.float32(0.1), dark) * np.linspace(1, 0.7, 700, dtype=np.float32)
    dark += random.normal(0, 0.01, dark.shape).astype(np.float32)
    found = even_form_lines(ink, dark, None)
    assert (len(found.level.bands), len(found.upright.bands)) == (13, 13)


def test_writing_and_noise_without_lines_are_no_form():
    random = np.random.default_rng(4)
    ink = np.zeros((700, 700), np.float32)
    for row, column in np.ndindex(12, 12):
        ink[60 + 50 * row : 92 + 50 * row, 70 + 50 * column : 74 + 50 * column] = 1
    dark = np.float32(0.9) - np.float32(0.8) * ink
    dark += random.normal(0, 0.05, dark.shape).astype(np.float32)
    assert even_form_lines(ink, dark, None) is None


@pytest.mark.parametrize("dashed", [True, False])
def test_whole_sides_of_boxes_are_strokes_over_dashes_but_not_over_what_noise_broke(dashed):
    """The line of 23 boxes: of dashes, some of which a stroke joins, or of sides with holes."""
    ink = np.zeros(23 * 44, np.float32)
    random = np.random.default_rng(5)
    for begin in range(0, len(ink), 44):
        side = ink[begin : begin + 37]
        side[:] = 1
        if dashed:
            side[3::5] = side[4::5] = 0
        else:
            side[random.random(len(side)) < 0.2] = 0
    joined = slice(440, 462)
    if dashed:
        ink[joined] = 1
    along = strokes_along(ink, 0.5 * ink, ink, np.ones(len(ink), bool))
    assert bool(along[joined].all()) == dashed
    assert along.sum() <= 40 * dashed


def test_a_line_is_no_darker_at_its_end_than_the_paper_beyond_it():
    """What is free beyond the end is paper: noise, with nothing beside it."""
    ink = np.where(np.arange(600) < 400, 1.0, 0.02)
    dark = np.where(ink > 0.5, 0.6, 0.1)
    assert not strokes_along(ink, dark, 2 * ink, np.ones(600, bool)).any()


@pytest.mark.parametrize(("wide", "kept"), [(20, True), (6, False)])
def test_a_line_thicker_for_the_length_of_a_bar_has_a_stroke_on_its_edge(wide, kept):
    """What is as wide as a pen only ends at the line."""
    ink, total = np.ones(600), np.full(600, 3.0)
    total[300 : 300 + wide] += 0.8
    along = strokes_along(ink, 0.6 * ink, total, np.ones(600, bool))
    assert np.flatnonzero(along).tolist() == (list(range(300, 300 + wide)) if kept else [])
