"""Splits digits that touch, if the parts look like digits.

A piece of ink that looks like a digit as a whole is left as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, combinations
from typing import Optional

import numpy as np

from ...arrays import Floats
from ..pixels.components import Box
from .likeness import LIKELY
from .parts import CERTAIN, Part, parts_of
from .rings import rings
from .seams import between, seams

_NARROWEST = 0.5  # least width over height of two digits side by side
_LOW = 0.6  # of the usual height: what is lower is a part of a digit
_STACKED = 1.7  # of the usual height: what is taller may be two digits one above the other
_AS_TALL = 0.3  # of the likeness of such a tall piece: what counts
# Taller pieces are whole digits of a larger size, if so many of those as tall are whole digits.
_SEVERAL = 3  # least number of whole digits
_MOSTLY = 0.5  # of the pieces as tall: least share of whole digits; in forms many are stacked
_ALIKE = 1.25  # most quotient of the heights of digits that are as tall
_LONGEST = 8.0  # most height over width of two digits one above the other: ones are narrow
_WIDEST = 3.0  # most width over height of digits that touch; what is wider is a line or a word
_BROADEST = 1.5  # times the height of all: most width of one digit
_FEW = 5  # cheapest cuts that are tried first, to a width of one height
_SURE = 0.4  # chance: with less, all cuts are tried
_GAPS = (0.0, 0.08, 0.16, 0.24)  # of the height: gaps that are tried in the rings of zeros
_EACH_CUT = 0.7  # factor of the chance for each cut
_LEAST = 0.08  # least chance of digits that are split
_MANY = 200  # pieces that look like no digits: a page with more may be words, and is read quickly


def all_parted(parts: Sequence[Part]) -> list[Part]:
    """The digits of all pieces of a page; see :func:`parted`.

    Example:
        >>> bars = [Part.of(np.ones((40, 5), np.float32), (x, 10, x + 5, 50)) for x in (10, 90)]
        >>> len(all_parted(bars))
        2
    """
    if not parts:
        return []
    usual = float(np.median([part.ink.shape[0] for part in parts]))
    quick = sum(part.likeness < LIKELY for part in parts) > _MANY
    made = [parted(part, usual, quick=quick) for part in parts]
    # If several tall digits stay whole, their height is a size of its own, also for others as tall.
    high = np.array([part.ink.shape[0] for part in parts])
    whole = np.array([len(each) == 1 for each in made])
    tall = high > _STACKED * usual
    for at in np.flatnonzero(tall & ~whole).tolist():
        alike = tall & (high > high[at] / _ALIKE) & (high < high[at] * _ALIKE)
        several = np.count_nonzero(alike & whole) >= max(_SEVERAL, _MOSTLY * alike.sum())
        if several and parts[at].likeness >= CERTAIN:
            made[at] = [parts[at]]
    return [each for several in made for each in several]


def parted(part: Part, usual: float = np.inf, *, quick: bool = False) -> list[Part]:
    """The digits of one piece of ink, from the left; the piece itself if it is best left whole.

    Args:
        part: ink that may be several digits beside each other, or one above the other.
        usual: pixels of the height of a digit; what is much taller may be two.
        quick: whether only few cuts are tried.

    Example:
        >>> bar = Part.of(np.ones((40, 5), np.float32), (10, 10, 15, 50))
        >>> len(parted(bar))
        1
    """
    stacked = part.ink.shape[0] > _STACKED * usual
    low = part.ink.shape[0] < _LOW * usual < np.inf
    if low or (part.likeness >= CERTAIN and not stacked):
        return [part]
    ink = part.ink.T if stacked else part.ink
    height, width = ink.shape
    if not _NARROWEST <= width / height <= (_LONGEST if stacked else _WIDEST):
        return [part]
    cuts = _Cuts(ink, stacked, part.box)
    chance, found = cuts.best(round(_FEW * width / height))
    if chance < _SURE and not quick:
        chance, found = cuts.best(len(cuts.ways))
    if not quick and not stacked:
        # Zeros that are cut through the side they share may look like digits, too.
        for zeros in chain.from_iterable(rings(part.ink, gap) for gap in _GAPS):
            chance, found = max((chance, found), _made(zeros, part.box), key=lambda each: each[0])
    whole = part.likeness * (_AS_TALL if stacked else 1)
    if chance < max(_LEAST, whole):
        return [part]
    return [replace(each, cuts=chance) for each in found]


def _made(zeros: Sequence[tuple[Floats, Box]], box: Box) -> tuple[float, list[Part]]:
    """The chance of a piece's zeros and of what lies beside them, and the digits that they make."""
    x, y = box[:2]
    boxes = [(left + x, top + y, right + x, bottom + y) for _, (left, top, right, bottom) in zeros]
    made = parts_of([ink for ink, _ in zeros], boxes)
    found = [each for one in made for each in parted(one, quick=True)]
    chance = np.prod([each.likeness * _EACH_CUT for each in found]) / _EACH_CUT
    return float(chance), found


class _Cuts:
    """Ink, ways to cut it, and the parts between cuts that were looked at.

    ``stacked`` ink has its rows and columns swapped; ``box`` is that of all of it.
    """

    def __init__(self, ink: Floats, stacked: bool, box: Box):
        height, width = ink.shape
        self._ink, self._stacked, self._corner = ink, stacked, box[:2]
        self._seen: dict[tuple[int, int], Optional[Part]] = {}
        self.ways = seams(ink)
        ends = np.full(height, width), np.zeros(height, np.int64)
        self._lines = [*self.ways, *ends]  # the last, which is also number -1, is the left end

    def best(self, most: int) -> tuple[float, list[Part]]:
        """The chance and the parts of the best way to split the ink at the cheapest cuts.

        The chance is the product of what its parts look like, and of a factor for each cut.
        """
        first, last = -1, len(self.ways)
        middles = [float(way.mean()) for way in self.ways]
        order = [first, *sorted(range(min(most, last)), key=middles.__getitem__), last]
        best = {first: (1 / _EACH_CUT, list[Part]())}
        begun: set[int] = set()
        # After a part that looks like no digit, the rest is too unlikely to be looked at.
        while new := [each for each in order[:-1] if _is_likely(best, each) and each not in begun]:
            begun.update(new)
            pairs = (pair for pair in combinations(order, 2) if pair != (first, last))
            self._see([pair for pair in pairs if pair[0] in new])
            for at, end in enumerate(order[1:], 1):
                ways = [
                    (best[begin][0] * part.likeness * _EACH_CUT, [*best[begin][1], part])
                    for begin in order[:at]
                    if (part := self._seen.get((begin, end))) is not None
                ]
                best[end] = max(ways, key=lambda way: way[0], default=(0.0, []))
        return best[last]

    def _see(self, pairs: list[tuple[int, int]]) -> None:
        """Make digits of what lies between two cuts, unless that was done before."""
        new = [pair for pair in pairs if pair not in self._seen]
        made = [self._cut(*pair) for pair in new]
        found = iter(parts_of(*zip(*(each for each in made if each is not None))))
        self._seen.update((pair, each and next(found)) for pair, each in zip(new, made))

    def _cut(self, begin: int, end: int) -> Optional[tuple[Floats, Box]]:
        left, right = self._lines[begin], self._lines[end]
        if (right - left).mean() > _BROADEST * len(self._ink):
            return None
        return between(self._ink, left, right, self._stacked, self._corner)


def _is_likely(best: dict[int, tuple[float, list[Part]]], cut: int) -> bool:
    """Whether what lies before a cut is likely enough: with what follows it is only less likely."""
    return cut in best and best[cut][0] * _EACH_CUT >= _LEAST
