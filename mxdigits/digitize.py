"""Any picture of a digit to the form of MNIST's: white ink on black, 28 x 28, centred."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .components import label
from .errors import UsageError
from .ink import ink_of, reduced, resized
from .picture import MOST_PIXELS, open_picture

__all__ = ["MOST_PIXELS", "SIZE", "Digit", "digitize", "find_digits", "open_picture"]

SIZE = 28  # pixels of the side of MNIST's images
BOX = 20  # pixels of the side of the square that holds the ink

_DIGIT_SIDE = 1000  # pixels of the longer side at which one digit is looked for
_SEEN, _SURE = 0.2, 0.6  # a stroke is what is inked more than the one, and somewhere the other


@dataclass(frozen=True, eq=False)
class Digit:
    """A digit found in a picture.

    ``box`` is (left, top, right, bottom) in pixels of the picture, the last two just beyond;
    ``image`` is uint8 (28, 28), as of :func:`digitize`.
    """

    box: tuple[int, int, int, int]
    image: NDArray[np.uint8]


def digitize(picture: NDArray[Any]) -> NDArray[np.uint8]:
    """One digit in MNIST's form, uint8 (28, 28): ink up to 255 on 0; all 0 where there is no ink.

    Args:
        picture: luminance (H, W), float from 0 to 1 or uint8, of any size.
    """
    ink = ink_of(reduced(_light(picture), _DIGIT_SIDE))
    pieces = _strokes(ink)
    return _centred(np.where(pieces > 0, ink, 0))


def find_digits(picture: NDArray[Any]) -> list[Digit]:
    """Every digit of a picture, in reading order."""
    ink = ink_of(reduced(_light(picture), _DIGIT_SIDE))
    if not ink.any():
        return []
    height, width = ink.shape
    return [Digit((0, 0, width, height), _centred(ink))]


def _light(picture: NDArray[Any]) -> NDArray[np.float32]:
    light = np.asarray(picture)
    if light.ndim != 2 or not light.size:
        raise UsageError(f"a picture is an array (H, W), got one of shape {light.shape}")
    return np.asarray(light, np.float32) / (255 if light.dtype == np.uint8 else 1)


def _strokes(ink: NDArray[np.float32]) -> NDArray[np.int32]:
    """The pieces of the ink that may be a digit's, numbered: no specks, nothing that is pale."""
    pieces, count = label(ink > _SEEN)
    if not count:
        return pieces
    mass = np.bincount(pieces.ravel(), ink.ravel(), minlength=count + 1)
    peak = np.zeros(count + 1, np.float32)
    np.maximum.at(peak, pieces.ravel(), ink.ravel())
    keep = (peak > _SURE) & (mass >= 0.02 * mass[1:].max())
    keep[0] = False
    return np.where(keep[pieces], pieces, 0)


def _centred(ink: NDArray[np.float32]) -> NDArray[np.uint8]:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return np.zeros((SIZE, SIZE), np.uint8)
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = BOX / max(cut.shape)
    height, width = (max(1, round(side * scale)) for side in cut.shape)
    small = resized(cut, width, height, Image.Resampling.BICUBIC)
    small = np.clip(small / max(float(small.max()), 1e-6), 0, 1)
    mass = small.sum()
    top = round(SIZE / 2 - float(small.sum(axis=1) @ np.arange(height) / mass))
    left = round(SIZE / 2 - float(small.sum(axis=0) @ np.arange(width) / mass))
    top, left = min(max(top, 0), SIZE - height), min(max(left, 0), SIZE - width)
    image = np.zeros((SIZE, SIZE), np.uint8)
    image[top : top + height, left : left + width] = np.rint(small * 255)
    return image
