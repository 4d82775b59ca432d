"""Views of images for test-time augmentation: each is shifted and turned a little."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from ..arrays import Floats, Images, Integers

_SHIFT = 1.0  # pixels
_TURN = 6.0  # degrees
# Steps between successive directions, and angles, that spread any number of them evenly.
_DIRECTION = math.pi * (3 - math.sqrt(5))
_ANGLE = (math.sqrt(5) - 1) / 2


def views(images: Images, count: int) -> Iterator[Images]:
    """The images themselves, then ``count - 1`` views of all of them, shifted and turned.

    Each view is shifted by one pixel in a direction of its own, and turned by up to six degrees
    about the middle of the image. Outside of the images is background, 0; values between pixels
    are interpolated linearly.

    Args:
        images: uint8 (N, C, H, W).
        count: at least 1; the same number always gives the same views.

    Example:
        >>> images = np.full((2, 1, 28, 28), 255, np.uint8)
        >>> [view.shape for view in views(images, 2)]
        [(2, 1, 28, 28), (2, 1, 28, 28)]
    """
    yield images
    for place in range(1, count):
        direction = place * _DIRECTION
        turn = math.radians(_TURN * (2 * (place * _ANGLE % 1) - 1))
        shift = _SHIFT * math.cos(direction), _SHIFT * math.sin(direction)
        yield _moved(images, *shift, turn)


def _moved(images: Images, right: float, down: float, turn: float) -> Images:
    """All images turned by radians, clockwise as seen, and then shifted by pixels."""
    height, width = images.shape[2:]
    v, u = np.mgrid[:height, :width].astype(np.float64)
    u, v = u - (width - 1) / 2 - right, v - (height - 1) / 2 - down
    cos, sin = math.cos(turn), math.sin(turn)
    column = cos * u + sin * v + (width - 1) / 2
    row = cos * v - sin * u + (height - 1) / 2
    left, top = np.floor(column), np.floor(row)
    found = np.zeros(images.shape, np.float32)
    for below in (0, 1):
        for beside in (0, 1):
            rows, columns = (top + below).astype(np.int64), (left + beside).astype(np.int64)
            share = (1 - np.abs(row - rows)) * (1 - np.abs(column - columns))
            found += _at(images, rows, columns) * share.astype(np.float32)
    return np.rint(found).astype(np.uint8)


def _at(images: Images, rows: Integers, columns: Integers) -> Floats:
    """The pixels at whole-number coordinates (H, W), float32 (N, C, H, W); 0 outside."""
    height, width = images.shape[2:]
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    pixels = images[:, :, rows.clip(0, height - 1), columns.clip(0, width - 1)]
    return pixels.astype(np.float32) * inside
