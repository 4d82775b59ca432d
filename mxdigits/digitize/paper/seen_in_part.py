"""The sheet of a picture by what is seen of its edge: hands and things may lie on the rest.

A thumb on a side of a sheet ends it too early, or, as light as the sheet, continues it outside.
So each side is the straight line along which most of the light part ends, and the corners are where
these lines meet, also below a thumb and a little outside the picture.  Opposite sides are nearly
parallel: the edge of a long thumb rarely is.  Where no such lines are seen, it is what fills most
of the quadrilateral by its own corners.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Optional

import numpy as np

from ...arrays import Bools, Doubles, Integers
from .quadrilaterals import Corners, inside, may_be_a_sheet, pieces_of_mask, quadrilaterals

_SLOPES = np.linspace(-0.6, 0.6, 61)  # of a side against the picture's edge
_LEANING = 100.0  # places that a side must be seen at more for each one that its slope differs by
_NEAR = (1.5, 1.0, 1.0)  # pixels from a line to places on it, each time that it is fitted
_LEAST_PLACES = 8  # on a line
_LEAST_SEEN, _SEEN = 0.2, 0.5  # of each side, and of the four on average: least that is seen
_MOST_OUTER, _AT_EDGE = 1, 1.5  # most sides that are the picture's edges; pixels from there to such
_FREE, _INSIDE = 0.75, 0.75  # least of the sheet that is light; least of the light part on it
_LEAST_AREA = 0.2  # of the picture: area of a sheet
_FILLED = 0.85  # intersection over union of a light part and the sheet by its corners, at least


class _Lines(NamedTuple):
    """The places ``across`` (n,) and ``along`` (n,) where a side may be, and lines through them.

    ``counts`` (s,): how many places lie on the best line of each slope; ``starts`` (s,) of these.
    """

    across: Doubles
    along: Doubles
    counts: Integers
    starts: Doubles


class _Side(NamedTuple):
    """A line, ``across = start + slope * along``, and the places along it where it is seen."""

    start: float
    slope: float
    seen: Doubles


def seen_in_part(even: Sequence[Bools], masks: Sequence[Bools]) -> Optional[Corners]:
    """The corners of what may be a sheet, by its sides, or else by its corners; None without one.

    Args:
        even: (H, W) each, of a small copy of the picture: where its light hardly changes.
        masks: the same, and other masks of what may be the inside of a sheet.

    Example:
        >>> mask = np.zeros((100, 100), bool)
        >>> mask[20:80, 10:90] = True
        >>> mask[5:30, :25] = mask[65:99, 80:99] = True  # thumbs as light as the sheet
        >>> seen_in_part([mask], [mask]).round().tolist()
        [[10.0, 20.0], [90.0, 20.0], [90.0, 80.0], [10.0, 80.0]]
    """
    corners = _by_sides(masks)
    return _by_corners(even) if corners is None else corners


def _by_sides(masks: Sequence[Bools]) -> Optional[Corners]:
    best, corners = _SEEN, None
    for mask in masks:
        for piece in pieces_of_mask(mask):
            found = _sides(piece)
            if found is None:
                continue
            quad, seen = found
            if seen.mean() > best and seen.min() >= _LEAST_SEEN and _is_likely(quad, piece):
                best, corners = float(seen.mean()), quad
    return corners


def _by_corners(masks: Sequence[Bools]) -> Optional[Corners]:
    best, corners = _FILLED, None
    for mask in masks:
        for quad, filled in quadrilaterals(mask):
            if filled > best and inside(quad, mask.shape).mean() >= _LEAST_AREA:
                best, corners = filled, quad
    return corners


def _is_likely(corners: Corners, piece: Bools) -> bool:
    """Whether a light piece may be most of the sheet with these corners."""
    inner = inside(corners, piece.shape)
    area, both = float(inner.mean()), np.count_nonzero(inner & piece)
    return (
        _outer_sides(corners, piece.shape) <= _MOST_OUTER
        and area >= _LEAST_AREA
        and may_be_a_sheet(corners, area)
        and both >= _FREE * _area(corners)
        and both >= _INSIDE * np.count_nonzero(piece)
    )


def _area(corners: Corners) -> float:
    """The area of a quadrilateral in pixels, also of what is outside the picture."""
    (across, down), (x, y) = (corners[2] - corners[0]), (corners[3] - corners[1])
    return float(across * y - down * x) / 2


def _outer_sides(corners: Corners, shape: tuple[int, ...]) -> int:
    """How many sides are the picture's edges, which any light part may reach."""
    middles = (corners + np.roll(corners, -1, axis=0)) / 2
    ends = np.array(shape[::-1])
    return int(((middles <= _AT_EDGE) | (middles >= ends - _AT_EDGE)).any(axis=1).sum())


