"""Digits that touch are parted, where that makes digits.

It is decided by how much ink looks like a digit: a piece of ink that does is left as it is.
"""

from __future__ import annotations

from itertools import combinations
from typing import Optional

import numpy as np

from ..arrays import Floats, Integers
from .components import Box
from .parts import Part, parts_of
from .resizing import reduced

_CERTAIN = 0.9  # likeness of a digit that is left as it is
_NARROWEST = 0.5  # width over height of two digits side by side
_STACKED = 1.7  # of the usual height: what is taller may be two digits one above the other
_AS_TALL = 0.3  # of its likeness is left to what is so tall
_LONGEST = 8.0  # height over width of two such: ones are narrow
_WIDEST = 3.0  # of a row of digits that touch: a longer one is a line or a word
_LOWEST = 0.6  # of the height of all: what is lower is no digit of theirs
_SIDE = 96  # pixels of the height at which cuts are looked for
_NARROW, _APART = 0.15, 0.12  # of the height: from the ends to the first cut, and to the next
_EACH_CUT = 0.7  # likeness that a cut has to bring
_LIKELY = 0.6  # likeness of a digit that is made by a cut, or of better parts


def parted(part: Part, usual: float = np.inf) -> list[Part]:
    """The digits of one piece of ink, from the left; the piece itself if it is best left whole.

    Args:
        part: ink that may be several digits beside each other, or one above the other.
        usual: pixels of the height of a digit; what is much taller may be two.

    Example:
        >>> bar = Part.of(np.ones((40, 5), np.float32), (10, 10, 15, 50))
        >>> len(parted(bar))
        1
    """
    stacked = part.ink.shape[0] > _STACKED * usual
    if part.likeness >= _CERTAIN and not stacked:
        return [part]
    ink = part.ink.T if stacked else part.ink
    height, width = ink.shape
    if not _NARROWEST <= width / height <= (_LONGEST if stacked else _WIDEST):
        return [part]
    ends = [np.zeros(height, np.int64), *_seams(ink), np.full(height, width)]
    between = {}
    for i, j in combinations(range(len(ends)), 2):
        if (i, j) != (0, len(ends) - 1):
            cut = _between(ink, ends[i], ends[j], stacked, part.box[:2])
            if cut is not None:
                between[i, j] = cut
    found = parts_of(*zip(*between.values())) if between else []
    like = part.likeness * (_AS_TALL if stacked else 1)
    return _best(dict(zip(between, found)), len(ends) - 1, like) or [part]


def _between(
    ink: Floats, left: Integers, right: Integers, stacked: bool, corner: tuple[int, int]
) -> Optional[tuple[Floats, Box]]:
    """The ink between two seams, cut close; None where that is too little for a digit.

    ``stacked`` ink has its rows and columns swapped; ``corner`` is where all of it begins.
    """
    height, width = ink.shape
    columns = np.arange(width)
    kept = np.where((columns >= left[:, None]) & (columns < right[:, None]), ink, 0)
    rows, across = (np.flatnonzero((kept > 0.3).any(axis=axis)) for axis in (1, 0))
    if not len(rows) or (not stacked and rows[-1] + 1 - rows[0] < _LOWEST * height):
        return None
    cut = kept[rows[0] : rows[-1] + 1, across[0] : across[-1] + 1]
    x, y = int(across[0]), int(rows[0])
    if stacked:
        cut, x, y = cut.T, y, x
    left_, top = corner[0] + x, corner[1] + y
    return np.asarray(cut, np.float32), (left_, top, left_ + cut.shape[1], top + cut.shape[0])


def _best(between: dict[tuple[int, int], Part], end: int, whole: float) -> list[Part]:
    """Of all ways to part ink at the seams the one whose parts look most like digits.

    None of the parts where the ``whole`` looks more like one.
    """
    chances: list[tuple[float, list[Part]]] = [(1.0, [])]
    for j in range(1, end + 1):
        ways = [
            (chances[i][0] * each.likeness * _EACH_CUT, [*chances[i][1], each])
            for i in range(j)
            if (each := between.get((i, j))) is not None and each.likeness >= _LIKELY
        ]
        chances.append(max(ways, key=lambda way: way[0], default=(0.0, [])))
    chance, parts = chances[end]
    return parts if chance > _EACH_CUT * whole and len(parts) > 1 else []


def _seams(ink: Floats) -> list[Integers]:
    """Ways from the top to the bottom that cross little ink: of each row the column, (H,)."""
    small = reduced(ink, max(1, round(_SIDE * max(1.0, ink.shape[1] / ink.shape[0]))))
    height, width = small.shape
    cost = small + np.float32(0.02)
    middle = height // 2
    upper, up = _ways(cost[: middle + 1])
    lower, down = _ways(cost[middle:][::-1])
    total = upper + lower - cost[middle]
    margin, wide = round(_NARROW * height), max(1, round(_APART * height))
    seams = [
        first + int(total[first : first + wide].argmin())
        for first in range(margin, width - margin, wide)
    ]
    rows = np.minimum(np.arange(len(ink)) * height // len(ink), height - 1)
    across = ink.shape[1] / width
    ways = [
        np.concatenate([_followed(up, column)[:-1], _followed(down, column)[::-1]])
        for column in seams
    ]
    return [np.rint(way[rows] * across).astype(np.int64) for way in ways]


def _ways(cost: Floats) -> tuple[Floats, Integers]:
    """The cheapest way from the first row to each place of the last, and its steps (H, W)."""
    steps = np.zeros(cost.shape, np.int64)
    total = cost[0]
    for row in range(1, len(cost)):
        beside = np.pad(total, 1, constant_values=np.inf)
        slanted = np.float32(0.01)  # a straight way is better where both cross as much
        three = np.stack([beside[:-2] + slanted, total, beside[2:] + slanted])
        steps[row] = three.argmin(axis=0) - 1
        total = three.min(axis=0) + cost[row]
    return total, steps


def _followed(steps: Integers, column: int) -> Integers:
    """The columns of the way that ends in a column, from the first row to the last."""
    columns = np.empty(len(steps), np.int64)
    for row in range(len(steps) - 1, -1, -1):
        columns[row] = column
        column += int(steps[row, column])
    return columns
