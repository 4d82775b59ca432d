"""Tells ink from shadows, and from the edges of a sheet on a table as light as itself.

A stroke has paper on all sides.  Beside a sharp shadow the paper is judged too light, so that part
of the shadow looks like ink.  A part of its outline then lies in the shadow, and it is as dark
outside of that part as inside.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Doubles, Floats, Integers
from ..pixels.highest import highest_around
from ..pixels.resizing import reduced
from .contrast import Seen
from .pieces import Pieces
from .straight import is_line_or_corner

_SIDE = 160  # pixels of the longer side at which a piece is looked at
_INKED = 0.2  # least ink of a pixel of a stroke
_SAME = 0.4  # of most of the outline's contrast: with less, it is as dark outside as inside
_MOST_SAME = 0.2  # of a digit's outline: most that is so; the benchmark's digits have below 0.1
_FAINT = 0.3  # most contrast of a sheet's edge
_THINNEST = 25  # times its thickness: least length of a sheet's edge
_THIN = 40  # the same for an edge with any noise on it, which lengthens its strokes
_MOST_STROKES = 8  # times a digit's length: most length of its strokes; more is noise or a grid
_STRAIGHTEST = 1.35  # times width + height: most length of the strokes of a sheet's two sides
_MOST_OVER = 0.6  # of the narrower side: most that these exceed width + height; a flag exceeds more


def is_shadow(
    pieces: Pieces, group: Integers, seen: Seen, flags: bool = False, lines: bool = False
) -> bool:
    """Whether pieces of ink are a shadow, a sheet's edge, or noise.

    Args:
        pieces: the ink, of which lines may have been taken away.
        group: which pieces are asked about.
        seen: the ink with its lines, of the same size, and the light that it was found in.
        flags: whether two strokes at a sharp angle, as in a 1 with a flag, are no sheet's edge.
        lines: whether the pieces may be a grid of lines.

    Example:
        >>> from .pieces import pieces_of
        >>> light = np.full((60, 60), 0.5, np.float32)
        >>> light[:, 30:] = 1
        >>> ink = np.zeros_like(light)
        >>> ink[:, 20:30] = 1
        >>> is_shadow(pieces_of(ink), np.array([0]), Seen(ink, light, contrast=0.5, even=False))
        True
    """
    faint, over = seen.contrast < _FAINT, _MOST_OVER if flags else np.inf
    if faint and pieces.are_sides(group, _THINNEST, _STRAIGHTEST, over):
        return True
    left, top, right, bottom = pieces.box(group)
    pen, long = pieces.pen(group), max(right - left, bottom - top)
    if faint and long >= _THIN * pen and is_line_or_corner(pieces.cut(group), not flags):
        return True
    if (faint or lines) and pieces.area[group].sum() > _MOST_STROKES * long * pen:
        return True
    return not seen.even and _open(pieces, group, seen) > _MOST_SAME


def _open(pieces: Pieces, group: Integers, seen: Seen) -> float:
    """The share of the pieces' outline where it is as dark outside as inside."""
    pen = pieces.pen(group)
    left, top, right, bottom = pieces.box(group)
    beyond = round(2 * pen) + 4 * -(-max(right - left, bottom - top) // _SIDE)
    part = np.s_[max(0, top - beyond) : bottom + beyond, max(0, left - beyond) : right + beyond]
    theirs = np.isin(pieces.numbers[part], group + 1)
    inside, dark, ink = (
        reduced(each, _SIDE)
        for each in (np.where(theirs, pieces.ink[part], 0), seen.dark[part], seen.ink[part])
    )
    share = inside.shape[1] / theirs.shape[1]
    near = highest_around(inside, 3) > _INKED
    far = highest_around(near.astype(np.float32), 5) > 0
    ring = far & ~near & (ink >= 0) & (ink <= _INKED)
    if not ring.any():
        return 0.0
    around = ring.astype(np.float32)
    reach = 4 + max(1, round(share * pen / 2))
    within = _sums(inside * dark, reach) / np.maximum(_sums(inside, reach), 1e-6)
    outside = _sums(around * dark, 2) / np.maximum(_sums(around, 2), 1)
    contrast = (1 - within / np.maximum(outside, 0.02))[ring]
    return float((contrast < _SAME * np.quantile(contrast, 0.8)).mean())


def _sums(values: Floats, radius: int) -> Doubles:
    """The sum over the square of 2 radius + 1 pixels about each pixel."""
    wide = 2 * radius + 1
    sums = np.pad(np.pad(values, radius).cumsum(0, np.float64).cumsum(1), ((1, 0), (1, 0)))
    rows = sums[wide:] - sums[:-wide]
    return np.asarray(rows[:, wide:] - rows[:, :-wide])
