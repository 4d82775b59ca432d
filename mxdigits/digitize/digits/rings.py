"""Zeros that are written into each other: two share a side, so that no cut leaves both whole.

Each is what lies around a hole.
"""

from __future__ import annotations

from typing import Optional

import numpy as np

from ...arrays import Bools, Floats
from ..pixels.components import Box, Components
from ..pixels.highest import highest_around

_FREE = 0.3  # ink: less is none of a stroke
_LOWEST = 0.35  # of the height of all, is a hole in a zero
_LEFT = 0.08  # of the ink: less that lies around no hole is none of a digit
_LEAST = 0.12  # of the ink: a digit beside the zeros has more
_NARROWER, _WIDER = 0.7, 1.4  # times as thick as its pen: from a hole, ink of its zero; of any


def rings(ink: Floats, gap: float = 0.0, shared: bool = True) -> Optional[list[tuple[Floats, Box]]]:
    """The ink of zeros beside each other, and of what lies beside them; None where they are none.

    Args:
        ink: cut close, (H, W).
        gap: of the height, may be open in a ring.
        shared: whether what lies beside the zeros shares a side with them, too.

    Returns:
        From the left, each cut close, and its box.

    Example:
        >>> ink = np.zeros((40, 60), np.float32)
        >>> ink[:, 0:4] = ink[:, 28:32] = ink[:, 56:60] = ink[:4] = ink[-4:] = 1
        >>> [box for _, box in rings(ink)]
        [(0, 0, 32, 40), (28, 0, 60, 40)]
    """
    height, width = ink.shape
    seen = ink > _FREE
    wider = round(gap * height / 2)
    closed = highest_around(ink, 2 * wider + 1) > _FREE if wider else seen
    free = Components.of(np.pad(~closed, 1, constant_values=True))
    numbers, frames = free.labels()[1:-1, 1:-1], free.boxes() - 1
    high = frames[:, 3] - frames[:, 1]
    inner = (frames[:, :2] > 0).all(axis=1) & (frames[:, 2:] < (width, height)).all(axis=1)
    holes = np.flatnonzero(inner & (high + 2 * wider >= _LOWEST * height))
    holes = holes[np.argsort(frames[holes, 0])]
    if len(holes) < 2:
        return None
    border = np.count_nonzero(seen[1:] != seen[:-1]) + np.count_nonzero(seen[:, 1:] != seen[:, :-1])
    border += 2 * (seen[0].sum() + seen[:, 0].sum())
    pen = 2 * seen.sum() / max(border * np.pi / 4, 1)
    each = [numbers == 1 + hole for hole in holes]
    made = [_around(ink, hole, _NARROWER * pen + wider) for hole in each]
    left = np.where(seen, ink - _around(ink, np.any(each, axis=0), _WIDER * pen + wider), 0)
    first, last = int(frames[holes[0], 0]), int(frames[holes[-1], 2])
    mass, sides = float(ink.sum()), (slice(None, first), slice(last, None))
    there = [bool(left[:, side].sum() >= _LEAST * mass) for side in sides]
    lost = left.sum() - sum(left[:, side].sum() for side, is_ in zip(sides, there) if is_)
    if lost > _LEFT * mass:
        return None
    beside = ink if shared else left
    found = [_cut_close(zero, 0) for zero in made]
    before = [_cut_close(beside[:, sides[0]], 0)] if there[0] else []
    return before + found + ([_cut_close(beside[:, sides[1]], last)] if there[1] else [])


def _around(ink: Floats, hole: Bools, far: float) -> Floats:
    near = highest_around(hole.astype(np.float32), 2 * max(1, round(far)) + 1) > 0
    return np.where(near, ink, np.float32(0))


def _cut_close(ink: Floats, x: int) -> tuple[Floats, Box]:
    """Ink cut close, and its box; its columns begin with column ``x``."""
    rows, columns = (np.flatnonzero((ink > _FREE).any(axis=axis)) for axis in (1, 0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    return ink[top:bottom, left:right], (x + int(left), int(top), x + int(right), int(bottom))
