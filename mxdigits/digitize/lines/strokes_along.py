"""Finds strokes that lie along a line, as the bar of a 7 does on the upper line of its box.

No ink is seen beside the line there, or hardly any.  But ink on a line is darker than the line
alone, unless that is black; a stroke that lies on its edge makes it thicker; and a stroke fills the
gaps of a dashed line.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Bools, Floats
from .columns import ranked, runs, smoothed

_USUAL = 25  # free columns whose median darkness is the usual one: light varies along a line
_STEP = 6  # of so many free columns one is taken: the 25 span 150, and so more than a stroke
_WITHIN = 0.68  # quantile of the free columns' deviations that is noise: one standard deviation
_NOISE = 4.0  # times the noise: least that a stroke adds
_DARKER = 0.05  # darkness (0 to 1): least that a stroke adds
_BROKEN = 3  # most columns in a row of a stroke that noise hides
_LEAST = 4  # least columns that a stroke darkens; noise darkens fewer
_MORE = 0.6  # pixels of full ink across a line: least that a stroke on its edge adds
_LONG = 8  # least columns of such a stroke; one that only ends at the line is no wider
_WHOLE = 2  # times that: least length of the parts of a line that is not dashed
_INKED = 0.6  # of a line's ink: least of its inked columns; blurred gaps have less
_DASHES = 20  # least dashes of a dashed line: a broken one has fewer parts
_DASHED = 0.9  # of a dashed line's columns: most that its dashes cover
_LONGER = 2.5  # times a dash's length: longer runs are strokes; two dashes that meet are shorter
_MOST_LONGER = 0.1  # of the runs: most that are longer, in a dashed line


def strokes_along(ink: Floats, dark: Floats, total: Floats, free: Bools) -> Bools:
    """In which columns a stroke lies along a line, (W,).

    Args:
        ink: the most ink of the line in each column, (W,).
        dark: its highest darkness there, (W,), from 0 for white to 1 for black.
        total: the sum of its ink there and of the pixels beside it, (W,); 0 where more ink follows.
        free: in which columns the line meets nothing beside it, (W,); at least one.

    Example:
        >>> dark = np.full(400, 0.5)
        >>> dark[100:120] = 0.8
        >>> along = strokes_along(np.ones(400), dark, np.ones(400), np.ones(400, bool))
        >>> np.flatnonzero(along)[[0, -1]].tolist()
        [100, 119]
    """
    inked = ink > _INKED * ranked(ink[free], 0.5)
    dashes = np.array(runs(inked)).reshape(-1, 2)
    lengths = np.diff(dashes)[:, 0]
    if ranked(lengths, 0.5) >= _WHOLE * _LONG:
        free = free & inked  # beyond its ends there is no line
        along = _with_more(dark, free, _DARKER, _LEAST) | _with_more(total, free, _MORE, _LONG)
    else:
        along = _with_more(dark, free, _DARKER, _LEAST)
    if len(dashes) >= _DASHES and inked.mean() <= _DASHED:
        longer = lengths > _LONGER * ranked(lengths, 0.5)
        if longer.mean() <= _MOST_LONGER:  # otherwise noise breaks a line that is not dashed
            for begin, end in dashes[longer].tolist():
                along[begin:end] = True
    return along


def _with_more(values: Floats, free: Bools, more: float, least: int) -> Bools:
    """Where ``least`` columns of a line have more than usual nearby, beyond noise."""
    usual = smoothed(values[None], free, _USUAL, _STEP)[0]
    spread = ranked(np.abs(values - usual)[free], _WITHIN)
    found: list[list[int]] = []  # begin, end, and how many of these columns have more
    for begin, end in runs(values > usual + max(more, _NOISE * spread)):
        if found and begin - found[-1][1] <= _BROKEN:
            found[-1][1:] = end, found[-1][2] + end - begin
        else:
            found.append([begin, end, end - begin])
    seen = np.zeros(len(values), bool)
    for begin, end, count in found:
        seen[begin:end] = count >= least
    return seen
