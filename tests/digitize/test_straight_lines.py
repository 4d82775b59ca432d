"""Straight lines that shadows and folds leave are no digits."""

from __future__ import annotations

import numpy as np
import pytest

from mxdigits.digitize.ink.straight import is_straight


@pytest.mark.parametrize(("bent", "expected"), [(0, True), (1, True), (6, False)])
def test_a_line_is_told_from_a_one_with_a_flag(bent, expected):
    image = np.zeros((28, 28), np.uint8)
    image[4:24, 14:16] = image[5:7, 14 - bent : 14] = 255
    assert is_straight(image) is expected
