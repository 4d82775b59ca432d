"""Finds underlines: level lines at the lower end of a piece of ink, on which the rest stands.

A line is longer than what stands on it.  On a page, a line as long as others in its row is an
underline, too, even if a digit on it begins where the line does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...arrays import Bools
from ..ink.pieces import Pieces

_BEYOND = 0.08  # of the width of what stands on a line: least that the line goes beyond, each side
_FREE = 0.1  # of a line's length: least that is free on either side of what stands on it
_FREE_PEN = 0.25  # the same for a line as thick as the pen: it may be the base of a 2
_THIN = 0.6  # of the pen's width: most thickness of a thin line
_ABOVE = 0.6  # of a piece's height: least that stands on the line
_ROW = 1.8  # least width over height of several digits on a line, or of a 2 with a long base
_LEAST_IN_ROW = 2  # so many other underlines, as long and at one height, make a line an underline
_AS_LONG = 0.04  # of its length: most that these differ in length
_AS_LOW = 0.15  # of its length: most that these lie higher or lower, as on a page that lies askew

Band = tuple[int, int]  # rows of a line: the first, and the last (exclusive)


def is_underline(mask: Bools, band: Band, slope: float, page: bool = False) -> bool:
    """Whether a line is the lower end of a piece, and longer than what stands on it.

    Args:
        mask: the pixels of the piece, (H, W).
        band: the rows of the line, in the middle column.
        slope: how far it lies askew, rise over run.
        page: whether several digits may stand on it, and touch.

    Example:
        >>> mask = np.zeros((40, 60), bool)
        >>> mask[:36, 28:32] = mask[36:38] = True
        >>> is_underline(mask, (36, 38), 0.0)
        True
    """
    width = mask.shape[1]
    rest = _above(mask, band, slope)
    if not stands_on(mask, band, slope):
        return False
    columns = np.flatnonzero(rest.any(axis=0))
    thick = band[1] - band[0]
    with_the_pen = thick > _THIN * _pen(rest)
    alone = not page and with_the_pen and bool((np.diff(columns) == 1).all())
    if width >= _ROW * len(rest) and not alone:
        return True
    wide = columns[-1] + 1 - columns[0]
    beyond = min(columns[0], width - 1 - columns[-1])
    # The base of a 2 begins where its neck ends, and has the thickness of the pen; a line goes on
    # beyond what stands on it, and is mostly thinner.
    feet = np.flatnonzero(rest[-1 - thick :].any(axis=0))
    free = min(feet[0], width - 1 - feet[-1]) if len(feet) else 0
    least = _FREE_PEN if with_the_pen else _FREE
    return bool(beyond >= _BEYOND * wide and free >= least * width)


def stands_on(mask: Bools, band: Band, slope: float) -> bool:
    """Whether most of a piece stands on a line of it.

    Example:
        >>> mask = np.zeros((40, 60), bool)
        >>> mask[:36, 28:32] = mask[2:4] = mask[36:38] = True
        >>> stands_on(mask, (36, 38), 0.0), stands_on(mask, (2, 4), 0.0)
        (True, False)
    """
    rest = _above(mask, band, slope)
    return bool(len(rest) >= _ABOVE * len(mask) and rest.any())


def as_in_rows(pieces: Pieces, underlined: Sequence[int], others: Sequence[int]) -> list[int]:
    """Which of other pieces are as wide as at least two underlines, and end at their height.

    Args:
        pieces: the ink.
        underlined: which pieces have an underline; pieces that are only a line count too.
        others: which pieces are asked about.

    Example:
        >>> from ..ink.pieces import pieces_of
        >>> ink = np.zeros((60, 160), np.float32)
        >>> ink[40:42, 10:50] = ink[40:42, 60:100] = ink[40:42, 110:150] = ink[10:40, 110:114] = 1
        >>> as_in_rows(pieces_of(ink), [], [0])
        [0]
    """
    lines = [*np.flatnonzero(pieces.are_lines()).tolist(), *underlined]
    wide, low = pieces.boxes[lines, 2] - pieces.boxes[lines, 0], pieces.boxes[lines, 3]
    kept = []
    for at in others:
        left, _, right, bottom = pieces.boxes[at].tolist()
        alike = np.abs(wide - (right - left)) <= max(2, _AS_LONG * (right - left))
        alike &= np.abs(low - bottom) <= max(2, _AS_LOW * (right - left))
        if alike.sum() >= _LEAST_IN_ROW:
            kept.append(at)
    return kept


def _above(mask: Bools, band: Band, slope: float) -> Bools:
    """The pixels of what stands on a line."""
    return mask[: max(0, band[0] - 2 - round(abs(slope) * mask.shape[1] / 2))]


def _pen(mask: Bools) -> float:
    """How thick strokes are, in pixels: twice their area for the length of their border."""
    border = sum(int(np.count_nonzero(np.diff(mask, axis=axis))) for axis in (0, 1))
    return 2 * int(mask.sum()) / max(1, border)
