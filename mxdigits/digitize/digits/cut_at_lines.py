"""Cuts ink that reaches over the lines of a form, as digits of two cells do that touch.

A stroke along a line, such as the bar of a 7, stays with the ink on that side of the line to which
more of it is joined.
"""

from __future__ import annotations

import numpy as np

from ...arrays import Bools
from ..ink.pieces import Pieces, pieces_of
from ..lines.cells import Cells
from ..pixels.components import Components
from ..pixels.highest import highest_around

_LONG = 8  # pixels: least length of a stroke along a line; strokes across it are no wider
_FLAT = 2  # least length over thickness of such a stroke
_MORE = 1.5  # times as much must be joined to it on one side as on the other


def cut_at_lines(pieces: Pieces, cells: Cells) -> Pieces:
    """The pieces; those that are larger than a cell are cut where lines were removed.

    Example:
        >>> from ..lines.form_lines import FormLines
        >>> from ..lines.rules import Rules
        >>> lines = Rules(0.0, [(at, at + 2) for at in range(0, 301, 50)])
        >>> cells = Cells(FormLines((slice(50, 352), slice(50, 352)), lines, lines))
        >>> ink = np.zeros((400, 400), np.float32)
        >>> ink[60:140, 120:124] = 1
        >>> cut_at_lines(pieces_of(ink), cells).boxes.tolist()
        [[120, 60, 124, 100], [120, 102, 124, 140]]
    """
    larger = np.flatnonzero(cells.are_exceeded(pieces.boxes))
    if not len(larger):
        return pieces
    ink, lines = pieces.ink.copy(), cells.lines.mask(pieces.ink.shape)
    # Ink is connected across corners, so the steps of a line that is askew must be closed.
    lines[1:, :-1] |= lines[:-1, :-1] & lines[1:, 1:]
    lines[1:, 1:] |= lines[:-1, 1:] & lines[1:, :-1]
    for each, (left, top, right, bottom) in zip(larger, pieces.boxes[larger].tolist()):
        part = slice(top, bottom), slice(left, right)
        own = pieces.numbers[part] == each + 1
        ink[part][_cut(lines[part] & own, own & ~lines[part])] = 0
    return pieces_of(ink)


def _cut(on: Bools, beside: Bools) -> Bools:
    """The ink on lines that is cut away, given the ink on lines and that beside them, (H, W)."""
    gone = on.copy()
    strokes = Components.of(on)
    numbers = strokes.labels()
    for number, (left, top, right, bottom) in enumerate(strokes.boxes().tolist(), 1):
        wide, high = right - left, bottom - top
        if max(wide, high) < max(_LONG, _FLAT * min(wide, high)):
            continue
        reach = np.s_[max(0, top - 1) : bottom + 1, max(0, left - 1) : right + 1]
        stroke, near, cut = numbers[reach] == number, beside[reach], gone[reach]
        if wide < high:
            stroke, near, cut = stroke.T, near.T, cut.T
        cut[stroke & ~_cut_off(stroke, near)] = False
    return gone


def _cut_off(stroke: Bools, beside: Bools) -> Bools:
    """The pixels of a level stroke that join it to the side to which less of it is joined."""
    columns, rows = np.flatnonzero(stroke.any(axis=0)), np.arange(len(stroke))[:, None]
    first = np.interp(np.arange(stroke.shape[1]), columns, stroke.argmax(axis=0)[columns])
    above = beside & (rows < first)
    joined = [stroke & highest_around(side, 3) for side in (above, beside & ~above)]
    fewer, more = sorted(joined, key=lambda side: int(side.any(axis=0).sum()))
    if more.any(axis=0).sum() < _MORE * fewer.any(axis=0).sum():
        return stroke
    return fewer
