"""What stands among letters is more likely a letter, too: an l of a word, an O of a name.

The ink alone cannot show that an l is no 1.  But letters stand together: what all pieces look like
shows which share of the page, and of the pieces beside each piece, are digits.  These shares change
how likely each piece is a digit, which changes the shares again.  Saerens, Latinne and Decaestecker
(2002) adjust a network's outputs like this, to shares of classes that it was not trained with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...arrays import Doubles, Floats, Integers
from ..ink.pieces import Pieces
from .likeness import LIKELY
from .parts import Part

_LEAST = 1e-6  # least likeness that is believed: chances are divided by their sum, which is not 0
_MOST = 0.86  # most likeness that is believed: letters look like digits, too
_UNLIKE = 0.6  # power of odds below 1, raises them: what looks like no digit was sometimes one
# Factor for the odds of what was cut out of a larger piece, if no other digits of the page touch:
# letters look like several digits that touch.
_CUT = 0.35
_DIGITS = 50.0  # a page counts as one with so many digits before its pieces are seen,
_OTHERS = 0.1  # and with so many other pieces
_PAGE = 0.4  # weight of the page's share of digits beside those near a piece, each of at most 1
_FAR = 1.2  # times the height: a piece so far away counts less by a factor of e
# Times the height: so does one whose top and whose foot both lie so far above or below. Letters of
# a word stand on one line, or hang from one.
_OFF = 0.2
_ALIKE = 0.5  # least height of the lower of two pieces in a line, over that of the higher one
_LEVEL = 0.5  # of the lower one's rows: least that both share
_ROUNDS = 12  # of adjusting
_SOLID = 0.5  # of the box of a small letter: least that is inked
_WINDING = 1.25  # times its box's border: least border of a letter; that of a dash is hardly longer
_SAME = 0.5  # of the smaller box: least that lies in the other, if both hold the same ink


def without_letters(parts: Sequence[Part], pieces: Pieces) -> list[Part]:
    """The parts, with less likeness for those among letters; 0 for what is more likely a letter.

    Args:
        parts: of the whole page.
        pieces: all ink of the page, also what was taken for dashes, as small letters may be.

    Example:
        >>> from ..ink.pieces import pieces_of
        >>> ink, looks = np.ones((40, 4), np.float32), (0.0, 0.0, 0.0, 0.97, 0.0, 0.0)
        >>> bars = [Part.of(ink, (left, 10, left + 4, 50)) for left in range(10, 58, 8)]
        >>> parts = [replace(bar, likeness=like) for bar, like in zip(bars, looks)]
        >>> nothing = pieces_of(np.zeros((60, 100), np.float32))
        >>> [part.likeness for part in without_letters(parts, nothing)]
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    boxes = np.array([part.box for part in parts], np.int64).reshape(-1, 4)
    letters = _letters(pieces, boxes)
    likeness = np.array([part.likeness for part in parts])
    if not len(letters) and (likeness >= LIKELY).all():
        return list(parts)
    every = np.concatenate([likeness, np.zeros(len(letters))])
    cuts = np.array([part.cuts for part in parts] + [1.0] * len(letters))
    chance = chances(np.concatenate([boxes, letters]), every, cuts)[: len(parts)]
    least = np.where(chance < LIKELY, 0.0, np.minimum(chance, likeness))
    return [replace(part, likeness=like) for part, like in zip(parts, least.tolist())]


