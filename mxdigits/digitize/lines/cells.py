"""The cells between the lines of a form: which cell ink lies in, and how close to its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Optional

import numpy as np
from numpy.typing import NDArray

from ...arrays import Bools, Doubles, Integers, Shape
from ..pixels.weighted_median import weighted_median
from .evenness import middles
from .form_lines import Band, FormLines

_ALIKE = 0.25  # of the usual width and height of cells: most that one differs
_BEYOND = 1.3  # cell widths or heights: most size of a digit of one cell
_NARROW = 0.4  # of the usual width or height of cells: most of a gap that nobody writes in
_BLUR = 2  # pixels that a line's bits may lie beside it
_WIDE = 2  # times the shorter side: least longer side of a cell that several digits fit into
_LEAST_STEP = 10  # pixels: least distance from a line to the next
_OFF = 0.1  # steps: most distance of a line from its place
_NONE = -(1 << 30)  # so low that it stays below 0 with a number added; twice it is still an int32


@dataclass(frozen=True)
class Cells:
    """The cells between the lines of a form.

    Example:
        >>> from .rules import Rules
        >>> bands = [(at, at + 1) for at in range(0, 301, 50)]
        >>> lines = Rules(0.0, bands)
        >>> cells = Cells(FormLines((slice(50, 351), slice(50, 351)), lines, lines))
        >>> cells.of(np.array([[60.0, 60.0], [90.0, 90.0], [110.0, 60.0], [10.0, 10.0]])).tolist()
        [9, 9, 10, -1]
        >>> cells.within(np.array([[60.5, 75.5]])).tolist()
        [[0.2, 0.5]]
    """

    lines: FormLines

    def of(self, places: Doubles) -> Integers:
        """The number of the cell that each place (N, 2), x and y, lies in; -1 if it is in none."""
        across, down = self._places(places)
        column, row = np.searchsorted(self._columns, across), np.searchsorted(self._rows, down)
        alike = _alike(self._columns)[column] & _alike(self._rows)[row]
        return np.where(alike, row * (len(self._columns) + 1) + column, -1)

    def of_pixels(self, shape: Shape) -> NDArray[np.int32]:
        """What :meth:`of` returns for every pixel of a page (H, W), found quickly row by row.

        Example:
            >>> from .rules import Rules
            >>> bands = [(at, at + 1) for at in range(0, 301, 50)]
            >>> lines = Rules(0.0, bands)
            >>> cells = Cells(FormLines((slice(50, 351), slice(50, 351)), lines, lines))
            >>> cells.of_pixels((400, 400))[60, [10, 60, 110]].tolist()
            [-1, 9, 10]
        """
        height, width = shape
        rows, columns = self.lines.frame
        # Along lines that are turned level, all rows of pixels are alike, except where they begin.
        begins = -columns.start - self.lines.upright.offsets(
            np.arange(height) - rows.start, rows.stop - rows.start
        )
        tops = -rows.start - self.lines.level.offsets(
            np.arange(width) - columns.start, columns.stop - columns.start
        )
        first = int(begins.min())
        numbers = _numbered(self._columns, 1, first, int(begins.max()) + width)
        found = np.lib.stride_tricks.sliding_window_view(numbers, width)[begins - first]
        first = int(tops.min())
        numbers = _numbered(self._rows, len(self._columns) + 1, first, int(tops.max()) + height)
        for top in range(first, int(tops.max()) + 1):
            same = np.flatnonzero(tops == top)  # columns beside each other
            found[:, same[0] : same[-1] + 1] += numbers[top - first :][:height, None]
        return np.asarray(np.maximum(found, -1, out=found))

    def with_unseen_lines(self) -> Optional[Cells]:
        """The same cells with lines that are too pale to be seen; None if there are none.

        Such lines are added if all distances between lines are whole numbers of steps; a step is
        the least distance.

        Example:
            >>> from .rules import Rules
            >>> seen, all_seen = (Rules(0.0, [(at, at + 1) for at in places]) for places in (
            ...     (0, 50, 200, 250), range(0, 251, 50)))
            >>> cells = Cells(FormLines((slice(0, 251), slice(0, 251)), seen, all_seen))
            >>> cells.with_unseen_lines().lines.level.bands == list(all_seen.bands)
            True
            >>> cells.with_unseen_lines().with_unseen_lines() is None
            True
        """
        level, upright = (
            replace(lines, bands=_with_unseen(lines.bands))
            for lines in (self.lines.level, self.lines.upright)
        )
        if level == self.lines.level and upright == self.lines.upright:
            return None
        return Cells(replace(self.lines, level=level, upright=upright))

    @property
    def size(self) -> tuple[float, float]:
        """How wide and how high a cell usually is."""
        return _usual(self._columns), _usual(self._rows)

    def are_wide(self) -> bool:
        """Whether several digits fit into a cell, side by side or below each other.

        Example:
            >>> from .rules import Rules
            >>> level, upright = (Rules(0.0, [(0, 1), (at, at + 1)]) for at in (50, 150))
            >>> Cells(FormLines((slice(0, 51), slice(0, 151)), level, upright)).are_wide()
            True
        """
        return max(self.size) >= _WIDE * min(self.size)

    def are_exceeded(self, boxes: Integers) -> Bools:
        """Which boxes (N, 4) are too large for what is written in one cell."""
        size = boxes[:, 2:] - boxes[:, :2]
        return np.asarray((size > _BEYOND * np.array(self.size)).any(axis=1))

    def are_bits_of_lines(self, boxes: Integers) -> Bools:
        """Which boxes (N, 4) lie on a line, or in a gap so narrow that nobody writes in it.

        Such gaps are those between the lines of boxes that were printed side by side.

        Example:
            >>> from .rules import Rules
            >>> upright = Rules(0.0, [(0, 2), (40, 42), (48, 50), (88, 90)])
            >>> level = Rules(0.0, [(at, at + 2) for at in (0, 40, 80)])
            >>> cells = Cells(FormLines((slice(0, 82), slice(0, 90)), level, upright))
            >>> boxes = [[43, 10, 46, 35], [90, 10, 91, 30], [15, 10, 18, 35], [94, 10, 97, 35]]
            >>> cells.are_bits_of_lines(np.array(boxes)).tolist()
            [True, True, False, False]
        """
        places = self._places((boxes[:, :2] + boxes[:, 2:]) / 2)
        sizes = (boxes[:, 2:] - boxes[:, :2]).T
        both = (self.lines.upright.bands, self._columns), (self.lines.level.bands, self._rows)
        found = np.zeros(len(boxes), bool)
        for at, size, (bands, lines) in zip(places, sizes, both):
            behind = np.searchsorted(lines, at)
            around = np.concatenate([[-np.inf], lines, [np.inf]])
            before, after = around[behind], around[behind + 1]
            narrow = (after - before <= _NARROW * _usual(lines)) & (size <= after - before)
            thick = max((end - begin for begin, end in bands), default=0)
            off = np.minimum(at - before, after - at) + size / 2
            found |= narrow | (off <= thick / 2 + _BLUR)
        return found

    def within(self, places: Doubles) -> Doubles:
        """Where in its cell each place (N, 2) lies, from 0 at its left and upper line to 1."""
        found = []
        for at, lines in zip(self._places(places), (self._columns, self._rows)):
            before = np.searchsorted(lines, at).clip(1, len(lines) - 1) - 1
            found.append((at - lines[before]) / np.diff(lines)[before])
        return np.stack(found, axis=1)

    def are_beside_lines(self, boxes: Integers, share: float) -> Bools:
        """Which boxes (N, 4) lie within such a share of their cell from one of its lines."""
        half = (boxes[:, 2:] - boxes[:, :2]) / 2 / np.array(self.size)
        middle = self.within((boxes[:, :2] + boxes[:, 2:]) / 2)
        return np.asarray(((middle + half <= share) | (1 - middle + half <= share)).any(axis=1))

    def _places(self, places: Doubles) -> tuple[Doubles, Doubles]:
        """Places (N, 2) measured along lines that are turned level."""
        rows, columns = self.lines.frame
        x, y = places[:, 0] - columns.start, places[:, 1] - rows.start
        across = x - self.lines.upright.offsets(y, rows.stop - rows.start)
        return across, y - self.lines.level.offsets(x, columns.stop - columns.start)

    @cached_property
    def _columns(self) -> Doubles:
        return middles(self.lines.upright.bands)

    @cached_property
    def _rows(self) -> Doubles:
        return middles(self.lines.level.bands)


def _with_unseen(bands: Sequence[Band]) -> list[Band]:
    """Bands, and thin ones added between them if all distances are whole numbers of steps."""
    places = np.array([band[0] for band in bands], np.float64)
    apart = np.diff(places)
    if not len(apart) or apart.min() < _LEAST_STEP:
        return list(bands)
    steps = np.rint(apart / apart.min())
    step = apart.sum() / steps.sum()
    if (np.abs(apart / step - steps) > _OFF).any():
        return list(bands)
    made = list(bands)
    for place, gap, count in zip(places.tolist(), apart.tolist(), steps.astype(int).tolist()):
        for number in range(1, count):
            at = round(place + number * gap / count)
            made.append((at, at + 1))
    return sorted(made)


def _usual(lines: Doubles) -> float:
    """The usual distance of lines: the narrow gaps between boxes count little."""
    apart = np.diff(lines)
    return weighted_median(apart, apart)


def _numbered(lines: Doubles, step: int, first: int, last: int) -> NDArray[np.int32]:
    """The cell that each pixel of a row lies in, times a step; far below 0 if it is in none."""
    number = np.searchsorted(lines, np.arange(first, last))
    return np.where(_alike(lines)[number], step * number, _NONE).astype(np.int32)


def _alike(lines: Doubles) -> Bools:
    """Whether the gap before each line, and the one behind the last, is as wide as usual."""
    near = np.abs(np.diff(lines) - _usual(lines)) <= _ALIKE * _usual(lines)
    return np.concatenate([[False], near, [False]])
