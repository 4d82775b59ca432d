"""Finds ways to cut digits that touch, across little ink, and the ink between two cuts."""

from __future__ import annotations

from typing import Optional

import numpy as np

from ...arrays import Floats, Integers
from ..pixels.components import Box
from ..pixels.resizing import reduced

_LOWEST = 0.6  # of the height of all: least height of a digit
_SIDE = 96  # pixels of the height at which cuts are looked for
_LEVELS = (0.25, 0.5, 0.75)  # of the height: rows at which the cheapest cuts are looked for
_APART = 0.08  # of the height: one such cut is looked for in each such width
_ALIKE = 0.006  # of the height's square: least ink between two cuts; with less they are one
_MOST = 12  # most cuts to a width of one height


def seams(ink: Floats) -> list[Integers]:
    """Ways from the top to the bottom that cross little ink, the cheapest first.

    Args:
        ink: of digits beside each other, (H, W).

    Returns:
        The column in each row, (H,), of each way; no two ways have the same ink on their left.

    Example:
        >>> ink = np.zeros((40, 60), np.float32)
        >>> ink[:, 5:15] = ink[:, 40:50] = ink[18:22, 15:40] = 1
        >>> bool(15 <= seams(ink)[0][20] < 40)
        True
    """
    small = reduced(ink, max(1, round(_SIDE * max(1.0, ink.shape[1] / ink.shape[0]))))
    height, width = small.shape
    cost = small + np.float32(0.02)
    (down, up), (downward, upward) = _ways(np.stack([cost, cost[::-1]]))
    total, wide = down + up[::-1] - cost, max(1, round(_APART * height))
    found: list[tuple[float, Integers]] = []
    for row in sorted({int(level * height) for level in _LEVELS}):
        firsts = range(0, width, wide)
        columns = np.array([at + int(total[row, at : at + wide].argmin()) for at in firsts])
        upper = _followed(downward[: row + 1], columns)
        lower = _followed(upward[: height - row], columns)[::-1]
        ways = np.concatenate([upper[:-1], lower]).T
        found += zip(total[row, columns].tolist(), ways)
    chosen = _unlike(found, small)
    rows = np.minimum(np.arange(len(ink)) * height // len(ink), height - 1)
    across = ink.shape[1] / width
    return [np.rint(way[rows] * across).astype(np.int64) for way in chosen]


def _unlike(found: list[tuple[float, Integers]], ink: Floats) -> list[Integers]:
    """The cheapest ways that have ink between each other, and on both sides."""
    height, width = ink.shape
    before = np.concatenate([np.zeros((height, 1)), ink.cumsum(axis=1, dtype=np.float64)], axis=1)
    rows, least = np.arange(height), _ALIKE * height**2
    kept, masses = list[Integers](), np.stack([before[:, 0], before[:, -1]])
    for _, way in sorted(found, key=lambda each: each[0]):
        mass = before[rows, way]
        if (np.abs(mass - masses).sum(axis=1) >= least).all():
            kept.append(way)
            masses = np.concatenate([masses, mass[None]])
        if len(kept) >= _MOST * width / height:
            break
    return kept


def _ways(costs: Floats) -> tuple[Floats, Integers]:
    """The cheapest way from the first row to each place, and its last step, (N, H, W) each."""
    total = costs.copy()
    slanted = np.float32(0.01)  # a straight way is better if both cross as much
    count, height, width = costs.shape
    # The cost before each place, by its last step.
    three = np.full((height - 1, 3, count, width), np.inf, np.float32)
    for row, before in enumerate(three, 1):
        last = total[:, row - 1]
        before[0, :, 1:], before[1], before[2, :, :-1] = last[:, :-1], last, last[:, 1:]
        before[::2] += slanted
        total[:, row] += before.min(axis=0)
    steps = np.zeros(costs.shape, np.int64)
    steps[:, 1:] = three.argmin(axis=1).swapaxes(0, 1) - 1
    return total, steps


def _followed(steps: Integers, columns: Integers) -> Integers:
    """The columns of the ways that end in some columns, from the first row to the last, (H, N)."""
    ways = np.empty((len(steps), len(columns)), np.int64)
    for row in range(len(steps) - 1, -1, -1):
        ways[row] = columns
        columns = columns + steps[row, columns]
    return ways


def between(
    ink: Floats, left: Integers, right: Integers, stacked: bool, corner: tuple[int, int]
) -> Optional[tuple[Floats, Box]]:
    """The ink between two seams, cut close; None if they cross, or if it is too low for a digit.

    ``stacked`` ink has its rows and columns swapped; ``corner`` is the upper left one of it all.

    Example:
        >>> ink, left, right = np.ones((40, 60), np.float32), np.zeros(40, int), np.full(40, 20)
        >>> between(ink, left, right, False, (100, 200))[1]
        (100, 200, 120, 240)
    """
    if (left > right).any():
        return None
    height, first = len(ink), int(left.min())
    columns = np.arange(first, int(right.max()))
    inside = (columns >= left[:, None]) & (columns < right[:, None])
    kept = np.where(inside, ink[:, first : first + len(columns)], 0)
    rows, across = (np.flatnonzero((kept > 0.3).any(axis=axis)) for axis in (1, 0))
    if not len(rows) or (not stacked and rows[-1] + 1 - rows[0] < _LOWEST * height):
        return None
    cut = kept[rows[0] : rows[-1] + 1, across[0] : across[-1] + 1]
    x, y = first + int(across[0]), int(rows[0])
    if stacked:
        cut, x, y = cut.T, y, x
    left_, top = corner[0] + x, corner[1] + y
    return np.asarray(cut, np.float32), (left_, top, left_ + cut.shape[1], top + cut.shape[0])
