"""Finds the cell between lines that cross the whole picture, as in a cutout of a form."""

from __future__ import annotations

from typing import Optional

import numpy as np

from ...arrays import Floats, Shape
from .paper_lines import rules_of
from .rules import Rules

_BESIDE = 0.01  # of the longer side, and a pixel: most width of a line's blurred edge
_LEAST_LINES = 3  # level and upright ones: of two, one may be a 1 that stands on the other
_LEAST = 0.5  # of the picture's side: smaller cells are some of many, as on squared paper


def between_lines(light: Floats, ink: Floats) -> Optional[Floats]:
    """The light of the widest cell between lines that cross; None if there is none.

    Beside dark lines a pencil looks as pale as a shadow; without them it does not.

    Args:
        light: luminance from 0 to 1, (H, W).
        ink: the ink in that light, with the lines, (H, W).

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


def _widest(rules: Rules, shape: Shape) -> Optional[slice]:
    """The widest gap between rules, without the margins that their slope and blur need."""
    height, width = shape
    ends = np.array([(0, 0), *rules.bands, (height, height)])
    begins, ends = ends[:-1, 1], ends[1:, 0]
    at = int((ends - begins).argmax())
    beside = 1 + round(_BESIDE * max(shape) + abs(rules.slope) * width / 2)
    begin = int(begins[at]) + beside * (begins[at] > 0)
    end = int(ends[at]) - beside * (ends[at] < height)
    return slice(begin, end) if end - begin >= _LEAST * height else None
