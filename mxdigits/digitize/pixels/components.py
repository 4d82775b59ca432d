"""Connected components of a mask, by its runs.

SciPy's ``ndimage.label`` does the same.  It is not used, because its 140 MB would more than double
what mxdigits installs besides MXNet, for this and a filter or two.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...arrays import Bools, Integers

# In pixels of a picture: left, top, right, bottom; the last two are exclusive.
Box = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Components:
    """The pieces of a mask (H, W); pixels that touch, even at a corner, belong together.

    The mask is held as the runs of its rows: where each begins and ends (exclusive), as indices of
    the rows laid end to end. A row has one index more than pixels: no run goes on in the next row.
    ``touching`` are the upper and the lower run of each pair in neighbouring rows that touch.
    ``numbers`` is the piece of each run: 0, 1, ... by first row, then from the left.

    Example:
        >>> found = Components.of(np.array([[True, False, True], [True, False, False]]))
        >>> found.count, found.area().tolist(), found.neighbours().tolist()
        (2, [2, 1], [1, 0])
    """

    shape: tuple[int, int]
    begins: Integers
    ends: Integers
    touching: tuple[Integers, Integers]
    numbers: Integers
    count: int

    @staticmethod
    def of(mask: Bools) -> Components:
        """The pieces of a mask, (H, W)."""
        height, width = mask.shape
        begins, ends = _runs(mask)
        touching = _touching(begins, ends, width + 1)
        parents = _union(*touching, len(begins))
        first = parents == np.arange(len(parents))
        numbers = (np.cumsum(first) - 1)[parents]
        return Components(
            (height, width), begins, ends, touching, numbers, int(np.count_nonzero(first))
        )

    @cached_property
    def pixels(self) -> Integers:
        """The flat indices of the mask's pixels, in order."""
        rows = self.begins // (self.shape[1] + 1)
        before = np.cumsum(self._lengths) - self._lengths
        return np.arange(self._lengths.sum()) + self.of_pixels(self.begins - rows - before)

    def of_pixels(self, of_runs: Integers) -> Integers:
        """The value of each pixel's run, such as its number, in the order of :attr:`pixels`."""
        return np.repeat(of_runs, self._lengths)

    @cached_property
    def _lengths(self) -> Integers:
        return np.asarray(self.ends - self.begins)

    def labels(self) -> NDArray[np.int32]:
        """The number of each pixel's piece from 1, and 0 outside of the mask; int32 (H, W)."""
        labels = np.zeros(self.shape, np.int32)
        labels.ravel()[self.pixels] = self.of_pixels(self.numbers + 1)
        return labels

    def only(self, which: Bools) -> Components:
        """Some of the pieces, (count,), numbered anew."""
        if which.all():
            return self
        runs = which[self.numbers]
        new, numbers = np.cumsum(runs) - 1, np.cumsum(which) - 1
        pairs = runs[self.touching[0]]  # both runs of a pair are in the same piece
        upper, lower = (new[each[pairs]] for each in self.touching)
        return Components(
            self.shape,
            self.begins[runs],
            self.ends[runs],
            (upper, lower),
            numbers[self.numbers[runs]],
            int(np.count_nonzero(which)),
        )

    def boxes(self) -> Integers:
        """The box of each piece, (count, 4): left, top, right, bottom, the last two exclusive."""
        stride = self.shape[1] + 1
        rows = self.begins // stride
        corners = np.empty((self.count, 4), np.int64)
        corners[:, :2], corners[:, 2:] = max(self.shape), 0
        np.minimum.at(corners[:, 0], self.numbers, self.begins - rows * stride)
        np.minimum.at(corners[:, 1], self.numbers, rows)
        np.maximum.at(corners[:, 2], self.numbers, self.ends - rows * stride)
        np.maximum.at(corners[:, 3], self.numbers, rows + 1)
        return corners

    def area(self) -> Integers:
        """How many pixels each piece has, (count,)."""
        return self._sums(self.numbers, self._lengths)

    def neighbours(self) -> Integers:
        """How many pairs of pixels with a common side each piece has, (count,)."""
        upper, lower = self.touching
        first = np.maximum(self.begins[upper] + self.shape[1] + 1, self.begins[lower])
        last = np.minimum(self.ends[upper] + self.shape[1] + 1, self.ends[lower])
        below = self._sums(self.numbers[upper], np.maximum(last - first, 0))
        return below + self._sums(self.numbers, self._lengths - 1)

    def _sums(self, which: Integers, values: Integers) -> Integers:
        return np.bincount(which, values, self.count).astype(np.int64)


def label(mask: Bools) -> tuple[NDArray[np.int32], int]:
    """Number the pieces of a mask; pixels that touch, even at a corner, belong together.

    Args:
        mask: (H, W).

    Returns:
        int32 (H, W), 0 outside the mask and 1, 2, ... in its pieces, which are numbered by first
        row, then from the left; and how many pieces there are.

    Example:
        >>> label(np.array([[True, False, True], [True, False, False]]))
        (array([[1, 0, 2],
               [1, 0, 0]], dtype=int32), 2)
    """
    found = Components.of(mask)
    return found.labels(), found.count


def _runs(mask: Bools) -> tuple[Integers, Integers]:
    """Where the runs of a mask's rows begin and end, as :class:`Components` has them."""
    height, width = mask.shape
    places = np.zeros(1 + height * (width + 1), bool)
    places[1:].reshape(height, width + 1)[:, :width] = mask
    changes = np.flatnonzero(places[1:] != places[:-1])
    return changes[::2], changes[1::2]


def _touching(begins: Integers, ends: Integers, stride: int) -> tuple[Integers, Integers]:
    """The pairs of runs in neighbouring rows that touch: the upper and the lower of each."""
    # Runs of the next row that end at or after this one's begin, and begin at or before its end.
    first = np.searchsorted(ends, begins + stride, side="left")
    last = np.searchsorted(begins, ends + stride, side="right")
    many = np.maximum(last - first, 0)
    upper = np.repeat(np.arange(len(begins)), many)
    lower = np.arange(len(upper)) + np.repeat(first + many - np.cumsum(many), many)
    return upper, lower


def _union(some: Integers, others: Integers, count: int) -> Integers:
    """The least member of each member's set, after the sets of every pair are joined."""
    parents = np.arange(count)
    while len(some):
        one, other = parents[some], parents[others]
        np.minimum.at(parents, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(parents, higher := parents[parents]):
            parents = higher
        apart = parents[some] != parents[others]
        some, others = some[apart], others[apart]
    return parents
