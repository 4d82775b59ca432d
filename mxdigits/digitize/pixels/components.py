"""Connected components of a mask, by its runs.

SciPy's ``ndimage.label`` does the same.  It is not used, because its 140 MB would more than double
what mxdigits installs besides MXNet, for this and a filter or two.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...arrays import Bools, Integers

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
    begins, ends, stride = _runs(mask)
    parents = _union(*_touching(begins, ends, stride), len(begins))
    first = parents == np.arange(len(parents))
    numbers = np.cumsum(first, dtype=np.int32)[parents]
    labels = np.zeros(mask.shape, np.int32)
    labels[mask] = np.repeat(numbers, ends - begins)
    return labels, int(np.count_nonzero(first))


def boxes(labels: NDArray[np.int32], count: int) -> Integers:
    """The boxes of ``count`` pieces, (count, 4): left, top, right, bottom, the last two beyond.

    Example:
        >>> labels, count = label(np.array([[True, False, True], [True, False, False]]))
        >>> boxes(labels, count).tolist()
        [[0, 0, 1, 2], [2, 0, 3, 1]]
    """
    begins, ends, stride = _runs(labels > 0)
    rows = begins // stride
    columns = begins - rows * stride
    which = labels[rows, columns] - 1
    corners = np.empty((count, 4), np.int64)
    corners[:, :2], corners[:, 2:] = max(labels.shape), 0
    np.minimum.at(corners[:, 0], which, columns)
    np.minimum.at(corners[:, 1], which, rows)
    np.maximum.at(corners[:, 2], which, ends - rows * stride)
    np.maximum.at(corners[:, 3], which, rows + 1)
    return corners


def _runs(mask: Bools) -> tuple[Integers, Integers, int]:
    """Where the runs of a mask's rows begin and end, just beyond, as places one after another.

    The last returned is how far apart the places of a row and the next are: one more than there
    are pixels, so that no run goes on in the next row.
    """
    height, width = mask.shape
    places = np.zeros(1 + height * (width + 1), bool)
    places[1:].reshape(height, width + 1)[:, :width] = mask
    changes = np.flatnonzero(places[1:] != places[:-1])
    return changes[::2], changes[1::2], width + 1


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
