"""Removes dashed and dotted lines at any angle: many small solid pieces in close sequence."""

from __future__ import annotations

from typing import Optional

import numpy as np

from ...arrays import Bools, Floats, Integers
from ..ink.pieces import Pieces
from ..pixels.components import Components
from ..pixels.highest import highest_around
from ..pixels.weighted_median import weighted_median

_SHORT = 0.4  # of the usual length of a piece: most length of a dash
_LEAST = 8  # least dashes of a line, and its least length in dashes
_SOLID = 0.5  # of a dash's box: least that is inked
_HOLLOW = 0.5  # of their box: most that lines cover, or they are narrow:
_NARROW = 4  # most width of lines, in dashes
_MANY = 60  # least dashes in lines that show what other dashes look like
_ALIKE = 0.5  # of a dash's length and thickness: most that another differs


def without_dashes(pieces: Pieces) -> Optional[Floats]:
    """The ink without dashed lines; None if there are none.

    Args:
        pieces: those of all ink.

    Example:
        >>> from ..ink.pieces import pieces_of
        >>> ink = np.zeros((60, 120), np.float32)
        >>> ink[10:40, 50:54] = ink[50:53, np.arange(120) % 10 < 6] = 1
        >>> cleaned = without_dashes(pieces_of(ink))
        >>> float(cleaned[20, 51]), float(cleaned[45:].max())
        (1.0, 0.0)
    """
    if len(pieces.boxes) <= _LEAST:
        return None
    size = pieces.boxes[:, 2:] - pieces.boxes[:, :2]
    long = size.max(axis=1)
    usual = weighted_median(long, long.astype(np.float64) ** 3)  # a digit counts more than dashes
    short = np.flatnonzero((long <= _SHORT * usual) & (pieces.area >= _SOLID * size.prod(axis=1)))
    if len(short) < _LEAST:
        return None
    dash = float(np.median(long[short]))
    in_lines = short[_in_lines(pieces.mask(short), pieces, dash)[short]]
    if not len(in_lines):
        return None
    gone = in_lines if len(in_lines) < _MANY else _with_alike(in_lines, short, size)
    return np.where(pieces.mask(gone), np.float32(0), pieces.ink)


def _with_alike(in_lines: Integers, short: Integers, size: Integers) -> Integers:
    """The dashes in lines, and others as long and thick: short sides of boxes have too few."""
    long, thick = size.max(axis=1), size.min(axis=1)
    usual, wide = np.median(long[in_lines]), np.median(thick[in_lines])
    alike = (np.abs(long[short] - usual) <= _ALIKE * usual) & (
        np.abs(thick[short] - wide) <= max(1, _ALIKE * wide)
    )
    return np.union1d(in_lines, short[alike])


def _in_lines(mask: Bools, pieces: Pieces, dash: float) -> Bools:
    """Whether each piece lies in a line of a mask; ``dash`` is the length of a dash in pixels."""
    window = 2 * int(np.ceil(dash / 2)) + 1
    grown = highest_around(mask, window)
    found = Components.of(grown)
    numbers = found.labels()
    # The area without the growth outside: the lines of small boxes would else cover a whole form.
    closed = numbers[~highest_around(~grown, window)]
    area = np.bincount(closed, minlength=found.count + 1)[1:]
    sizes = np.diff(found.boxes().reshape(-1, 2, 2), axis=1)[:, 0]
    # The group that the first pixel of each piece lies in.
    first = np.full(len(pieces.boxes) + 1, -1)
    seen = np.flatnonzero(mask)[::-1]
    first[pieces.numbers.ravel()[seen]] = seen
    group = np.where(first[1:] >= 0, numbers.ravel()[first[1:]], 0)
    dashes = np.bincount(group, minlength=found.count + 1)[1:]
    hollow = area <= _HOLLOW * sizes.prod(axis=1)
    long = sizes.max(axis=1) >= _LEAST * dash
    lines = long & (hollow | (sizes.min(axis=1) <= _NARROW * window))
    # Two sides of a box are one line that goes around a corner.
    boxes = hollow & (sizes.sum(axis=1) >= _LEAST * dash)
    return np.asarray(np.concatenate([[False], (lines | boxes) & (dashes >= _LEAST)])[group])
