"""Quadrilaterals in the small copy of a picture in which sheets are looked for.

Corners are numbered clockwise from the upper left one.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...arrays import Bools, Doubles
from ..pixels.components import label

Corners = Doubles  # (4, 2): x and y

_CANDIDATES = 2  # largest pieces, that are looked at: one may be the desk
_LEAST_AREA, _MOST_AREA = 0.08, 0.98  # of the picture: area of a sheet
_FLATTEST = 125.0  # degrees: widest corner of a sheet, seen from anywhere; shadows have wider ones


def quadrilaterals(mask: Bools) -> Iterator[tuple[Corners, float]]:
    """The corners of the largest pieces of a mask, and how well each fills them, from 0 to 1.

    Example:
        >>> mask = np.zeros((20, 20), bool)
        >>> mask[2:18, 4:16] = True
        >>> [(corners, filled)] = quadrilaterals(mask)
        >>> corners.tolist(), filled
        ([[4.0, 2.0], [16.0, 2.0], [16.0, 18.0], [4.0, 18.0]], 1.0)
    """
    for piece in pieces_of_mask(mask):
        corners = _corners(piece)
        inner = inside(corners, mask.shape)
        if may_be_a_sheet(corners, float(inner.mean())):
            yield corners, float((inner & piece).sum() / (inner | piece).sum())


def pieces_of_mask(mask: Bools) -> Iterator[Bools]:
    """The largest pieces of a mask, their holes filled.

    Example:
        >>> mask = np.zeros((9, 9), bool)
        >>> mask[1:8, 1:8] = True
        >>> mask[4, 4] = False  # ink on the sheet is part of it
        >>> [int(piece.sum()) for piece in pieces_of_mask(mask)]
        [49]
    """
    numbers, _ = label(mask)
    sizes = np.bincount(numbers.ravel())
    sizes[0] = 0
    for number in np.argsort(-sizes, kind="stable")[:_CANDIDATES].tolist():
        if sizes[number] < 0.5 * _LEAST_AREA * mask.size:
            return
        yield _without_holes(numbers == number)


def may_be_a_sheet(corners: Corners, area: float) -> bool:
    """Whether a quadrilateral has the shape and the area, a share of the picture, of a sheet.

    Example:
        >>> may_be_a_sheet(np.array([[4.0, 2], [16, 9], [16, 18], [4, 18]]), 0.5)
        True
        >>> may_be_a_sheet(np.array([[4.0, 2], [16, 17], [16, 18], [4, 18]]), 0.5)
        False
    """
    return _LEAST_AREA <= area <= _MOST_AREA and _flattest(corners) <= _FLATTEST


def inside(corners: Corners, shape: tuple[int, ...]) -> Bools:
    """The pixels whose centres lie in a quadrilateral.

    Example:
        >>> int(inside(np.array([[1.0, 1], [4, 1], [4, 3], [1, 3]]), (5, 5)).sum())
        6
    """
    y, x = np.arange(shape[0])[:, None] + 0.5, np.arange(shape[1])[None] + 0.5
    within = np.ones(shape, bool)
    for (x0, y0), (x1, y1) in zip(corners.tolist(), np.roll(corners, -1, axis=0).tolist()):
        within &= (x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) >= 0
    return within


def inwards(corners: Corners, shape: tuple[int, ...], margin: float) -> Corners:
    """The corners moved in by a margin, where they do not lie at the picture's edge.

    Example:
        >>> corners = np.array([[0.0, 2], [8, 2], [8, 8], [0, 8]])
        >>> inwards(corners, (10, 10), 1).tolist()
        [[0.0, 3.0], [7.0, 3.0], [7.0, 7.0], [0.0, 7.0]]
    """
    middle = corners.mean(axis=0)
    ends = np.array([shape[1], shape[0]])
    moved = corners + margin * np.sign(middle - corners)
    return np.asarray(np.where((corners <= 0) | (corners >= ends), corners, moved))


def _corners(piece: Bools) -> Corners:
    """The outer corners of the pixels that lie farthest in the directions of the diagonals.

    These are the corners of a quadrilateral that is turned by less than 45 degrees.
    """
    rows, columns = np.nonzero(piece)
    sums, differences = columns + rows, columns - rows
    ends = [sums.argmin(), differences.argmax(), sums.argmax(), differences.argmin()]
    outer = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64)
    return np.asarray(np.stack([columns[ends], rows[ends]], axis=1) + outer)


def _flattest(corners: Corners) -> float:
    """The largest angle between two sides, in degrees."""
    sides = np.roll(corners, -1, axis=0) - corners
    directions = np.degrees(np.arctan2(sides[:, 1], sides[:, 0]))
    return float((180 - (directions - np.roll(directions, 1)) % 360).max())


def _without_holes(mask: Bools) -> Bools:
    """The mask with its holes filled."""
    numbers, _ = label(np.pad(~mask, 1, constant_values=True))
    return np.asarray(numbers[1:-1, 1:-1] != numbers[0, 0])
