"""Strokes that lie along a line, as the bar of a 7 does on the upper line of its box.

No ink is seen beside the line there.  But ink on ink is darker than a line alone, if that is not
quite black; and where a line is dashed, a stroke fills its gaps.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Bools, Floats
from .columns import ranked, runs, smoothed

_USUAL, _STEP = 25, 6  # free columns, of whose darkness the median is taken; each such one
_WITHIN, _NOISE = 0.68, 4.0  # of them are so near the usual; so many times as far is no noise
_DARKER = 0.05  # of the light of white, at least
_BROKEN, _LEAST = 3, 4  # columns that noise hides of a stroke; columns that it has
_INKED = 0.6  # of a line's ink: blurred gaps have less
_DASHES, _DASHED = 20, 0.9  # runs of a dashed line, and of its columns they cover less
_LONGER = 2.5  # times as long as a dash: two of them meet at corners
_MOST_LONGER = 0.1  # of the dashes are longer, where they are dashes


def strokes_along(ink: Floats, dark: Floats, free: Bools) -> Bools:
    """In which columns a stroke lies along a line, (W,).

    Args:
        ink: (W,), the most ink of the line in each column.
        dark: (W,), how dark it is there at most, from 0 for white to 1 for black.
        free: (W,), in which columns the line meets nothing beside it; one at least.

    Example:
        >>> dark = np.full(400, 0.5)
        >>> dark[100:120] = 0.8
        >>> along = strokes_along(np.ones(400), dark, np.ones(400, bool))
        >>> np.flatnonzero(along)[[0, -1]].tolist()
        [100, 119]
    """
    return _darker(dark, free) | _over_gaps(ink > _INKED * ranked(ink[free], 0.5))


def _darker(dark: Floats, free: Bools) -> Bools:
    """Where a line goes on being darker than it usually is nearby, but for noise."""
    usual = smoothed(dark[None], free, _USUAL, _STEP)[0]
    spread = ranked(np.abs(dark - usual)[free], _WITHIN)
    found: list[list[int]] = []  # begin, end, and how many of these columns are darker
    for begin, end in runs(dark > usual + max(_DARKER, _NOISE * spread)):
        if found and begin - found[-1][1] <= _BROKEN:
            found[-1][1:] = end, found[-1][2] + end - begin
        else:
            found.append([begin, end, end - begin])
    seen = np.zeros(len(dark), bool)
    for begin, end, count in found:
        seen[begin:end] = count >= _LEAST
    return seen


def _over_gaps(inked: Bools) -> Bools:
    """Where ink fills gaps of a dashed line."""
    seen = np.zeros(len(inked), bool)
    dashes = np.array(runs(inked)).reshape(-1, 2)
    if len(dashes) < _DASHES or inked.mean() > _DASHED:
        return seen
    lengths = np.diff(dashes)[:, 0]
    longer = lengths > _LONGER * ranked(lengths, 0.5)
    if longer.mean() > _MOST_LONGER:  # noise breaks a line that is not dashed
        return seen
    for begin, end in dashes[longer].tolist():
        seen[begin:end] = True
    return seen
