"""The pieces of ink in a picture, and which of them look written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Optional

import numpy as np
from numpy.typing import NDArray

from ...arrays import Bools, Doubles, Floats, Integers, Numbers
from ..pixels.components import Box, Components
from ..pixels.median import median
from ..pixels.resizing import reduced
from .borders import edges
from .straight import is_straight
from .usual_height import usual_height

_SEEN = 0.2  # least ink of each pixel of a stroke
_SURE = 0.6  # least ink of a stroke's darkest pixel
# All MNIST digits lie within these bounds: their strokes are 0.6 to 2.5 times as long as the digit,
# which is 3.4 to 12 times as long as its pen is thick. Noise is a tangle of strokes, a speck none.
_LONGEST_STROKES = 5.0  # times the digit's length: most length of its strokes
_STOUTEST = 2.7  # pen widths: least length of a digit
_STOUTEST_SURE = 3.2  # the same where specks of dirt are counted: what is longer is surely no speck
_LEAST_THIN = 12.0  # times the pen's width: least length of a piece thinner than a digit
_SOFTEST = 0.69  # least darkness of strokes: shadows have no sharp edge
_SOFTEST_CUT = 0.76  # the same for those cut by the picture's edge, which shadows reach
_SOFTEST_AT_ALL = 0.3  # least darkness of a piece that clearly looks like a digit
_SOFTEST_ON_A_PAGE = 0.45  # least darkness of a piece about as high as the digits of a page
_PAGE = 10  # least digits of a page whose usual height is believed
_LOW = 0.6  # times the usual height: least height of what is about as high
_HIGH = 1.6  # times the usual height: most height and width of what is about as high
_SHARE_WRITTEN = 0.3  # of the soft pieces about as high: least that are also dark, on such a page
_FLATTEST = 5.0  # width over height: more may be a line
_STRAIGHTEST = 1.2  # times the width of a line: most length of its strokes
_THINNEST_FOLD = 16  # times its thickness: least length of a fold, straight from edge to edge
_SHORT_FOLD = 8  # the same for a soft fold over a corner of the picture
_SMALL = 28  # pixels of the longer side at which a fold is seen to be straight
_LEAST_FOLD = 0.3  # height over width, 17 degrees: a fold that is less steep may be a rule
_CUT_SHADOW = 0.3  # of a soft piece's longer side: least that a shadow has along the edges
_ALONG = 0.8  # of any piece's longer side: least that a shadow has along one edge, however dark
_LEAST_ALONG = 0.4  # of that edge's length: least that such a shadow has along it
_SOLID = 0.8  # of its box: least that is inked of a thing, or of a line that is level or upright
_CORNER = 0.9  # of both its sides: least that a shadow over a corner has along two edges
_LEAST_SHADOWED = 200  # pixels: least longer side of a picture that may hold a shadow
_CUT_SURE = 0.93  # darkness: pieces at the picture's edge that are as dark are sharp as strokes
_SMALLEST = 8  # pixels: least longer side of a digit, within these limits:
_LEAST_SHARE = 0.006  # of the picture's longer side: in a large picture the least is larger
_MOST_SHARE = 0.2  # of the picture's longer side: in a tiny picture the least is smaller
_LEAST_ALONE = 0.011  # the same share for the digit of a picture of one digit
_DIRT = ((0.5, 10), (0.25, 40))  # specks are dirt: their least length in digits; number per digit
# Noise on blank paper, as of its grain, outweighs the few pieces in it that look like digits.
_SPECK = 0.5  # of the digits' length: most length of a piece of noise
_MOST_SPECKS = 50  # least number of such pieces
_HEAVIER = 2  # times the digits' mass: least mass of these pieces


@dataclass(frozen=True, eq=False)
class Pieces:
    """The connected pieces of ink in a picture.

    ``ink`` and ``numbers`` (the piece, from 1) are given by pixel, (H, W); the rest by piece: its
    box, mass (sum of ink), darkness (mean ink, weighted by the ink), area in pixels, border in
    sides of pixels, and how many of these lie at the picture's left, top, right and lower edge.

    Example:
        >>> ink = np.zeros((60, 60), np.float32)
        >>> ink[10:50, 28:34] = 1
        >>> pieces = pieces_of(ink)
        >>> pieces.boxes.tolist(), pieces.look_written().tolist()
        ([[28, 10, 34, 50]], [True])
    """

    ink: Floats
    numbers: NDArray[np.int32]
    boxes: Integers
    mass: Numbers
    darkness: Numbers
    area: Numbers
    border: Numbers
    at_edge: Numbers

    def box(self, group: Integers) -> Box:
        """The box of several pieces together."""
        if len(group) == 1:  # the usual case, in a tenth of the time
            left, top, right, bottom = self.boxes[group[0]].tolist()
            return left, top, right, bottom
        left, top = self.boxes[group, :2].min(axis=0).tolist()
        right, bottom = self.boxes[group, 2:].max(axis=0).tolist()
        return left, top, right, bottom

    def cut(self, group: Integers) -> Floats:
        """The ink of several pieces alone, in their box."""
        left, top, right, bottom = self.box(group)
        part = self.numbers[top:bottom, left:right]
        theirs = np.isin(part, group + 1) if len(group) > 1 else part == group + 1
        return np.where(theirs, self.ink[top:bottom, left:right], np.float32(0))

    def mask(self, group: Integers) -> Bools:
        """The pixels of several pieces, (H, W)."""
        theirs = np.zeros(len(self.boxes) + 1, bool)
        theirs[group + 1] = True
        return theirs[self.numbers]  # np.isin takes longer

    def only(self, which: Bools) -> Pieces:
        """Some of the pieces, numbered anew."""
        if which.all():
            return self
        new = np.concatenate([[0], np.where(which, np.cumsum(which), 0)]).astype(np.int32)
        each = self.mass, self.darkness, self.area, self.border, self.at_edge
        return Pieces(
            self.ink, new[self.numbers], self.boxes[which], *(values[which] for values in each)
        )

    def usual_height(self, which: Optional[Bools] = None) -> float:
        """The usual height of all pieces, or of some; see :func:`usual_height`."""
        if which is None:
            return usual_height(self._size[:, 1], self.mass, self._have_strokes)
        return usual_height(self._size[which, 1], self.mass[which], self._have_strokes[which])

    def look_written(self) -> Bools:
        """Which pieces may be strokes of a pen, not noise, a shadow, a line or a fold."""
        softest = np.where(self.are_cut(), _SOFTEST_CUT, _SOFTEST)
        return np.asarray(~self._are_none & (self.darkness >= softest))

    def look_written_on_a_page(self) -> Bools:
        """Which pieces may be strokes of a pen, on a page of digits that are about as high.

        A thin pen or a pencil is as soft as a shadow; but no shadow is as high as the digits
        around it.
        """
        written = self.look_written()
        wide, high = self._size.T
        if not written.any():
            return written
        usual = self.usual_height(written)
        alike = (high >= _LOW * usual) & (high <= _HIGH * usual) & (wide <= _HIGH * usual)
        soft = alike & ~self._are_none & (self.darkness >= _SOFTEST_ON_A_PAGE)
        # Most pieces of a texture are soft.
        least = max(_PAGE, _SHARE_WRITTEN * soft.sum())
        return written if (written & alike).sum() < least else np.asarray(written | soft)

    @cached_property
    def _are_none(self) -> Bools:
        """Which pieces are no strokes of a digit, however dark."""
        lines = self.are_lines() | self._are_folds()
        return np.asarray(self.are_tangled() | lines | self._are_shadows())

    def are_tangled(self) -> Bools:
        """Which pieces have more strokes than a digit of their size: noise."""
        return np.asarray(self._strokes > _LONGEST_STROKES * self._long)

    def are_lines(self) -> Bools:
        """Which pieces are level lines."""
        wide, high = self._size.T
        straight = self._strokes <= _STRAIGHTEST * wide
        return np.asarray(straight & (wide > _FLATTEST * high))

    def may_be_lines(self, long: float) -> Bools:
        """Which pieces are ``long`` pixels or longer, and thin for a digit or cut by the edge."""
        thin = self._long * self._strokes >= _LEAST_THIN * self.area
        return np.asarray((self._long >= long) & (thin | self.are_cut()))

    def are_sides(self, group: Integers, thinnest: float, straightest: float, over: float) -> bool:
        """Whether several pieces are thin, and straight as a line or two sides of a box.

        They are ``thinnest`` times as long as thick. Their strokes have at most ``straightest``
        times width + height, and exceed it by at most ``over`` times the narrower side.
        """
        left, top, right, bottom = self.box(group)
        wide, high = right - left, bottom - top
        strokes = self.border[group].sum() / 2
        most = min(straightest * (wide + high), wide + high + over * min(wide, high))
        return bool(max(wide, high) >= thinnest * self.pen(group) and strokes <= most)

    def pen(self, group: Integers) -> float:
        """How thick the strokes of several pieces are, in pixels."""
        return float(self.area[group].sum() / _stroke_length(self.border[group].sum()))

    def may_be_written(self) -> Bools:
        """Which pieces may be strokes if they look like a digit: all but shadows."""
        return np.asarray(~self._are_shadows() & (self.darkness >= _SOFTEST_AT_ALL))

    def without_folds(self) -> Pieces:
        """The pieces without folds; nearly level ones stay, for they may be rules of a page."""
        wide, high = self._size.T
        return self._without(self._are_folds() & (high > _LEAST_FOLD * wide))

    def without_edges(self) -> Pieces:
        """The pieces without all folds, shadows, and what lies along the picture's edges."""
        return self._without(self._are_folds() | self._are_shadows() | self.may_lie_at_edges())

    def _without(self, which: Bools) -> Pieces:
        if not which.any():
            return self
        return pieces_of(np.where(self.mask(np.flatnonzero(which)), np.float32(0), self.ink))

    def _are_folds(self) -> Bools:
        """Which pieces are thin straight lines, at any angle, from edge to edge of the picture."""
        wide, high = self._size.T
        # The border of a straight line is as long as that of its box, whatever its angle.
        straight = self.border <= _STRAIGHTEST * 2 * (wide + high)
        cut = self._reached
        over = (cut & ~np.roll(cut, 2, axis=1)).sum(axis=1) == 2
        thinnest = np.where(over & (self.darkness < _CUT_SURE), _SHORT_FOLD, _THINNEST_FOLD)
        thin = thinnest * self.area < wide**2 + high**2
        folds = np.asarray(straight & thin & (cut.sum(axis=1) >= 2))
        # A long line that a digit crosses is hardly wider on average: is it straight, too?
        for each in np.flatnonzero(folds):
            folds[each] = is_straight(reduced(self.cut(np.array([each])), _SMALL))
        return folds

    def _are_shadows(self) -> Bools:
        """Which pieces lie along the picture's edge for longer than a stroke does."""
        if max(self.numbers.shape) < _LEAST_SHADOWED:
            return np.zeros(len(self.boxes), bool)
        # A digit in a close crop reaches edges too, as do soft strokes of small pictures.
        both = self._reached[:, :2] & self._reached[:, 2:]
        soft = self.at_edge.sum(axis=1) >= _CUT_SHADOW * self._long
        soft &= ~both.any(axis=1) & (self.darkness < _CUT_SURE)
        height, width = self.numbers.shape
        along = self.at_edge >= _ALONG * self._long[:, None]
        along &= self.at_edge >= _LEAST_ALONG * np.array([height, width, height, width])
        along &= ~np.concatenate([both, both], axis=1)
        whole = self.at_edge >= _CORNER * self._size[:, [1, 0, 1, 0]]
        corner = (whole & np.roll(whole, 1, axis=1)).any(axis=1) & ~both.all(axis=1)
        return np.asarray(soft | along.any(axis=1) | corner)

    def may_lie_at_edges(self) -> Bools:
        """Which pieces run along an edge of the picture, or are solid and reach it: no strokes."""
        along = (self.at_edge >= _ALONG * self._long[:, None]).any(axis=1)
        solid = self.are_cut() & (self.area >= _SOLID * self._size.prod(axis=1))
        return np.asarray(along | solid)

    @cached_property
    def _size(self) -> Integers:
        """Width and height of each piece."""
        return np.asarray(self.boxes[:, 2:] - self.boxes[:, :2])

    @cached_property
    def _long(self) -> Integers:
        return np.asarray(self._size.max(axis=1))

    @cached_property
    def _have_strokes(self) -> Bools:
        """Which pieces are large enough for a digit, and longer than a pen is thick."""
        return np.asarray((self._long >= self._smallest()) & ~self._are_stout(_STOUTEST))

    @cached_property
    def _strokes(self) -> Doubles:
        return _stroke_length(self.border)

    @cached_property
    def _reached(self) -> Bools:
        """Which edges of the picture each piece reaches, (N, 4)."""
        return np.asarray(self.at_edge > 0)

    def are_cut(self) -> Bools:
        """Which pieces reach the picture's edge."""
        return np.asarray(self._reached.any(axis=1))

    def are_large(self) -> Bools:
        """Which pieces may be the digit of a picture of one digit, or most of it."""
        return self._have_strokes & (self._long >= _LEAST_ALONE * max(self.numbers.shape))

    def among_dirt(self, digits: int, long: float) -> bool:
        """Whether there are too many specks for so many digits that are ``long`` pixels long."""
        specks = self._long[self._are_stout(_STOUTEST_SURE)]
        return any((specks >= share * long).sum() >= most * digits for share, most in _DIRT)

    def among_noise(self, digits: Sequence[Box], mass: float) -> bool:
        """Whether many small pieces outweigh digits with these boxes and this mass of ink."""
        if not digits:
            return False
        frames = np.array(digits)
        long = median((frames[:, 2:] - frames[:, :2]).max(axis=1))
        small = self._long <= _SPECK * long
        return bool(small.sum() >= _MOST_SPECKS and self.mass[small].sum() >= _HEAVIER * mass)

    def _are_stout(self, least: float) -> Bools:
        """Which pieces are shorter than ``least`` pen widths: blots."""
        return np.asarray(self._long * self._strokes < least * self.area)

    def look_like_a_digit(self, group: Integers) -> bool:
        """Whether several pieces together are large enough for a digit, and have a stroke."""
        left, top, right, bottom = self.box(group)
        long = max(right - left, bottom - top)
        return long >= max(self._smallest(), _STOUTEST * self.pen(group))

    def _smallest(self) -> float:
        side = max(self.numbers.shape)
        return min(max(_SMALLEST, _LEAST_SHARE * side), _MOST_SHARE * side)


