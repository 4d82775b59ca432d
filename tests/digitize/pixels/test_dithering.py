"""Pages of one bit: the dots of grey are no ink."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from read_once import mnist_once

from mxdigits.digitize.digits.likeness import LIKELY
from mxdigits.digitize.mnist_form import digitize, find_digits
from mxdigits.digitize.pixels.dithering import without_dither

# Bayer's pattern of 4 x 4.
BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]])


def page(paper: float) -> np.ndarray:
    """Two rows of five digits, from 0 for black to 255 for white."""
    test = mnist_once().test
    ink = np.zeros((280, 560))
    for at in range(10):
        image = test.images[np.flatnonzero(test.labels == at)[4], 0]
        top, left = 30 + 120 * (at // 5), 30 + 100 * (at % 5)
        ink[top : top + 84, left : left + 84] = Image.fromarray(image).resize((84, 84))
    return np.rint(255 * paper * (1 - 0.85 * ink / 255)).astype(np.uint8)


def diffused(grey: np.ndarray) -> np.ndarray:
    """By Floyd and Steinberg, as Pillow does it."""
    return 255 * np.asarray(Image.fromarray(grey).convert("1"), np.uint8)


def ordered(grey: np.ndarray) -> np.ndarray:
    high, wide = grey.shape
    least = 255 * (np.tile(BAYER, (high // 4, wide // 4)) + 0.5) / 16
    return np.where(grey > least, 255, 0).astype(np.uint8)


@pytest.mark.parametrize("dithered", [diffused, ordered])
@pytest.mark.parametrize("paper", [0.9, 0.6])
def test_the_digits_of_a_dithered_page_are_found(dithered, paper):
    found = [digit for digit in find_digits(dithered(page(paper))) if digit.likeness >= LIKELY]
    assert [digit.line for digit in found] == [0] * 5 + [1] * 5


@pytest.mark.parametrize("dithered", [diffused, ordered])
@pytest.mark.parametrize("paper", [0.9, 0.6])
def test_a_dithered_picture_of_one_digit_is_read_as_if_it_were_grey(dithered, paper):
    grey = page(paper)[10:134, 10:134]
    seen, same = digitize(dithered(grey)).astype(float), digitize(grey).astype(float)
    assert np.abs(seen - same).sum() < 0.25 * (seen.sum() + same.sum())


@pytest.mark.parametrize("levels", [(0, 255), (40, 200)])
def test_a_grey_of_any_two_levels_is_its_mean(levels):
    dots = np.indices((40, 60)).sum(axis=0) % 2
    light = np.where(dots, *levels).astype(np.float32) / 255
    assert np.allclose(without_dither(light)[4:-4, 4:-4], sum(levels) / 510)


@pytest.mark.parametrize(
    "light",
    [
        page(0.9) / np.float32(255),
        (page(0.9) > 120).astype(np.float32),
        np.ones((40, 60), np.float32),
        np.indices((40, 60)).sum(axis=0) % 3 / np.float32(2),  # of three levels
        np.indices((40, 59)).sum(axis=0) % np.float32(2),  # as small as drawings of single pixels
    ],
)
def test_what_is_not_dithered_stays_as_it_is(light):
    assert without_dither(light) is light


@given(high=st.integers(1, 20), wide=st.integers(60, 80), seed=st.integers(0, 9))
def test_any_size_of_two_levels_has_its_size_and_range(high, wide, seed):
    light = np.random.default_rng(seed).integers(0, 2, (high, wide)).astype(np.float32)
    smooth = without_dither(light)
    assert (smooth.shape, smooth.dtype) == (light.shape, light.dtype)
    assert light.min() <= smooth.min()
    assert smooth.max() <= light.max()
