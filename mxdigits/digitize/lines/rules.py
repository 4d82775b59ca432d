"""Traces level straight lines where nothing is written on them, and removes them.

Where a line is free, it shows how thick and how dark it is.  Anything more belongs to strokes: ink
beside it, ink that is darker, and what joins a stroke above it with one below it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Optional, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...arrays import Bools, Floats, Integers, Shape
from .columns import ranked, runs, smoothed
from .strokes_along import strokes_along

INKED = 0.12  # least ink of a line's pixel
_BESIDE = 4  # pixels beside a line that are looked at, besides half of its thickness
_PEN = 3  # pixels: most thickness of a stroke beside a line that it lies along
_STROKE = 0.25  # least ink of a stroke that meets a line; less is a blurred edge of the line
_THIN = 0.25  # quantile of a line's thickness by column: thicker columns may hold strokes along it
_DARK = 0.7  # quantile of the darkest ink of a line's free columns that is the line's own
_DARKER = 1.1  # times the line's ink, and _BY more: strokes are darker, being ink on ink
_BY = 0.05  # ink, from 0 to 1: of a pale line a tenth is less than noise
_TRACED = 9  # free columns that a line's edges are the median of
_LEAST_FREE = 0.1  # of the columns: least that are free; with less there is no line, or none left
_LEFT = 0.8  # of a band's columns: least that are still inked if another line is left

Place = tuple[slice, slice]  # rows and columns
Value = TypeVar("Value", bound=np.generic)


@dataclass(frozen=True)
class Rules:
    """Level rules: their slope, and the rows (begin, end) of each in the middle column.

    Example:
        >>> Rules(0.1, [(1, 2)]).offsets(np.array([0, 50, 99]), width=100).tolist()
        [-5, 0, 5]
    """

    slope: float
    bands: Sequence[tuple[int, int]]

    def offsets(self, columns: Integers, width: int) -> Integers:
        """How many rows lower the lines lie in some columns than in the middle one."""
        return np.asarray(np.rint(self.slope * (columns - width / 2)).astype(np.int64))

    def strips(self, first: int, last: int, shape: Shape) -> list[tuple[Place, Place]]:
        """Where the rows along the rules lie, from ``first`` to ``last`` in the middle column.

        Returns:
            For each strip of columns, its place among these rows, and in a picture of this shape;
            without what lies outside of the picture.

        Example:
            >>> Rules(0.1, []).strips(-1, 2, (20, 12))[1]
            ((slice(1, 3, None), slice(1, 12, None)), (slice(0, 2, None), slice(1, 12, None)))
        """
        height, width = shape
        shift = self.offsets(np.arange(width), width)
        ends = [0, *(np.flatnonzero(shift[1:] != shift[:-1]) + 1).tolist(), width]
        strips = []
        for left, right in zip(ends, ends[1:]):
            columns, lower = slice(left, right), int(shift[left])
            top, bottom = max(first + lower, 0), min(last + lower, height)
            if top < bottom:
                there = slice(top - lower - first, bottom - lower - first)
                strips.append(((there, columns), (slice(top, bottom), columns)))
        return strips

    def along(self, values: NDArray[Value], first: int, last: int) -> NDArray[Value]:
        """The rows of a picture (H, W) along the rules, (last - first, W); 0 outside of it."""
        rows = np.zeros((last - first, values.shape[1]), values.dtype)
        for there, here in self.strips(first, last, values.shape):
            rows[there] = values[here]
        return rows

    def columns_inked(self, band: tuple[int, int], ink: Floats) -> int:
        """The number of a picture's columns in which a band is inked."""
        return int((self.along(ink, *band) > INKED).any(axis=0).sum())


def erase(ink: Floats, rules: Rules, light: Optional[Floats] = None) -> None:
    """Remove level rules, in place, except where strokes cross them.

    Args:
        ink: (H, W) from 0 for paper to 1 for ink.
        rules: the level rules.
        light: (H, W), the luminance that the ink was found in, from 0 to 1; if given, strokes that
            lie along the rules are kept too.

    Example:
        >>> ink = np.zeros((60, 60), np.float32)
        >>> ink[30] = ink[10:50, 20:24] = 1
        >>> erase(ink, Rules(0.0, [(30, 31)]))
        >>> float(ink[30].sum()), float(ink[:, 20].sum())
        (4.0, 40.0)
    """
    for band in rules.bands:
        # Two lines close together, as of boxes side by side, are one band.
        if _erase_line(ink, rules, band, light) >= _LEFT:
            _erase_line(ink, rules, band, light)


