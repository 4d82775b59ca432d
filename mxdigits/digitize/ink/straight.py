"""Straight lines that are no digit, as shadows and folds leave them."""

from __future__ import annotations

import numpy as np

from ...arrays import Pixels

_STRAIGHTEST = 0.03  # of its variance along it, has a line across: a straight one has 0.02


def is_straight(image: Pixels) -> bool:
    """Whether an image in MNIST's form shows no more than a straight line.

    Example:
        >>> image = np.zeros((28, 28), np.uint8)
        >>> image[4:24, 13:15] = 255
        >>> is_straight(image)
        True
        >>> image[4:7, 8:15] = 255
        >>> is_straight(image)
        False
    """
    y, x = np.mgrid[: len(image), : image.shape[1]].astype(np.float64)
    weight = image / image.sum(dtype=np.float64)
    x, y = x - (weight * x).sum(), y - (weight * y).sum()
    level, upright, askew = ((weight * each).sum() for each in (x * x, y * y, x * y))
    mean, apart = (level + upright) / 2, np.hypot((level - upright) / 2, askew)
    return bool(mean - apart < _STRAIGHTEST * (mean + apart))
