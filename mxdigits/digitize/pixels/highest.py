"""Grey-scale dilation, the highest value around each pixel; and the closing made from it."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ...arrays import Floats

Value = TypeVar("Value", bound=np.generic)


def highest_around(values: NDArray[Value], window: int) -> NDArray[Value]:
    """The highest value in the square of ``window`` pixels, an odd number, about each pixel.

    For a mask: whether any pixel there is set.

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
    """Values with dark strokes filled in that are narrower than ``window`` pixels.

    Example:
        >>> closed(np.array([[5, 5, 0, 5, 5, 0, 0, 0]]), window=3).tolist()
        [[5, 5, 5, 5, 5, 0, 0, 0]]
    """
    return -highest_around(-highest_around(values, window), window)


def _going_on(values: NDArray[Value], radius: int) -> NDArray[Value]:
    """Rows of values, with the first and the last repeated ``radius`` times outside of them."""
    made = np.empty((len(values) + 2 * radius, values.shape[1]), values.dtype)
    made[:radius], made[len(made) - radius :] = values[0], values[-1]
    made[radius : len(made) - radius] = values
    return made