def _sides(piece: Bools) -> Optional[tuple[Corners, Doubles]]:
    """Where the four sides of a piece meet, and how much of each is seen, from 0 to 1."""
    left_right, top_bottom = _ends(piece), _ends(piece.T)
    if _at_edges(left_right, piece.shape[1]) + _at_edges(top_bottom, piece.shape[0]) > _MOST_OUTER:
        return None  # paper that fills the picture; saves time
    upright = _opposite(*(_lines(ends) for ends in left_right))
    level = None if upright is None else _opposite(*(_lines(ends) for ends in top_bottom))
    if upright is None or level is None:
        return None
    (left, right), (top, bottom) = upright, level
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    quad = np.array([_meet(*two) for two in corners])
    seen = [
        _share_seen(top, *quad[:2, 0]),
        _share_seen(right, *quad[1:3, 1]),
        _share_seen(bottom, *quad[3:1:-1, 0]),
        _share_seen(left, *quad[::3, 1]),
    ]
    return quad, np.array(seen)


def _ends(piece: Bools) -> tuple[Doubles, Doubles]:
    """Where a piece begins and ends in each row; not a number where the row is empty."""
    empty, width = ~piece.any(axis=1), piece.shape[1]
    first, last = piece.argmax(axis=1), width - piece[:, ::-1].argmax(axis=1)
    return np.where(empty, np.nan, first), np.where(empty, np.nan, last)


def _at_edges(ends: tuple[Doubles, Doubles], width: int) -> int:
    """How many of the two sides are mostly the picture's edges."""
    at = np.stack([ends[0] == 0, ends[1] == width])
    return int((at.sum(axis=1) > 0.5 * np.count_nonzero(~np.isnan(ends[0]))).sum())


def _lines(ends: Doubles) -> Optional[_Lines]:
    """The lines along which most ends lie, one for each slope; None with too few ends."""
    rows = np.flatnonzero(~np.isnan(ends))
    if len(rows) < _LEAST_PLACES:
        return None
    across, along = ends[rows], rows + 0.5
    starts = np.floor(across - _SLOPES[:, None] * along).astype(np.int64)
    least = int(starts.min())
    bins = int(starts.max()) - least + 2
    at = starts - least + bins * np.arange(len(_SLOPES))[:, None]
    counts = np.bincount(at.ravel(), minlength=bins * len(_SLOPES)).reshape(-1, bins)
    near = counts[:, :-1] + counts[:, 1:]
    return _Lines(across, along, near.max(axis=1), near.argmax(axis=1) + least + 1.0)


def _opposite(one: Optional[_Lines], other: Optional[_Lines]) -> Optional[tuple[_Side, _Side]]:
    """Two opposite sides of a sheet; None where one of them is not seen."""
    if one is None or other is None:
        return None
    leaning = np.abs(_SLOPES[:, None] - _SLOPES)
    places = one.counts[:, None] + other.counts - _LEANING * leaning
    first, second = np.unravel_index(places.argmax(), places.shape)
    sides = _fitted(one, int(first)), _fitted(other, int(second))
    return None if sides[0] is None or sides[1] is None else (sides[0], sides[1])


def _fitted(lines: _Lines, which: int) -> Optional[_Side]:
    across, along = lines.across, lines.along
    start, slope = float(lines.starts[which]), float(_SLOPES[which])
    for near in _NEAR:
        on = np.abs(across - start - slope * along) <= near
        if np.count_nonzero(on) < _LEAST_PLACES:
            return None
        start, slope = _fit(along[on], across[on])
    return _Side(start, slope, along[np.abs(across - start - slope * along) <= _NEAR[-1]])


def _fit(along: Doubles, across: Doubles) -> tuple[float, float]:
    """The start and the slope of the line through places, by least squares."""
    middle, height = along.mean(), across.mean()
    away = along - middle
    slope = float(away @ (across - height) / (away @ away))
    return float(height - slope * middle), slope


def _meet(upright: _Side, level: _Side) -> tuple[float, float]:
    x = (upright.start + upright.slope * level.start) / (1 - upright.slope * level.slope)
    return x, level.start + level.slope * x


def _share_seen(side: _Side, begin: float, end: float) -> float:
    """How much of a side is seen between two corners; of one whose corners are swapped, none."""
    seen = np.count_nonzero((side.seen >= begin) & (side.seen <= end))
    return min(seen / max(end - begin, 1.0), 1.0)
