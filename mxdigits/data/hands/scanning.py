"""Coarse scans: some digits come to a data set with few pixels, in black and white, or both.

A scanner or a fax gives a small digit a height of one or two dozen pixels. There, close strokes
merge, thin ones break, and edges become steps, which are ragged if the paper was rough or the light
uneven. Enlarging does not undo this.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_SHARE = 0.1  # share of coarse scans among all digits
_PIXELS = 11, 21  # side of the square that holds the digit: at least, and less than
_BLACK_AND_WHITE = 0.7  # share of black-and-white scans among them; the others are grey
_LEVELS = 0.15, 0.38  # least inked share of a black pixel: range
_ROUGHEST = 0.5  # largest deviation of the ink of pixels at strokes' edges; 1 is full ink


def scanned(ink: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    """Some of the digits as coarse scans, the others as they are.

    Args:
        ink: the drawn digits, from 0 to 1, (N, side, side).
        random: chooses the digits, their numbers of pixels, and their levels of black.

    Example:
        >>> ink = np.ones((100, 20, 20), np.float32)
        >>> scanned(ink, np.random.default_rng(0)).shape
        (100, 20, 20)
    """
    count, side, _ = ink.shape
    pixels = np.where(random.random(count) < _SHARE, random.integers(*_PIXELS, count), 0)
    levels = random.uniform(*_LEVELS, count).astype(np.float32)
    grey = random.random(count) >= _BLACK_AND_WHITE
    made = ink.copy()
    for number in range(*_PIXELS):
        which = np.flatnonzero(pixels == number)
        if number > side or not len(which):
            continue
        coarser, finer = _averages(side, number), _enlargement(number, side)
        coarse = coarser @ ink[which] @ coarser.T
        coarse /= coarse.max(axis=(1, 2), keepdims=True)
        rough = _ROUGHEST * random.random((len(which), 1, 1)) * ((coarse > 0) & (coarse < 1))
        rough *= random.standard_normal(coarse.shape)
        black = (coarse + rough >= levels[which, None, None]).astype(np.float32)
        coarse = np.where(grey[which, None, None], coarse, black)
        enlarged = finer @ coarse @ finer.T
        made[which] = enlarged / enlarged.max(axis=(1, 2), keepdims=True)
    return made


@lru_cache(maxsize=128)
def _averages(side: int, pixels: int) -> NDArray[np.float32]:
    """Weights (pixels, side) that average a row of ``side`` pixels into fewer ``pixels``."""
    edges = np.linspace(0, side, pixels + 1)
    at = np.arange(side)
    shared = np.minimum(edges[1:, None], at + 1) - np.maximum(edges[:-1, None], at)
    return np.asarray(np.maximum(shared, 0) * pixels / side, np.float32)


@lru_cache(maxsize=128)
def _enlargement(pixels: int, side: int) -> NDArray[np.float32]:
    """Weights (side, pixels) that interpolate a row of ``pixels`` pixels linearly to ``side``."""
    places = np.clip((np.arange(side) + 0.5) * pixels / side - 0.5, 0, pixels - 1)
    return np.asarray(np.maximum(1 - np.abs(places[:, None] - np.arange(pixels)), 0), np.float32)
