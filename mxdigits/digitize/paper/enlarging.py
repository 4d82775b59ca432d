"""Enlarges tiny pictures: strokes of two pixels cannot be told from specks and blots."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ...arrays import Doubles, Floats
from ..pixels.resizing import resized

_TINY = 60  # pixels of the longer side: what has fewer is enlarged to so many or more


def enlarged(light: Floats) -> tuple[Floats, Doubles]:
    """The light of a picture, enlarged if that is tiny, and the matrix back to the picture.

    Args:
        light: luminance from 0 to 1, (H, W).

    Example:
        >>> light, matrix = enlarged(np.ones((28, 20), np.float32))
        >>> light.shape, float(matrix[0, 0])
        ((84, 60), 0.3333333333333333)
    """
    height, width = light.shape
    times = -(-_TINY // max(height, width))
    if times > 1:
        size = times * width, times * height
        light = resized(light, *size, Image.Resampling.BICUBIC).clip(0, 1)
    return light, np.diag([1 / times, 1 / times, 1.0])
