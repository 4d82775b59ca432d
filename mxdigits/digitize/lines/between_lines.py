"""The cell between lines that cross the whole picture, such as one that was cut out of a form."""

from __future__ import annotations

from typing import Optional

import numpy as np

from ...arrays import Floats
from .paper_lines import rules_of
from .rules import Rules

_BESIDE = 0.01  # of the longer side, and a pixel: so far a line's blurred edge may reach
_LEAST_LINES = 3  # level and upright: one may be a 1 that stands on the other
_LEAST = 0.5  # of the picture's side: what fills less is one of many cells, as of squared paper


def between_lines(light: Floats, ink: Floats) -> Optional[Floats]:
    """The light of the widest cell between lines that cross; None where there are none.

    Beside dark lines a pencil looks as pale as a shadow: by itself it does not.

    Args:
        light: luminance from 0 to 1, (H, W).
        ink: that was seen there, with the lines.

    Example:
        >>> ink = np.zeros((100, 80), np.float32)
        >>> ink[[10, 90]] = ink[:, [5, 75]] = 1
        >>> between_lines(1 - ink, ink).shape
        (74, 64)
    """
    level, upright = rules_of(ink), rules_of(ink.T)
    counts = len(level.bands), len(upright.bands)
    if min(counts) < 1 or sum(counts) < _LEAST_LINES:
        return None
    rows, columns = (_widest(*each) for each in ((level, ink.shape), (upright, ink.shape[::-1])))
    return light[rows, columns] if rows and columns else None


def _widest(rules: Rules, shape: tuple[int, ...]) -> Optional[slice]:
    """The widest gap between rules, without what their slope and blur take of it."""
    height, width = shape
    ends = np.array([(0, 0), *rules.bands, (height, height)])
    begins, ends = ends[:-1, 1], ends[1:, 0]
    at = int((ends - begins).argmax())
    beside = 1 + round(_BESIDE * max(shape) + abs(rules.slope) * width / 2)
    begin = int(begins[at]) + beside * (begins[at] > 0)
    end = int(ends[at]) - beside * (ends[at] < height)
    return slice(begin, end) if end - begin >= _LEAST * height else None
