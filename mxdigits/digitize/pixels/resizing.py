"""Resizes arrays of light or ink, by Pillow."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ...arrays import Floats, Numbers


def resized(values: Numbers, width: int, height: int, how: Image.Resampling) -> Floats:
    """An array in another size, by Pillow.

    Example:
        >>> resized(np.ones((20, 10)), 5, 8, Image.Resampling.BOX).shape
        (8, 5)
    """
    image = Image.fromarray(np.ascontiguousarray(values, np.float32))
    return np.asarray(image.resize((width, height), how))


def reduced(values: Floats, side: int) -> Floats:
    """An array whose longer side is at most ``side``, each pixel the mean of what it covers.

    Example:
        >>> reduced(np.ones((2000, 1000), np.float32), side=100).shape
        (100, 50)
    """
    height, width = values.shape
    share = side / max(height, width)
    if share >= 1:
        return values
    size = max(1, round(width * share)), max(1, round(height * share))
    return resized(values, *size, Image.Resampling.BOX)
