"""Any picture of a digit to the form of MNIST's: white ink on black, 28 x 28, centred."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .picture import MOST_PIXELS, open_picture

__all__ = ["MOST_PIXELS", "SIZE", "Digit", "digitize", "find_digits", "open_picture"]

SIZE = 28  # pixels of the side of MNIST's images
BOX = 20  # pixels of the side of the square that holds the ink


@dataclass(frozen=True, eq=False)
class Digit:
    """A digit found in a picture.

    ``box`` is (left, top, right, bottom) in pixels of the picture, the last two just beyond;
    ``image`` is uint8 (28, 28), as of :func:`digitize`.
    """

    box: tuple[int, int, int, int]
    image: NDArray[np.uint8]


def digitize(picture: NDArray[Any]) -> NDArray[np.uint8]:
    """One digit in MNIST's form, uint8 (28, 28): ink up to 255 on 0."""
    ink = _ink(picture)
    return _centred(ink)


def find_digits(picture: NDArray[Any]) -> list[Digit]:
    """Every digit of a picture, in reading order."""
    ink = _ink(picture)
    if not ink.any():
        return []
    height, width = ink.shape
    return [Digit((0, 0, width, height), _centred(ink))]


def _ink(picture: NDArray[Any]) -> NDArray[np.float32]:
    light = np.asarray(picture, np.float32) / (255 if picture.dtype == np.uint8 else 1)
    ink = np.abs(light - np.median(light))
    return ink / max(float(ink.max()), 1e-6) * (ink.max() > 0.05)


def _centred(ink: NDArray[np.float32]) -> NDArray[np.uint8]:
    rows, columns = np.flatnonzero((ink > 0.2).any(axis=1)), np.flatnonzero((ink > 0.2).any(axis=0))
    if not len(rows):
        return np.zeros((SIZE, SIZE), np.uint8)
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = BOX / max(cut.shape)
    height, width = (max(1, round(side * scale)) for side in cut.shape)
    small = np.asarray(Image.fromarray(cut).resize((width, height), Image.Resampling.BICUBIC))
    small = np.clip(small / max(float(small.max()), 1e-6), 0, 1)
    mass = small.sum()
    top = round(SIZE / 2 - float(small.sum(axis=1) @ np.arange(height) / mass))
    left = round(SIZE / 2 - float(small.sum(axis=0) @ np.arange(width) / mass))
    top, left = min(max(top, 0), SIZE - height), min(max(left, 0), SIZE - width)
    image = np.zeros((SIZE, SIZE), np.uint8)
    image[top : top + height, left : left + width] = np.rint(small * 255)
    return image
