"""Slashes between numbers, as in a date: straight strokes that lean, and are taller than digits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...arrays import Bools, Floats, Integers
from ..ink.straight import is_straight
from .parts import CERTAIN, Part

_LEANS = 0.15  # pixels a row: least that a slash leans to the right beyond the digits' own slant
_TALLER = 1.2  # times the median height of the digits of its line near it: least height of a slash
_NEAR = 4.0  # of its height: most distance of these digits
_BESIDE = 1.0  # of its height: most distance of the next digit on each side of a slash
_LEAST = 3  # least number of these digits: a date has more; beside few, a one may look so
_LEVEL = 0.6  # of a digit's rows: least that lie beside a slash of its line


def are_slashes(parts: Sequence[Part]) -> Bools:
    """Which parts are slashes between digits.

    A slash leans more than the other digits do, and is taller than at least three sure digits near
    it.  Call this before parts are split, because tall ones are.

    Args:
        parts: ink that may be digits, of the whole page.

    Example:
        >>> bar, stroke = np.ones((20, 4), np.float32), np.eye(30, dtype=np.float32)[::-1]
        >>> parts = [Part.of(bar, (x, 10, x + 4, 30)) for x in (0, 10, 60, 70)]
        >>> are_slashes([*parts, Part.of(stroke, (22, 5, 52, 35))]).tolist()
        [False, False, False, False, True]
    """
    straight = np.array([is_straight(part.image) for part in parts], bool)
    if not straight.any():
        return straight
    boxes = np.array([part.box for part in parts])
    lean = np.array([lean_of(part.ink) for part in parts])
    straight &= lean >= np.median(lean) + _LEANS
    # What looks like no digit may be a piece of a broken one, which is lower.
    whole = np.array([part.likeness >= CERTAIN for part in parts])
    for at in np.flatnonzero(straight):
        others = np.arange(len(parts)) != at
        straight[at] = _is_taller(boxes[at], boxes[others], whole[others])
    return straight


def lean_of(ink: Floats) -> float:
    """How far ink leans to the right, in pixels a row.

    Args:
        ink: cut close, (H, W) from 0 for paper to 1 for ink.

    Example:
        >>> round(lean_of(np.eye(30, dtype=np.float32)[::-1]), 2)
        1.0
    """
    mass = ink / ink.sum(dtype=np.float64)
    down, across = (np.arange(side, dtype=np.float64) for side in ink.shape)
    down -= mass.sum(axis=1) @ down
    across -= mass.sum(axis=0) @ across
    tall = float(mass.sum(axis=1) @ (down * down))
    return float(-(down @ mass @ across) / tall) if tall > 0 else 0.0


def _is_taller(box: Integers, others: Integers, whole: Bools) -> bool:
    """Whether a box has others of its line on both sides, and is taller than whole ones near it."""
    left, top, right, bottom = box.tolist()
    tall, high = bottom - top, others[:, 3] - others[:, 1]
    shared = np.minimum(others[:, 3], bottom) - np.maximum(others[:, 1], top)
    apart = np.maximum(left - others[:, 2], others[:, 0] - right)
    line = (shared >= _LEVEL * high) & (apart <= _NEAR * tall)
    # A slash leans over what stands beside it, so sides are told by the middles.
    sides = (others[:, 0] + others[:, 2])[line & (apart <= _BESIDE * tall)] - (left + right)
    if not (sides < 0).any() or not (sides > 0).any():
        return False
    theirs = high[line & whole]
    return bool(len(theirs) >= _LEAST and tall >= _TALLER * np.median(theirs))
