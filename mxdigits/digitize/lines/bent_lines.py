"""Lines that are bent, or fall together in the distance, as on a page that a camera took.

No one slope fits them.  Each is followed from one free part to the next: where nothing is written
on a line it is thin, and goes on where the part before it leads.
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

_LEAST = 0.25  # of the longer side: how wide ink is that may hold a line
_FLATTEST = 2.5  # width over height: no digit is as flat
_HIGHEST = 0.6  # of the longer side: no digit of a page is as high
_SPAN = 0.12  # of the longer side: a line is as long
_THICKEST = 0.01  # of the longer side
_SHORTEST = 3  # times as long as a line may be thick: a free part
_THICKER = 1.5  # times as thick as most of a part: a stroke runs beside it, or into it
_STEEPEST = 0.2  # height over width of a part, 11 degrees
_COVERED = 0.6  # of a line are its free parts
_FURTHEST = 0.15  # of the longer side, from one part to the next: several digits
_TURN = 0.08  # rise over run by which the next part may miss where the one before leads,
_TURNING = 0.06  # of the longer side: as far as that, and no further
_END = 60  # columns of a part that say where it leads


def without_bent_lines(pieces: Pieces, outside: Optional[Bools] = None) -> Pieces:
    """The pieces of a page without the long thin lines in what is no digit.

    Args:
        pieces: of ink, without straight lines.
        outside: (H, W), what is no part of the page, once it was turned.

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
    found = [_erase_from(ink, pieces, piece, False) for piece in np.flatnonzero(level).tolist()]
    found += [_erase_from(ink, pieces, piece, True) for piece in np.flatnonzero(upright).tolist()]
    return pieces_of(ink, outside) if any(found) else pieces


def _erase_from(ink: Floats, pieces: Pieces, piece: int, upright: bool) -> bool:
    """Take the lines of a piece away, in place; whether there are any."""
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
    """A free part of a line: its row in each of its columns, from the first on, and how thick."""

    first: int
    rows: Doubles
    thick: Integers

    @property
    def end(self) -> int:
        return self.first + len(self.rows)

    def led_to(self, column: int) -> float:
        """The row in a column beyond its end."""
        return float(self.rows[-1]) + self._rise * (column - self.end + 1)

    @cached_property
    def _rise(self) -> float:
        """Rise over run at its end."""
        rows = self.rows[-_END:]
        return float(np.polyfit(np.arange(len(rows)), rows, 1)[0])


def _lines(inked: Bools, side: int) -> Iterator[tuple[int, Integers, int]]:
    """Of each line its first column, its row in this and all that follow, and how thick it is."""
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
    """The nearest of the parts that go on where a part leads."""
    for part in parts:  # from the left
        gap = part.first - last.end
        if gap > _FURTHEST * side:
            return None
        missed = abs(part.rows[0] - last.led_to(part.first))
        if gap >= 0 and missed <= thickest + _TURN * min(gap, _TURNING * side):
            return part
    return None


def _parts(inked: Bools, thickest: int) -> list[_Part]:
    """What is thin, flat and longer than thick, from the left."""
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
    """What is inked for no more rows in a column than a line is thick."""
    height = len(inked)
    padded = np.pad(inked, ((1, 1), (0, 0)))
    changes = np.diff(padded.astype(np.int8), axis=0)
    begins, ends = np.nonzero(changes.T == 1), np.nonzero(changes.T == -1)
    thin = ends[1] - begins[1] <= thickest
    marks = np.zeros((height + 1, inked.shape[1]), np.int8)
    marks[begins[1][thin], begins[0][thin]] = 1
    marks[ends[1][thin], ends[0][thin]] -= 1
    return np.asarray(np.cumsum(marks, axis=0)[:-1] > 0)