def _stroke_length(border: Numbers) -> Doubles:
    """The length of strokes: half of their border, which pixels lengthen by 4 / pi on average."""
    return np.asarray(border * (np.pi / 8))


def pieces_of(ink: Floats, outside: Optional[Bools] = None, sure: float = _SURE) -> Pieces:
    """Every connected piece of ink that is dark somewhere.

    Args:
        ink: (H, W) from 0 for paper to 1 for ink.
        outside: the pixels outside the picture, if it was turned, (H, W).
        sure: the darkest pixel of a piece has more ink than this.

    Example:
        >>> len(pieces_of(np.zeros((10, 10), np.float32)).boxes)
        0
    """
    found = Components.of(ink > _SEEN)
    which = found.of_pixels(found.numbers)
    values = ink.ravel()[found.pixels].astype(np.float64)
    dark = np.bincount(which[values > sure], minlength=found.count) > 0
    mass = np.bincount(which, values, found.count)[dark]
    square = np.bincount(which, values * values, found.count)[dark]
    found = found.only(dark)
    numbers, area = found.labels(), found.area()
    border = 4 * area - 2 * found.neighbours()
    darkness = square / np.maximum(mass, 1e-9)
    at_edge = np.stack(
        [np.bincount(each, minlength=found.count + 1)[1:] for each in edges(numbers, outside)],
        axis=1,
    )
    return Pieces(ink, numbers, found.boxes(), mass, darkness, area, border, at_edge)
