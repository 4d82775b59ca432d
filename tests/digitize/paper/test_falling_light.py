"""Light that falls off to all sides: under a lamp, and at the dark corners of a photograph."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mxdigits.digitize.mnist_form import digitize
from mxdigits.digitize.paper.light import bowl_of

FOUR = [(0.6, 0.2), (0.32, 0.6), (0.74, 0.6)], [(0.62, 0.4), (0.62, 0.85)]


def four(width, height, pen):
    """The ink of a large 4 in a thin pen, float (H, W) from 0 to 1."""
    drawn = Image.new("L", (width, height))
    for stroke in FOUR:
        path = [(x * width, y * height) for x, y in stroke]
        ImageDraw.Draw(drawn).line(path, fill=255, width=pen, joint="curve")
    return np.asarray(drawn, np.float64) / 255


@pytest.mark.parametrize("fall", [0.15, 0.35, 0.5])
@pytest.mark.parametrize("contrast", [0.15, 0.4])
@pytest.mark.parametrize("centre", [(0.5, 0.5), (0.4, 0.35)])
def test_a_pale_digit_is_found_in_light_that_falls_to_all_sides(fall, contrast, centre):
    height, width = 640, 480
    y, x = np.mgrid[:height, :width] / max(height, width)
    away = (x - centre[0] * width / height) ** 2 + (y - centre[1]) ** 2
    light = 0.85 * (1 - fall * away / 0.39)
    noise = np.random.default_rng(3).normal(0, 0.006, light.shape)
    ink = four(width, height, 7)
    found = digitize(np.float32(light * (1 - contrast * ink) + noise))
    expected = digitize(np.float32(0.9 - 0.8 * ink))
    assert np.abs(found.astype(float) - expected).sum() < 0.3 * expected.sum(dtype=float)


def test_ink_in_the_middle_is_no_bowl():
    y, x = np.mgrid[:48, :64] / 64
    middle = (x - 0.5) ** 2 + (y - 0.375) ** 2
    page = np.where(middle < 0.09, 0.3, 0.9).astype(np.float32)
    assert bowl_of(page, (4, 4)) is None
