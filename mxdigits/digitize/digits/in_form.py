"""The ink of one digit in the form of MNIST's images: 28 x 28, scaled to fit and centred."""

from __future__ import annotations

from typing import Optional

import numpy as np
from PIL import Image

from ...arrays import Floats, Pixels
from ..pixels.highest import highest_around
from ..pixels.resizing import reduced, resized
from .size import SIZE

BOX = 20  # pixels of the side of the square that holds the ink

_THINNEST = 1.8  # pixels of 28: least thickness of strokes; all but a tenth of MNIST's have more
_DRAWN = 8 * BOX  # pixels of the longer side of a digit when its strokes are measured


def in_form(ink: Floats) -> Pixels:
    """The ink of one digit, cut close, in the form of MNIST's images.

    Args:
        ink: from 0 for paper to 1 for ink, (H, W).

    Example:
        >>> in_form(np.ones((40, 5), np.float32)).shape
        (28, 28)
    """
    small = inked_fully(_boxed(_thick_enough(reduced(ink, _DRAWN))))
    height, width = small.shape
    mass = float(small.sum())
    top = round(SIZE / 2 - float(small.sum(axis=1) @ np.arange(height)) / mass)
    left = round(SIZE / 2 - float(small.sum(axis=0) @ np.arange(width)) / mass)
    top, left = min(max(top, 0), SIZE - height), min(max(left, 0), SIZE - width)
    image = np.zeros((SIZE, SIZE), np.uint8)
    image[top : top + height, left : left + width] = np.rint(small * 255)
    return image


def _boxed(ink: Floats) -> Floats:
    share = BOX / max(ink.shape)
    height, width = (max(1, round(side * share)) for side in ink.shape)
    return resized(ink, width, height, Image.Resampling.BICUBIC)


def inked_fully(small: Floats, full: Optional[float] = None) -> Floats:
    """Scale ink so that the darkest, or ``full``, is 1: scaling down has made thin strokes paler.

    Example:
        >>> inked_fully(np.array([[0.2, 0.5]])).tolist()
        [[0.4000000059604645, 1.0]]
    """
    shares = np.maximum(small / (full or small.max()), 0)  # np.clip takes longer
    return np.minimum(shares, 1, dtype=np.float32)


def as_dark_as_usual(ink: Floats) -> Floats:
    """Ink scaled so that its usual value is 1: as in a black-and-white scan, however pale the pen.

    Half of the ink is in pixels that are paler than the usual value.

    Example:
        >>> as_dark_as_usual(np.array([[0.2, 0.5, 0.5, 1.0]])).tolist()
        [[0.4000000059604645, 1.0, 1.0, 1.0]]
    """
    each = np.sort(ink[ink > 0])
    below = each.cumsum()
    full = float(each[np.searchsorted(below, below[-1] / 2)])
    return ink if full == 1 else inked_fully(ink, full)


def _thick_enough(ink: Floats) -> Floats:
    """A digit with its strokes made so thick that something is left of them in 20 x 20."""
    share = BOX / max(ink.shape)
    inked = np.zeros((ink.shape[0] + 2, ink.shape[1] + 2), bool)
    inked[1:-1, 1:-1] = ink > 0.5
    border = np.count_nonzero(inked[1:] != inked[:-1])
    border += np.count_nonzero(inked[:, 1:] != inked[:, :-1])
    # A stroke's border is twice its length, and in pixels 4 / pi times as long on average.
    thickness = 2 * float(ink.sum()) / max(border * np.pi / 4, 1)
    lacking = round((_THINNEST / share - thickness) / 2)
    if lacking <= 0:
        return ink
    wide = np.zeros([side + 2 * lacking for side in ink.shape], np.float32)  # np.pad takes longer
    wide[lacking:-lacking, lacking:-lacking] = ink
    return highest_around(wide, 2 * lacking + 1)
