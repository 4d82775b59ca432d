"""What is dark along a page's edge, such as a table, a thing or a dark corner, hides no digit."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter
from read_once import mnist_once

from mxdigits.digitize.mnist_form import find_digits

HEIGHT, WIDTH = 480, 640
PLACES = [(x, y) for y in (90, 220) for x in range(20, 590, 82)]
PEN = 0.45  # of the paper's light is left where there is ink: paler than what lies at the edge


@pytest.fixture(scope="module")
def page():
    """Two rows of digits that reach almost from edge to edge, luminance (H, W) from 0 to 1."""
    ink = np.zeros((HEIGHT, WIDTH), np.uint8)
    for image, (x, y) in zip(mnist_once().test.images[:, 0], PLACES):
        large = Image.fromarray(image).resize((56, 56), Image.Resampling.BICUBIC)
        ink[y : y + 56, x : x + 56] = np.asarray(large)
    noise = np.random.default_rng(2).normal(0, 0.01, ink.shape)
    return ((0.85 + noise) * (1 - (1 - PEN) * ink / 255)).astype(np.float32)


def soft(mask: np.ndarray) -> np.ndarray:
    """A mask out of focus."""
    image = Image.fromarray((255 * mask).astype(np.uint8)).filter(ImageFilter.GaussianBlur(2))
    return np.asarray(image, np.float32) / 255


def assert_all_are_found(picture: np.ndarray) -> None:
    found = find_digits(picture.astype(np.float32))
    for x, y in PLACES:
        there = [each for each in found if x <= each.box[0] and each.box[2] <= x + 56]
        there = [each for each in there if y <= each.box[1] and each.box[3] <= y + 56]
        assert len(there) == 1, (x, y)
    assert sum(each.likeness > 0.5 for each in found) == len(PLACES)


@pytest.mark.parametrize("deep", [20, 110])
def test_a_dark_thing_at_an_edge_hides_no_digit(page, deep):
    thing = np.zeros((HEIGHT, WIDTH), bool)
    thing[HEIGHT - deep :, WIDTH // 6 :] = True
    picture = page * (1 - 0.85 * soft(thing))
    assert_all_are_found(picture)


@pytest.mark.parametrize("dark", [0.3, 0.45])
def test_dark_corners_hide_no_digit(page, dark):
    y, x = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
    light = 1 - (1 - dark) * ((x**2 + y**2) / 2) ** 1.5
    assert_all_are_found(page * light)


def test_the_table_beside_a_torn_edge_hides_no_digit(page):
    torn = 8 + 6 * np.sin(np.arange(WIDTH) / 40) + np.random.default_rng(3).normal(0, 1, WIDTH)
    table = np.arange(HEIGHT)[:, None] < torn
    table |= np.arange(HEIGHT)[::-1, None] < torn[::-1]
    assert_all_are_found(page * (1 - 0.9 * soft(table)))
