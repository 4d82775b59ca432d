"""Connected components of a mask, by its runs.

SciPy's ``ndimage.label`` does the same.  It is not used, because its 140 MB would more than double
what mxdigits installs besides MXNet, for this and a filter or two.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..arrays import Bools, Integers

# In pixels of a picture: left, top, right, bottom, the last two just beyond.
Box = tuple[int, int, int, int]


def label(mask: Bools) -> tuple[NDArray[np.int32], int]:
    """Number the pieces of a mask; pixels belong together that touch, be it at a corner.

    Args:
        mask: (H, W).

    Returns:
        int32 (H, W), 0 outside the mask and 1, 2, ... in its pieces, which are numbered by their
        first row and in it from the left; and how many there are.

    Example:
        >>> label(np.array([[True, False, True], [True, False, False]]))
        (array([[1, 0, 2],
               [1, 0, 0]], dtype=int32), 2)
    """
    height, width = mask.shape
    edges = np.zeros((height, width + 2), np.int8)
    edges[:, 1:-1] = mask
    edges = np.diff(edges, axis=1)
    rows, begins = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    parents = _union(_touching(rows, begins, ends, width), len(rows))
    numbers = np.unique(parents, return_inverse=True)[1].astype(np.int32) + 1
    labels = np.zeros((height, width), np.int32)
    labels[mask] = np.repeat(numbers, ends - begins)
    return labels, int(numbers.max(initial=0))


def boxes(labels: NDArray[np.int32], count: int) -> Integers:
    """The boxes of ``count`` pieces, (count, 4): left, top, right, bottom, the last two beyond.

    Example:
        >>> labels, count = label(np.array([[True, False, True], [True, False, False]]))
        >>> boxes(labels, count).tolist()
        [[0, 0, 1, 2], [2, 0, 3, 1]]
    """
    rows, columns = np.nonzero(labels)
    which = labels[rows, columns] - 1
    corners = np.empty((count, 4), np.int64)
    corners[:, :2], corners[:, 2:] = max(labels.shape), 0
    for at, values in ((0, columns), (1, rows)):
        np.minimum.at(corners[:, at], which, values)
        np.maximum.at(corners[:, at + 2], which, values + 1)
    return corners


def _touching(rows: Integers, begins: Integers, ends: Integers, width: int) -> Integers:
    """The pairs of runs in neighbouring rows that touch, (pairs, 2)."""
    # A place for each pixel, two rows' worth apart, so that one sorted search serves all rows.
    stride = width + 4
    starts, stops = rows * stride + begins, rows * stride + ends
    # Runs of the next row that end at or after this one's begin, and begin at or before its end.
    first = np.searchsorted(stops, starts + stride, side="left")
    last = np.searchsorted(starts, stops + stride, side="right")
    many = np.maximum(last - first, 0)
    above = np.repeat(np.arange(len(rows)), many)
    inside = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    return np.stack([above, np.repeat(first, many) + inside], axis=1)


def _union(pairs: Integers, count: int) -> Integers:
    """The least member of each member's set, after the sets of every pair are joined."""
    parents = np.arange(count)
    while len(pairs):
        low = parents[pairs].min(axis=1)
        np.minimum.at(parents, parents[pairs].max(axis=1), low)
        while not np.array_equal(parents, higher := parents[parents]):
            parents = higher
        pairs = pairs[parents[pairs[:, 0]] != parents[pairs[:, 1]]]
    return parents
