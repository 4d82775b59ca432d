"""The lines of a form that fills a part of its page, also where noise breaks pale ones.

Lined paper is lined from edge to edge, and boxes are pieces of ink.  These lines are neither; but
there are many both ways, each about as long as what is written on the page is wide, and they meet.
So do not the stems of ones that stand below each other, nor the bars of sevens in a row.
"""

from __future__ import annotations

import numpy as np

from ..arrays import Bools, Floats
from .paper_lines import INKED, Rules, bands, coverage, erase

_LEAST = 6  # lines one way
_COVERED = 0.7  # of what is written on the page from side to side: boxes may lie apart
_THICKEST = 0.006  # of the page's longer side
_STEEPEST = 0.045  # rise over run: pages that lie more askew have been turned level
_BESIDE, _BLURRED = 5, 2  # pixels beside the lines across, but for the nearest: there a line
_MEETS = 0.35  # is inked as much; between boxes that lie apart it is not
_AS_OTHERS = 0.67  # of what the line that is inked most there is
_WRITTEN = 0.02  # of a column or row of pixels, is inked where something is written
_LEAST_PART = 0.3  # of the page's side


def without_form_lines(ink: Floats, rest: Floats) -> Floats:
    """What is left of ink without the lines of a form, except where a stroke crosses them.

    Args:
        ink: (H, W) from 0 for paper to 1 for ink, with all its lines.
        rest: the same without lines that are known by other rules, some of these among them.

    Example:
        >>> ink = np.zeros((400, 400), np.float32)
        >>> for row in range(50, 351, 50):
        ...     ink[row, 50:351] = ink[50:351, row] = np.arange(301) % 7 > 0
        >>> float(without_form_lines(ink, ink).max())
        0.0
    """
    inked = ink > INKED
    frame = tuple(_written(inked, axis) for axis in (0, 1))
    if any(each.stop - each.start < _LEAST_PART * side for each, side in zip(frame, ink.shape)):
        return rest
    thickest = max(4, 1 + round(_THICKEST * max(ink.shape)))
    inked = inked[frame]
    level, upright = _lines(inked, thickest), _lines(inked.T, thickest)
    level, upright = _meeting(level, inked, upright), _meeting(upright, inked.T, level)
    if not level.bands or not upright.bands:
        return rest
    cleaned = rest.copy()
    part = cleaned[frame]
    erase(part, level, upright.mask(part.T.shape).T)
    erase(part.T, upright, level.mask(part.shape).T)
    return cleaned


def _written(inked: Bools, axis: int) -> slice:
    """The rows (``axis`` is 0) or the columns (1) from the first to the last with writing."""
    where = np.flatnonzero(inked.mean(axis=1 - axis) > _WRITTEN)
    return slice(int(where[0]), int(where[-1]) + 1) if len(where) else slice(0, 0)


def _lines(inked: Bools, thickest: int) -> Rules:
    """The level lines, if there are many."""
    thicker = _thicker(inked)
    slopes = np.arange(-_STEEPEST, _STEEPEST, 1 / inked.shape[1])
    covered = [coverage(thicker, float(slope)) for slope in slopes]
    best = int(np.argmax([(each**8).sum() for each in covered]))
    found = bands(covered[best], thickest, _COVERED)
    return Rules(float(slopes[best]), found if len(found) >= _LEAST else [])


def _meeting(lines: Rules, inked: Bools, across: Rules) -> Rules:
    """Those level lines that are inked on both sides of the lines across them."""
    near, on = (_around(across, inked.T.shape, margin) for margin in (_BESIDE, _BLURRED))
    beside = (near & ~on).T
    meets = []
    for band in lines.bands:
        rows, columns, inside = lines.pixels(band, 1, inked.shape)
        asked = (beside[rows, columns] & inside).any(axis=0)
        there = (inked[rows, columns] & inside).any(axis=0)
        meets.append(float(there[asked].mean()) if asked.any() else 0.0)
    least = max(_MEETS, _AS_OTHERS * max(meets, default=0.0))
    return Rules(lines.slope, [b for b, share in zip(lines.bands, meets) if share >= least])


def _around(lines: Rules, shape: tuple[int, ...], margin: int) -> Bools:
    """Level lines and so many rows of pixels on both sides."""
    mask = np.zeros(shape, bool)
    for band in lines.bands:
        rows, columns, inside = lines.pixels(band, margin, shape)
        mask[rows[inside], columns[inside]] = True
    return mask


def _thicker(inked: Bools) -> Bools:
    """With the row below each too: a thin line that is askew goes in steps."""
    thicker = inked.copy()
    thicker[1:] |= inked[:-1]
    return thicker
