"""Finds zeros that are written into each other: they share a side, so no cut leaves both whole.

Each is the ink around a hole, without the strokes that lie only around another hole.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Bools, Floats, Integers
from ..pixels.components import Box, Components
from ..pixels.highest import highest_around

_FREE = 0.3  # least ink of a stroke
_LOWEST = 0.25  # of the height of all: least height of a zero's hole, also of a zero on its side
_LEAST = 0.12  # of the ink: least that a digit beside the zeros has
_STROKE = 1.4  # pen widths from a hole: the strokes around it lie within
_SHARED = 0.12  # of the height, from a hole: ink within is its zero's, though another is near


def rings(ink: Floats, gap: float = 0.0) -> list[list[tuple[Floats, Box]]]:
    """The ink of zeros beside each other, and of what lies beside them.

    Args:
        ink: cut close, (H, W).
        gap: most gap in a ring, as a share of the height.

    Returns:
        Lists of ink, cut close, with its box, from the left. In the first, what lies beside the
        zeros shares a side with them, too; in the second it does not. Without anything beside them
        there is no second list; without zeros there is none.

    Example:
        >>> ink = np.zeros((40, 60), np.float32)
        >>> ink[:, 0:4] = ink[:, 28:32] = ink[:, 56:60] = ink[:4] = ink[-4:] = 1
        >>> [[box for _, box in way] for way in rings(ink)]
        [[(0, 0, 32, 40), (28, 0, 60, 40)]]
    """
    height, width = ink.shape
    seen = ink > _FREE
    wider = round(gap * height / 2)
    closed = highest_around(ink, 2 * wider + 1) > _FREE if wider else seen
    free = Components.of(np.pad(~closed, 1, constant_values=True))
    if free.count < 3:  # two holes, and what lies around; saves time
        return []
    frames = free.boxes() - 1
    high = frames[:, 3] - frames[:, 1]
    inner = (frames[:, :2] > 0).all(axis=1) & (frames[:, 2:] < (width, height)).all(axis=1)
    holes = np.flatnonzero(inner & (high + 2 * wider >= _LOWEST * height))
    holes = holes[np.argsort(frames[holes, 0])]
    if len(holes) < 2:
        return []
    border = np.count_nonzero(seen[1:] != seen[:-1]) + np.count_nonzero(seen[:, 1:] != seen[:, :-1])
    border += 2 * (seen[0].sum() + seen[:, 0].sum())
    pen = 2 * seen.sum() / max(border * np.pi / 4, 1)
    numbers = free.labels()[1:-1, 1:-1]
    each = [numbers == 1 + hole for hole in holes]
    near = [_around(hole, _STROKE * pen + wider) for hole in each]
    close = [_around(hole, _SHARED * height + wider) for hole in each]
    left = np.where(seen & ~np.any(near, axis=0), ink, 0)
    first, last = int(frames[holes[0], 0]), int(frames[holes[-1], 2])
    mass, sides = float(ink.sum()), (slice(None, first), slice(last, None))
    there = [bool(left[:, side].sum() >= _LEAST * mass) for side in sides]
    far = round(_STROKE * pen)
    ends = first - far if there[0] else 0, last + far if there[1] else width
    made = _shared_out(ink, close, near, frames[holes][:, [0, 2]] + (-wider, wider), ends)
    if not all((zero > _FREE).any() for zero in made):
        return []
    found = [_cut_close(zero, 0) for zero in made]
    ways = []
    for beside in (ink, left) if any(there) else (ink,):
        before = [_cut_close(beside[:, sides[0]], 0)] if there[0] else []
        behind = [_cut_close(beside[:, sides[1]], last)] if there[1] else []
        ways.append(before + found + behind)
    return ways


def _around(hole: Bools, far: float) -> Bools:
    """The pixels at most so far from a hole."""
    window = 2 * max(1, round(far)) + 1
    return np.asarray(highest_around(hole, window))


def _shared_out(
    ink: Floats, close: list[Bools], near: list[Bools], holes: Integers, ends: tuple[int, int]
) -> list[Floats]:
    """The ink of each zero: all between the holes beside its own, without strokes only of those.

    Args:
        ink: of all, (H, W).
        close: for each hole the pixels that are its zero's if they are inked.
        near: for each hole the pixels that may be strokes about it.
        holes: the columns where each hole begins and ends, (N, 2).
        ends: the columns where the first zero begins and the last one ends.
    """
    begins, beyond = [ends[0], *holes[:-1, 1].tolist()], [*holes[1:, 0].tolist(), ends[1]]
    columns = np.arange(ink.shape[1])
    count = np.sum(near, axis=0)
    return [
        np.where((columns >= begin) & (columns < end) & (own | (count == its)), ink, np.float32(0))
        for own, its, begin, end in zip(close, near, begins, beyond)
    ]


def _cut_close(ink: Floats, x: int) -> tuple[Floats, Box]:
    """Ink cut close, and its box; its columns begin with column ``x``."""
    rows, columns = (np.flatnonzero((ink > _FREE).any(axis=axis)) for axis in (1, 0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    return ink[top:bottom, left:right], (x + int(left), int(top), x + int(right), int(bottom))
