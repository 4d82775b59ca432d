"""The highest values of an array about each place: a grey-scale dilation, and a closing by it."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ...arrays import Floats

Value = TypeVar("Value", bound=np.generic)


def highest_around(values: NDArray[Value], window: int) -> NDArray[Value]:
    """The highest value in the square of ``window`` pixels, an odd number, about each pixel.

    Of a mask: whether any is set there.

    Example:
        >>> highest_around(np.array([[0, 0, 0, 5]]), window=3).tolist()
        [[0, 0, 5, 5]]
    """
    for axis in (0, 1):
        values, side = _going_on(values.swapaxes(0, axis), window // 2), 1
        while side < window:  # a window of two halves that may overlap
            further = min(side, window - side)
            values = np.maximum(values[:-further], values[further:])
            side += further
        values = values.swapaxes(0, axis)
    return values


def closed(values: Floats, window: int) -> Floats:
    """Values with what is lower and narrower than ``window`` pixels filled in: dark strokes.

    Example:
        >>> closed(np.array([[5, 5, 0, 5, 5, 0, 0, 0]]), window=3).tolist()
        [[5, 5, 5, 5, 5, 0, 0, 0]]
    """
    return -highest_around(-highest_around(values, window), window)


def _going_on(values: NDArray[Value], radius: int) -> NDArray[Value]:
    """Rows of values, and as many before and after them that are as the first and the last."""
    made = np.empty((len(values) + 2 * radius, values.shape[1]), values.dtype)
    made[:radius], made[len(made) - radius :] = values[0], values[-1]
    made[radius : len(made) - radius] = values
    return made