def chances(boxes: Integers, likeness: Floats, cuts: Floats) -> Doubles:
    """How likely each piece is a digit, given all of them: (N,) from 0 to 1.

    Args:
        boxes: of the pieces, (N, 4).
        likeness: how much each looks like a digit, by itself.
        cuts: how likely the cuts are that made it from a larger piece, 1 without any; an n is cut
            into ones, too. Parts of one piece have the same value, and tell nothing of each other.

    Example:
        >>> boxes = np.array([(left, 10, left + 4, 50) for left in (10, 30, 50)])
        >>> whole = np.ones(3)
        >>> chances(boxes, np.array([0.0, 0.97, 0.0]), whole).round(1).tolist()
        [0.0, 0.6, 0.0]
        >>> chances(boxes, np.array([0.97, 0.97, 0.97]), whole).round(1).tolist()
        [1.0, 1.0, 1.0]
    """
    seen = np.clip(np.minimum(likeness, cuts), _LEAST, _MOST)
    odds = seen / (1 - seen)
    odds = np.where(odds < 1, odds**_UNLIKE, odds)
    ones, others, weights = _pairs_in_lines(boxes)
    weights *= (cuts[ones] != cuts[others]) | (cuts[others] == 1)
    count = len(boxes)
    close = np.bincount(ones, weights, minlength=count)
    chance = odds / (1 + odds)
    cut = cuts < 1
    for _ in range(_ROUNDS):
        touching = chance[cut].sum() / chance.sum()
        own = np.where(cut, odds * (_CUT + (1 - _CUT) * touching), odds)
        page = (_DIGITS + chance.sum() - chance) / (_DIGITS + _OTHERS + count - 1)
        near = np.bincount(ones, weights * chance[others], minlength=count)
        share = (_PAGE * page + near) / (_PAGE + close)
        adjusted = own * share / (1 - share)
        chance = adjusted / (1 + adjusted)
    return np.asarray(chance)


def _letters(pieces: Pieces, boxes: Integers) -> Integers:
    """Boxes (N, 4) of pieces that are drawn like letters, and are not in ``boxes``."""
    if not len(boxes):
        return boxes
    size = pieces.boxes[:, 2:] - pieces.boxes[:, :2]
    drawn = pieces.area >= _SOLID * size.prod(axis=1)
    drawn &= pieces.border > _WINDING * 2 * size.sum(axis=1)
    drawn &= size[:, 1] >= _ALIKE * (boxes[:, 3] - boxes[:, 1]).min()
    letters = pieces.boxes[drawn]
    every = np.concatenate([boxes, letters])
    ones, others = _pairs(every)
    inside = (ones < len(boxes)) & (others >= len(boxes))
    ones, others = ones[inside], others[inside]
    corners = np.maximum(every[ones, :2], every[others, :2])
    ends = np.minimum(every[ones, 2:], every[others, 2:])
    shared = np.maximum(ends - corners, 0).prod(axis=1)
    area = (every[:, 2:] - every[:, :2]).prod(axis=1)
    same = others[shared >= _SAME * np.minimum(area[ones], area[others])]
    return np.asarray(np.delete(letters, np.unique(same) - len(boxes), axis=0))


def _pairs_in_lines(boxes: Integers) -> tuple[Integers, Integers, Doubles]:
    """Pairs of pieces in a line and about as high, and how much each tells about the other."""
    ones, others = _pairs(boxes)
    high, a, b = boxes[:, 3] - boxes[:, 1], boxes[ones], boxes[others]
    lower, higher = np.minimum(high[ones], high[others]), np.maximum(high[ones], high[others])
    shared = np.minimum(a[:, 3], b[:, 3]) - np.maximum(a[:, 1], b[:, 1])
    kept = (ones != others) & (lower >= _ALIKE * higher) & (shared >= _LEVEL * lower)
    apart = np.maximum(np.maximum(a[:, 0] - b[:, 2], b[:, 0] - a[:, 2]), 0)
    off = np.minimum(np.abs(a[:, 1] - b[:, 1]), np.abs(a[:, 3] - b[:, 3]))
    weights = np.exp(-(apart / _FAR + off / _OFF) / higher)
    return ones[kept], others[kept], weights[kept]


def _pairs(boxes: Integers) -> tuple[Integers, Integers]:
    """Pairs of pieces whose middles are close enough in height to stand in a line."""
    middle = (boxes[:, 1] + boxes[:, 3]) / 2
    order = np.argsort(middle, kind="stable")
    # Farther away no piece that is about as high shares rows of pixels with it.
    reach = (boxes[:, 3] - boxes[:, 1]) / (2 * _ALIKE)
    first = np.searchsorted(middle[order], middle - reach)
    count = np.searchsorted(middle[order], middle + reach, side="right") - first
    ones = np.repeat(np.arange(len(boxes)), count)
    place = np.arange(len(ones)) - np.repeat(np.cumsum(count) - count, count)
    return ones, order[place + np.repeat(first, count)]
