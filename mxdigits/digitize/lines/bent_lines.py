"""Removes lines that are bent, or that converge in the distance, as on a photograph of a page.

No single slope fits them.  Each is followed from one free part to the next: where nothing is
written on a line it is thin, and goes on where the part before it leads.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Optional

import numpy as np

from ...arrays import Bools, Doubles, Floats, Integers
from ..ink.pieces import Pieces, pieces_of
from ..pixels.components import Components
from .rules import INKED, Rules, erase

_LEAST = 0.25  # of the longer side: least width of ink that may hold a line
_FLATTEST = 2.5  # least width over height of ink with a level line: no digit is as flat
_HIGHEST = 0.6  # of the longer side: least height of ink with an upright line: no digit is as high
_SPAN = 0.12  # of the longer side: least length of a line
_THICKEST = 0.01  # of the longer side: most thickness of a line
_SHORTEST = 3  # times the most thickness of a line: least length of a free part
_THICKER = 1.5  # times a part's median thickness: with more, a stroke runs beside or into it
_STEEPEST = 0.2  # most height over width of a part, 11 degrees
_COVERED = 0.6  # of a line's length: least that its free parts have
_FURTHEST = 0.15  # of the longer side: most distance from a part to the next: several digits
_TURN = 0.08  # rise over run: most by which the next part misses where the one before leads
_TURNING = 0.06  # of the longer side: most length over which this adds up
_END = 60  # columns at the end of a part that say where it leads


def without_bent_lines(pieces: Pieces, outside: Optional[Bools] = None) -> Pieces:
    """The pieces of a page without the long thin lines in what is no digit.

    Args:
        pieces: of ink, without straight lines.
        outside: the pixels outside the page, if it was turned, (H, W).

    Example:
        >>> ink = np.zeros((200, 300), np.float32)
        >>> ink[80:120, 100:103] = 1
        >>> columns = np.arange(300)
        >>> ink[100 + columns**2 // 4000, columns] = 1
        >>> without_bent_lines(pieces_of(ink)).boxes.tolist()
        [[100, 80, 103, 120]]
    """
    size = pieces.boxes[:, 2:] - pieces.boxes[:, :2]
    side = max(pieces.ink.shape)
    if not (size >= _LEAST * side).any():
        return pieces
    (wide, high), none = size.T, ~pieces.look_written_on_a_page()
    level = (wide >= _LEAST * side) & (none | (wide >= _FLATTEST * high))
    # A one is as thin as an upright line.
    upright = (high >= _LEAST * side) & (none | (high >= _HIGHEST * side))
    ink = pieces.ink.copy()
    found = [
        _erase_from(ink, pieces, piece, upright=False) for piece in np.flatnonzero(level).tolist()
    ]
    found += [
        _erase_from(ink, pieces, piece, upright=True) for piece in np.flatnonzero(upright).tolist()
    ]
    return pieces_of(ink, outside) if any(found) else pieces


def _erase_from(ink: Floats, pieces: Pieces, piece: int, *, upright: bool) -> bool:
    """Remove the lines of a piece, in place; return whether there are any."""
    left, top, right, bottom = pieces.boxes[piece].tolist()
    part = np.s_[top:bottom, left:right]
    theirs = pieces.numbers[part] == piece + 1
    alone = np.where(theirs, ink[part], np.float32(0))
    turned = alone.T if upright else alone
    lines = list(_lines(turned > INKED, max(ink.shape)))
    for first, path, thick in lines:
        band = -(thick // 2), thick - thick // 2
        erase(turned[:, first : first + len(path)], _Path(0.0, [band], path))
    ink[part][theirs] = alone[theirs]
    return bool(lines)


@dataclass(frozen=True)
class _Path(Rules):
    """A line, by its row in each column."""

    path: Integers

    def offsets(self, columns: Integers, width: int) -> Integers:
        return np.asarray(self.path[columns])


@dataclass(frozen=True, eq=False)
class _Part:
    """A free part of a line: its first column, and its row and thickness in each of its columns."""

    first: int
    rows: Doubles
    thick: Integers

    @property
    def end(self) -> int:
        return self.first + len(self.rows)

    def led_to(self, column: int) -> float:
        """The row to which it leads in a column beyond its end."""
        return float(self.rows[-1]) + self._rise * (column - self.end + 1)

    @cached_property
    def _rise(self) -> float:
        """Rise over run at its end."""
        rows = self.rows[-_END:]
        return float(np.polyfit(np.arange(len(rows)), rows, 1)[0])


def _lines(inked: Bools, side: int) -> Iterator[tuple[int, Integers, int]]:
    """The first column of each line, its rows from there on, and its thickness."""
    thickest = max(3, round(_THICKEST * side))
    parts = _parts(inked, thickest)
    while parts:
        line = [parts.pop(0)]
        while (following := _next(line[-1], parts, thickest, side)) is not None:
            parts.remove(following)
            line.append(following)
        first, end = line[0].first, line[-1].end
        covered = sum(len(part.rows) for part in line)
        if end - first >= _SPAN * side and covered >= _COVERED * (end - first):
            columns = np.concatenate([np.arange(part.first, part.end) for part in line])
            rows = np.concatenate([part.rows for part in line])
            path = np.rint(np.interp(np.arange(first, end), columns, rows)).astype(np.int64)
            yield first, path, int(np.median(np.concatenate([part.thick for part in line])))


def _next(last: _Part, parts: Sequence[_Part], thickest: int, side: int) -> Optional[_Part]:
    """The nearest part that begins where the last part leads."""
    for part in parts:  # from the left
        gap = part.first - last.end
        if gap > _FURTHEST * side:
            return None
        missed = abs(part.rows[0] - last.led_to(part.first))
        if gap >= 0 and missed <= thickest + _TURN * min(gap, _TURNING * side):
            return part
    return None


def _parts(inked: Bools, thickest: int) -> list[_Part]:
    """The free parts of lines, which are thin, flat and longer than thick, from the left."""
    thin = Components.of(_thin(inked, thickest))
    numbers, found = thin.labels(), []
    for number, (left, top, right, bottom) in enumerate(thin.boxes().tolist(), 1):
        wide, high = right - left, bottom - top
        if wide < _SHORTEST * thickest or high > thickest + _STEEPEST * wide:
            continue
        theirs = numbers[top:bottom, left:right] == number
        columns = theirs.sum(axis=0)
        if not columns.all():
            continue
        rows = (theirs * np.arange(top, bottom)[:, None]).sum(axis=0) / columns
        alone = np.flatnonzero(columns <= _THICKER * np.median(columns))
        rows = np.interp(np.arange(wide), alone, rows[alone])
        found.append(_Part(left, rows, columns))
    return sorted(found, key=lambda part: part.first)


def _thin(inked: Bools, thickest: int) -> Bools:
    """The pixels in vertical runs of ink that are no longer than a line is thick."""
    height = len(inked)
    padded = np.pad(inked, ((1, 1), (0, 0)))
    changes = np.diff(padded.astype(np.int8), axis=0)
    begins, ends = np.nonzero(changes.T == 1), np.nonzero(changes.T == -1)
    thin = ends[1] - begins[1] <= thickest
    marks = np.zeros((height + 1, inked.shape[1]), np.int8)
    marks[begins[1][thin], begins[0][thin]] = 1
    marks[ends[1][thin], ends[0][thin]] -= 1
    return np.asarray(np.cumsum(marks, axis=0)[:-1] > 0)