def _erase_line(ink: Floats, rules: Rules, band: tuple[int, int], light: Optional[Floats]) -> float:
    """Remove the line nearest to the middle of a band.

    Returns:
        The share of the band's inked columns that still are inked; 0 if there is no such line.
    """
    reach = _BESIDE + (band[1] - band[0]) // 2
    first_row, last_row = band[0] - reach, band[1] + reach
    inked = rules.along(ink, first_row, last_row)
    free, first, last = _free(inked)
    if free.sum() < _LEAST_FREE * len(free):
        return 0.0
    top, bottom = _traced(np.stack([first, last]), free)
    usual = ranked(inked.max(axis=0)[free], _DARK)
    at = np.arange(len(inked))[:, None]
    gone = (at >= top) & (at < bottom)
    if light is not None:
        dark = 1 - rules.along(light, first_row, last_row)
        most, darkest = (np.where(gone, each, 0).max(axis=0) for each in (inked, dark))
        # Ink that goes on beyond a pen's width is no stroke along the line.
        thin = (first > 0) & (last < len(inked)) & (last - first <= bottom - top + _PEN)
        near = thin & (at >= top - 1) & (at < bottom + 1)
        total = np.where(near, inked, np.float32(0)).sum(axis=0)
        gone[:, strokes_along(most, darkest, total, free)] = False
    gone &= ~(_darker(inked > np.float32(_DARKER * usual + _BY), free))
    for row, columns_crossed in _crossed(inked > _STROKE, top, bottom):
        gone[row, columns_crossed] = False
    own = np.s_[reach : len(inked) - reach]
    before = inked[own] > INKED
    inked[gone] = 0
    for there, here in rules.strips(first_row, last_row, ink.shape):
        ink[here] = inked[there]
    return float((before & ~gone[own]).any(axis=0).sum() / max(1, before.any(axis=0).sum()))


def _free(inked: Floats) -> tuple[Bools, Integers, Integers]:
    """The columns in which a line meets nothing, and its first and last row in each column.

    The line is looked for from the middle on; the last row is exclusive.
    """
    seen = inked > INKED
    rows = np.arange(_BESIDE // 2, len(seen) - _BESIDE // 2)
    rows = rows[np.argsort(np.abs(2 * rows + 1 - len(seen)), kind="stable")]
    nearest = rows[seen[rows].argmax(axis=0)]
    columns = np.arange(seen.shape[1])
    first = nearest + 1 - _run_lengths(seen)[nearest, columns]
    last = nearest + _run_lengths(seen[::-1])[::-1][nearest, columns]
    free = (last > first) & (first > 0) & (last < len(seen))
    if free.any():
        free &= last - first <= ranked((last - first)[free], _THIN) + 1
    return free, first, last


def _run_lengths(seen: Bools) -> NDArray[np.int16]:
    """The length of the run of seen pixels in its column that ends at each pixel."""
    lengths = seen.astype(np.int16)  # a quarter of the bytes
    for row in range(1, len(seen)):
        lengths[row] *= lengths[row - 1] + 1
    return lengths


def _traced(edges: Integers, free: Bools) -> Integers:
    """The edges (2, W) of a line in every column, by those in the free columns."""
    traced = np.rint(smoothed(edges, free, _TRACED)).astype(np.int64)
    traced[:, free] = edges[:, free]
    return np.asarray(traced)


def _darker(dark: Bools, free: Bools) -> Bools:
    """The pixels darker than a line that are not specks of it."""
    beside = np.pad(dark, ((0, 0), (1, 1)))
    return np.asarray(dark & (beside[:, :-2] | beside[:, 2:] | ~free))


def _crossed(strokes: Bools, top: Integers, bottom: Integers) -> Iterator[tuple[int, slice]]:
    """The rows and columns of what joins strokes above a line with those below it."""
    columns = np.arange(len(top))
    # A noisy blurred edge reaches only a pixel beyond a line; a stroke goes on.
    above = strokes[(top - 1).clip(0), columns] & strokes[(top - 2).clip(0), columns] & (top > 1)
    last = len(strokes) - 1
    below = strokes[bottom.clip(max=last), columns] & strokes[(bottom + 1).clip(max=last), columns]
    below &= bottom < last
    uppers, lowers = runs(above), runs(below)
    begin = 0
    for left, right in uppers:
        while begin < len(lowers) and lowers[begin][1] < left - len(strokes) - 1:
            begin += 1
        for other_left, other_right in lowers[begin:]:
            if other_left > right + len(strokes) + 1:
                break
            middle = (max(left, other_left) + min(right, other_right)) // 2
            first, last = int(top[middle]), int(bottom[middle])
            far = last - first + 1  # a stroke goes on at up to 45 degrees
            if other_left - right > far or left - other_right > far:
                continue
            from_left, to_left = max(left, other_left - far), max(other_left, left - far)
            from_right, to_right = min(right, other_right + far), min(other_right, right + far)
            for row in range(first, last):
                share = (row - first + 1) / far
                yield (
                    row,
                    slice(
                        round(from_left + share * (to_left - from_left)),
                        round(from_right + share * (to_right - from_right)),
                    ),
                )
