"""Tiny pictures, such as the images of MNIST as files: read as they are and as pages."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from read_once import mnist_once

from mxdigits.digitize.digits.likeness import LEAST
from mxdigits.digitize.mnist_form import find_digits
from mxdigits.digitize.paper.enlarging import enlarged

SOME = range(12)  # of MNIST's test images


@pytest.mark.parametrize("side", [20, 28, 40, 60])
@pytest.mark.parametrize("light_on_dark", [True, False])
def test_each_image_is_one_digit_in_its_place(side, light_on_dark):
    for image in mnist_once().test.images[SOME, 0]:
        picture = np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC))
        (digit,) = find_digits(picture if light_on_dark else 255 - picture)
        assert digit.likeness >= LEAST
        rows, columns = (np.flatnonzero((picture > 127).any(axis=axis)) for axis in (1, 0))
        left, top, right, bottom = digit.box
        # The box of a digit that leans is that of the turned one, which is larger.
        assert max(left - columns[0], top - rows[0]) <= 1
        assert max(columns[-1] - right, rows[-1] - bottom) <= 0
        middle = columns[0] + columns[-1] + 1, rows[0] + rows[-1] + 1
        assert np.abs(np.subtract(middle, (left + right, top + bottom))).max() / 2 <= side / 10


def test_a_blank_tiny_picture_shows_no_digit():
    for value in (0, 128, 255):
        assert find_digits(np.full((28, 28), value, np.uint8)) == []


@given(high=st.integers(1, 130), wide=st.integers(1, 130))
def test_only_tiny_pictures_are_enlarged(high, wide):
    light = np.full((high, wide), 0.5, np.float32)
    large, matrix = enlarged(light)
    assert max(large.shape) >= 60
    assert (large is light) == (max(high, wide) >= 60)
    assert (matrix @ [large.shape[1], large.shape[0], 1]).round(9).tolist() == [wide, high, 1]
