"""Commas and colons as high as low digits: beside digits they would be read as ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

import numpy as np

from ...arrays import Bools, Floats, Integers
from ..ink.straight import is_straight
from .parts import CERTAIN, Part

_LOW = 0.65  # times the height of the digits on both sides: most height of a comma or a colon
_TOP = 0.5  # of their height above their foot: highest top of a comma
_FOOT = 0.15  # of their height above their foot: highest foot of a comma or a colon
_NEAR = 0.8  # of their height: most distance of these digits
_STRAIGHTEST = 0.2  # most variance across a comma, over that along it
_GAP = (0.4, 0.6)  # of a colon's height: rows without ink between its points
_INK = 0.5  # least ink of a point


def are_commas(parts: Sequence[Part]) -> Bools:
    """Which parts are commas or colons between two sure digits.

    Args:
        parts: ink that may be digits, of the whole page.

    Example:
        >>> bar, comma = np.ones((20, 4), np.float32), np.ones((10, 3), np.float32)
        >>> parts = [Part.of(bar, (x, 10, x + 4, 30)) for x in (0, 30)]
        >>> are_commas([*parts, Part.of(comma, (16, 24, 19, 34))]).tolist()
        [False, False, True]
    """
    found = np.zeros(len(parts), bool)
    if not len(parts):
        return found
    boxes = np.array([part.box for part in parts])
    high = boxes[:, 3] - boxes[:, 1]
    sure = np.array([part.likeness >= CERTAIN for part in parts])
    low = high <= _LOW * np.max(high)
    for at in np.flatnonzero(low).tolist():
        beside = _beside(boxes[at], boxes[sure & (high * _LOW >= high[at])])
        if beside is not None and is_straight(parts[at].ink, _STRAIGHTEST):
            tall, foot = beside
            top, bottom = ((foot - side) / tall for side in boxes[at, [1, 3]].tolist())
            comma = top <= _TOP or _is_colon(parts[at].ink)
            found[at] = comma and bottom <= _FOOT
    return found


def _beside(box: Integers, digits: Integers) -> Optional[tuple[float, float]]:
    """The mean height and foot of the digits (N, 4) next to a box, if it has one on both sides."""
    left, top, right, bottom = box.tolist()
    high = digits[:, 3] - digits[:, 1]
    middle = (digits[:, 0] + digits[:, 2] - left - right) / 2
    level = (digits[:, 1] - 0.5 * high <= top) & (digits[:, 3] + 0.5 * high >= bottom)
    apart = np.maximum(digits[:, 0] - right, left - digits[:, 2])
    near = level & (apart <= _NEAR * high)
    sides = []
    for side in (middle < 0, middle > 0):
        some = np.flatnonzero(near & side)
        if not len(some):
            return None
        sides.append(digits[some[np.abs(middle[some]).argmin()]])
    one, other = sides
    return float(one[3] - one[1] + other[3] - other[1]) / 2, float(one[3] + other[3]) / 2


def _is_colon(ink: Floats) -> bool:
    """Whether nothing lies between the upper and the lower end of ink."""
    first, last = (round(share * len(ink)) for share in _GAP)
    return bool((ink[first:last] < _INK).all())
