"""Marks between and beside the digits of a page: points, commas, minus signs, colons, slashes.

Nothing reads them: their size and their place in the line say what they probably are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ...arrays import Floats, Integers
from ..digit import COLON, COMMA, MINUS, NONE, POINT, SLASH, Marks
from ..ink.pieces import Pieces
from ..ink.straight import is_straight
from ..ink.usual_height import HIGH, LOW
from .likeness import LIKELY
from .parts import Part
from .slashes import lean_of

_POINTS = (POINT, COMMA, COLON)

# In heights of the digits beside a mark:
_NEAR = 0.7  # most distance of the nearer one
_APART = 1.5  # more between two digits is between two numbers
_SHORT = 0.65  # most height of a point or a comma
_TOP = 0.6  # how far above the foot its top lies at most, or that of the lower point of a colon
_NARROW = 0.35  # most width of these
_FOOT = (-0.5, 0.2)  # how far above the digits' foot their middle lies
_LONG = (0.18, 1.0)  # length of a minus sign
_MIDDLE = (0.25, 0.7)  # how far above the foot its middle lies
_UPPER = 0.3  # most height of the upper point of a colon
_RISE = (0.2, 0.75)  # how far the upper point of a colon lies above the lower one
_ASIDE = 0.3  # most distance of these across
_TALL = 0.85  # least height of a slash
_INSIDE = (0.2, 0.8)  # how far above the foot its middle lies

_FLAT = 1.7  # least width over height of a minus sign
_LEANS = 0.15  # pixels a row: least that a slash leans to the right
_THIN = 0.5  # times the pen: least width and height of a mark
_HIGH_COMMA = 1.7  # times the pen: least height of a comma
_DARK = 0.6  # times the darkness of digits: least of a mark
_INK = 0.1  # least ink of a digit's pixels
_OWN = 0.5  # of a piece's pixels: with more of them in a digit it is a part of that
_CLOSE = 0.5  # times the pen: how far from a piece removed ink is looked for
_LINE_INK = 0.3  # least ink of a removed pixel
_LEAST_LINE = 3  # pixels: least of these
_SPECKS = 1.5  # usual heights: how far around digits specks are counted
_SPECKS_PER_POINT, _FEW_SPECKS = 3, 2  # with so many, and two more, points may be specks, too
_AROUND = 2.0  # heights of a line's digits: what is farther away is not looked at


def marks_beside(
    parts: Sequence[Part], lines: Sequence[Sequence[int]], pieces: Pieces, ink: Floats
) -> dict[int, Marks]:
    """The marks of those parts that have one beside them.

    A mark between two digits is the one before the second, unless it ends a number.

    Args:
        parts: digits of a page, and what looks like none.
        lines: the indices of the parts in reading order, each line from the left.
        pieces: all ink of the page, without its lines.
        ink: the same with its lines, whose remains are no marks, (H, W).

    Example:
        >>> from ..ink.pieces import pieces_of
        >>> ink = np.zeros((60, 80), np.float32)
        >>> ink[10:50, 10:15] = ink[10:50, 50:55] = ink[46:51, 30:35] = 1
        >>> bar = np.ones((40, 5), np.float32)
        >>> parts = [Part(bar, (x, 10, x + 5, 50), ink, likeness=1.0) for x in (10, 50)]
        >>> marks_beside(parts, [[0, 1]], pieces_of(ink), ink)
        {1: ('.', '')}
    """
    found: dict[int, Marks] = {}
    boxes = np.array([part.box for part in parts], np.int64).reshape(-1, 4)
    sure = np.array([part.likeness >= LIKELY for part in parts], bool)
    pen, may = _pen_and_marks(pieces, boxes[sure])
    if not len(may):
        return found
    middles = (pieces.boxes[may, :2] + pieces.boxes[may, 2:]) / 2
    for line in lines:
        line = [at for at in line if sure[at]]
        if not line:
            continue
        theirs = boxes[line]
        far = _AROUND * float(np.median(theirs[:, 3] - theirs[:, 1]))
        near = (middles > theirs[:, :2].min(axis=0) - far).all(axis=1)
        near &= (middles < theirs[:, 2:].max(axis=0) + far).all(axis=1)
        some = np.array(
            [
                at
                for at in may[near].tolist()
                if not _is_in(pieces, at, parts, boxes) and not _is_at_line(pieces, at, ink, pen)
            ],
            np.int64,
        )
        across = pieces.boxes[some, 0] + pieces.boxes[some, 2]
        place = np.searchsorted(theirs[:, 0] + theirs[:, 2], across)
        for at in np.unique(place).tolist():
            beside = _Beside(pieces, pen, theirs[max(0, at - 1) : at + 1])
            mark = beside.mark(some[place == at], first=at == 0, last=at == len(line))
            if mark and (at == len(line) or (beside.apart and mark in (POINT, COMMA))):
                found[line[at - 1]] = found.get(line[at - 1], ("", ""))[0], mark
            elif mark:
                found[line[at]] = mark, ""
    return found if _are_few(found, pieces, may, boxes[sure]) else _without_points(found)


def _are_few(found: dict[int, Marks], pieces: Pieces, may: Integers, digits: Integers) -> bool:
    """Whether few pieces as small as points lie around digits besides points, as on clean paper."""
    points = sum(mark in _POINTS for marks in found.values() for mark in marks)
    if not points:
        return True
    usual = float(np.median(digits[:, 3] - digits[:, 1]))
    wide, high = (pieces.boxes[may, 2:] - pieces.boxes[may, :2]).T
    small = pieces.boxes[may[(wide <= _NARROW * usual) & (high <= _SHORT * usual)], None]
    apart = np.maximum(small[..., :2] - digits[:, 2:], digits[:, :2] - small[..., 2:])
    # What lies in a digit is one of its pieces.
    near = (apart <= _SPECKS * usual).all(axis=2).any(axis=1) & (apart > 0).any(axis=2).all(axis=1)
    return bool(near.sum() < _SPECKS_PER_POINT * points + _FEW_SPECKS)


def _without_points(found: dict[int, Marks]) -> dict[int, Marks]:
    """The marks without those that specks are like."""
    left = {at: [NONE if each in _POINTS else each for each in found[at]] for at in found}
    return {at: (before, after) for at, (before, after) in left.items() if before or after}


def _pen_and_marks(pieces: Pieces, digits: Integers) -> tuple[float, Integers]:
    """The width of the pen, and which pieces are thick and dark enough for marks."""
    none = 0.0, np.zeros(0, np.int64)
    if not len(digits) or not len(pieces.boxes):
        return none
    usual = float(np.median(digits[:, 3] - digits[:, 1]))
    size = pieces.boxes[:, 2:] - pieces.boxes[:, :2]
    alike = np.flatnonzero((size[:, 1] >= LOW * usual) & (size[:, 1] <= HIGH * usual))
    if not len(alike):
        return none
    pen = float(np.median([pieces.pen(at[None]) for at in alike]))
    dark = float(np.median(np.asarray(pieces.darkness[alike], np.float64)))
    may = (size.min(axis=1) >= _THIN * pen) & (pieces.darkness >= _DARK * dark)
    return pen, np.flatnonzero(may)


def _is_in(pieces: Pieces, piece: int, parts: Sequence[Part], boxes: Integers) -> bool:
    """Whether a piece belongs to one of the parts."""
    box = pieces.boxes[piece]
    if (boxes == box).all(axis=1).any():  # the usual case
        return True
    over = ((boxes[:, :2] < box[2:]) & (boxes[:, 2:] > box[:2])).all(axis=1)
    for at in np.flatnonzero(over).tolist():
        x, y = parts[at].box[:2]
        left, top = np.maximum(box[:2], boxes[at, :2]).tolist()
        right, bottom = np.minimum(box[2:], boxes[at, 2:]).tolist()
        own = pieces.numbers[top:bottom, left:right] == piece + 1
        ink = parts[at].ink[top - y : bottom - y, left - x : right - x] > _INK
        if (own & ink).sum() > _OWN * pieces.area[piece]:
            return True
    return False


def _is_at_line(pieces: Pieces, piece: int, ink: Floats, pen: float) -> bool:
    """Whether ink that was removed lies close to a piece, which may be the rest of a line."""
    left, top, right, bottom = pieces.boxes[piece].tolist()
    far = max(1, round(_CLOSE * pen))
    around = slice(max(0, top - far), bottom + far), slice(max(0, left - far), right + far)
    removed = (ink[around] > _LINE_INK) & (pieces.numbers[around] == 0)
    return bool(removed.sum() >= _LEAST_LINE)


class _Beside:
    """What pieces may be that stand beside one or two digits, whose boxes are (N, 4)."""

    def __init__(self, pieces: Pieces, pen: float, digits: Integers):
        self._pieces, self._pen, self._digits = pieces, pen, digits
        self._tall = float((digits[:, 3] - digits[:, 1]).mean())
        self._foot = float(digits[:, 3].mean())
        # Whether they belong to two numbers.
        self.apart = bool(digits[-1, 0] - digits[0, 2] > _APART * self._tall)

    def mark(self, some: Integers, *, first: bool, last: bool) -> str:
        """The mark between the two digits, or before the first or after the last of a line."""
        if first:
            return self._minus(some)
        return (not last and self._slash(some)) or self._minus(some) or self._point(some)

    def _minus(self, some: Integers) -> str:
        may = [
            piece
            for piece, (wide, high, up, apart) in self._each(some)
            if wide >= _FLAT * high
            and _within(wide, _LONG)
            and _within(up, _MIDDLE)
            and apart <= _NEAR
        ]
        return MINUS if len(may) == 1 else NONE

    def _point(self, some: Integers) -> str:
        """A point, a comma, or a colon if another point stands above it."""
        small = [
            (piece, high, up)
            for piece, (wide, high, up, apart) in self._each(some)
            if high <= _SHORT and wide <= _NARROW and apart <= _NEAR
        ]
        comma = _HIGH_COMMA * self._pen / self._tall
        low = [each for each in small if _within(each[2], _FOOT) and each[2] + each[1] / 2 <= _TOP]
        upper = [each for each in small if each[2] > _FOOT[1] and each[1] <= _UPPER]
        if len(low) != 1:
            return NONE
        piece, high, up = low[0]
        if len(upper) == 1 and _within(upper[0][2] - up, _RISE):
            x = self._pieces.boxes[[piece, upper[0][0]]][:, [0, 2]].mean(axis=1)
            if abs(x[1] - x[0]) <= _ASIDE * self._tall:
                return COLON
        return POINT if high < comma else COMMA

    def _slash(self, some: Integers) -> str:
        for piece, (_, high, up, apart) in self._each(some):
            if high >= _TALL and _within(up, _INSIDE) and apart <= _NEAR:
                ink = self._pieces.cut(np.array([piece]))
                if is_straight(ink) and lean_of(ink) >= _LEANS:
                    return SLASH
        return NONE

    def _each(self, some: Integers) -> Iterator[tuple[int, tuple[float, float, float, float]]]:
        """Each piece of the line: width, height, how far above the foot, and from a digit."""
        for piece in some.tolist():
            left, top, right, bottom = self._pieces.boxes[piece].tolist()
            apart = np.maximum(left - self._digits[:, 2], self._digits[:, 0] - right).min()
            up = self._foot - (top + bottom) / 2
            measures = right - left, bottom - top, up, max(0, int(apart))
            wide, high, up, near = (each / self._tall for each in measures)
            if _within(up, (_FOOT[0], 1)):
                yield piece, (wide, high, up, near)


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]
