"""Lines are taken away, and strokes that cross them or lie on them are kept."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mxdigits.digitize.lines.rules import Rules, erase

ROW = 60


def stroke(*points, pen=5):
    """A stroke of full ink, (120, 200)."""
    image = Image.new("L", (200, 120))
    ImageDraw.Draw(image).line(points, 255, pen)
    return np.asarray(image, np.float32) / 255


def erased(ink, thick):
    cleaned = ink.copy()
    erase(cleaned, Rules(0.0, [(ROW, ROW + thick)]))
    return cleaned


def with_line(ink, thick, shade):
    ink = ink.copy()
    ink[ROW : ROW + thick] = np.maximum(ink[ROW : ROW + thick], shade)
    return ink


@pytest.mark.parametrize("shade", [0.4, 0.7, 1.0])
@pytest.mark.parametrize("thick", [1, 2, 4])
@pytest.mark.parametrize("across", [-40, -20, 0, 20, 40])
def test_a_stroke_that_crosses_a_line_stays_whole(shade, thick, across):
    alone = stroke((100 - across, 20), (100 + across, 100))
    far = np.abs(erased(with_line(alone, thick, shade), thick) - alone)
    assert (far > 0.3).sum() <= 2 * thick


@pytest.mark.parametrize("thick", [1, 2, 3])
def test_a_darker_stroke_along_a_line_stays(thick):
    alone = stroke((80, ROW), (120, ROW), (120, 100), pen=3)
    assert (erased(with_line(alone, thick, 0.5), thick) == alone).all()


def test_a_line_goes_where_it_leaves_its_row():
    ink = np.zeros((120, 200), np.float32)
    rows = ROW + np.rint(2 * np.sin(np.arange(200) / 20)).astype(int)
    ink[rows, np.arange(200)] = ink[rows + 1, np.arange(200)] = 0.6
    assert erased(ink, 2).max() == 0


def test_ink_beside_a_line_stays():
    alone = stroke((60, 40), (60, ROW - 3), (140, ROW - 3), (140, 40), pen=3)
    assert (erased(with_line(alone, 2, 0.5), 2) == alone).all()


def test_strokes_stay_whole_where_the_line_is_gone():
    alone = stroke((20, ROW), (35, ROW)) + stroke((100, 20), (100, 100))
    assert (erased(alone, 5) == alone).all()


@pytest.mark.parametrize("thick", [2, 3])
def test_two_lines_that_are_one_band_are_both_taken_away(thick):
    alone = stroke((100, 20), (100, 100))
    ink = with_line(alone, thick, 1.0)
    ink[ROW + thick + 2 : ROW + 2 * thick + 2] = 1
    assert (erased(ink, 2 * thick + 2) == alone).all()


def noisy_line(line, shade):
    """A line of a shade where ``line`` says, three rows thick, on paper with noise, (120, 400)."""
    light = np.full((120, 400), 0.95)
    light[ROW : ROW + 3] = np.where(line, shade, 0.95)
    return light * np.random.default_rng(4).normal(1, 0.015, light.shape)


def erased_in(light, paper=0.95):
    """What is left of the ink, of which the line and all that is darker are full."""
    ink = np.clip((paper - light) / 0.3, 0, 1).astype(np.float32)
    erase(ink, Rules(0.0, [(ROW, ROW + 3)]), light.astype(np.float32))
    return ink


@pytest.mark.parametrize("shade", [0.3, 0.45, 0.6])
@pytest.mark.parametrize("wide", [6, 30])
def test_a_stroke_in_a_line_stays_by_its_darkness_where_both_are_full_ink(shade, wide):
    light = noisy_line(np.ones(400, bool), shade)
    light[ROW : ROW + 3, 150 : 150 + wide] *= 0.6
    ink = erased_in(light)
    assert (ink[ROW : ROW + 3, 150 : 150 + wide] > 0.5).mean() > 0.95
    assert max(ink[:, :149].max(), ink[:, 151 + wide :].max()) < 0.3


@pytest.mark.parametrize("shade", [0.1, 0.3, 0.6])
def test_nothing_stays_of_a_line_with_noise_in_it_and_light_that_falls_off(shade):
    falling = np.linspace(1, 0.7, 400)
    assert erased_in(noisy_line(np.ones(400, bool), shade) * falling, 0.95 * falling).max() < 0.3


def test_a_stroke_that_fills_gaps_of_a_dashed_line_stays():
    line = np.arange(400) % 8 < 5
    line[203:223] = True
    left = (erased_in(noisy_line(line, 0.1))[ROW : ROW + 3] > 0.5).all(axis=0)
    assert np.flatnonzero(left)[[0, -1]].tolist() == [200, 222]
