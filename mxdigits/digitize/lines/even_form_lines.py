"""The lines of a form of even cells, also where they are dashed or hardly darker than paper.

Such lines are easily taken for others: only where they lie apart as those of boxes do are they
believed, and are better than others that do not.
"""

from __future__ import annotations

from typing import Optional

import numpy as np

from ...arrays import Floats
from .form_lines import FormLines, form_lines
from .rules import Rules

_GAPS = (3, 1)  # pixels, half of the gaps between dashes at most: lines that lie so close are one
_EVEN, _OFF = 0.97, 2  # of the distances between lines are one of two; pixels


def even_form_lines(ink: Floats, seen: Optional[FormLines]) -> Optional[FormLines]:
    """The lines of a form of even cells; what was seen of it where none are found that are even.

    Args:
        ink: (H, W) from 0 for paper to 1 for ink.
        seen: what :func:`form_lines` finds there.

    Example:
        >>> ink = np.zeros((400, 400), np.float32)
        >>> for row in range(50, 351, 50):
        ...     ink[row, 50:351] = ink[50:351, row] = np.arange(301) % 6 > 2
        >>> form_lines(ink) is None, len(even_form_lines(ink, None).level.bands)
        (True, 7)
    """
    best, most = seen, 0.0 if seen is None else _evenness(seen)
    for gap in _GAPS:
        if most == 1 or (found := form_lines(ink, gap)) is None:
            break
        if (even := _evenness(found)) > max(most, _EVEN):
            best, most = found, even
    return best


def _evenness(lines: FormLines) -> float:
    """How many lines lie as far from the next one as the sides of boxes do, as a share.

    Boxes are as wide, or as high, and have the same gaps between them.
    """
    return min(_share_of_two(each) for each in (lines.level, lines.upright))


def _share_of_two(lines: Rules) -> float:
    """How many distances between lines are one of two, as a share."""
    apart = np.diff([(begin + end) / 2 for begin, end in lines.bands])
    near = np.abs(apart[:, None] - apart) <= _OFF
    others = near[~near[near.sum(axis=1).argmax()]]
    return float((near.sum(axis=1).max() + others.sum(axis=1).max(initial=0)) / len(apart))
