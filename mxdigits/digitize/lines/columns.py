"""Columns along level lines: runs of columns, gaps between runs, and medians around columns."""

from __future__ import annotations

import numpy as np

from ...arrays import Bools, Doubles, Numbers


def runs(mask: Bools) -> list[tuple[int, int]]:
    """Where runs of set columns begin, and end (exclusive).

    Example:
        >>> runs(np.array([True, True, False, True]))
        [(0, 2), (3, 4)]
    """
    padded = np.zeros(len(mask) + 2, bool)
    padded[1:-1] = mask
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    return [(begin, end) for begin, end in edges.reshape(-1, 2).tolist()]


def ranked(values: Numbers, share: float) -> float:
    """The value that such a share of the values lies below.

    Example:
        >>> ranked(np.array([3, 1, 2]), 0.5)
        2.0
    """
    at = int(share * (len(values) - 1))
    return float(np.partition(values, at)[at])


def smoothed(values: Numbers, some: Bools, count: int, step: int = 1) -> Doubles:
    """The median of values (N, W) in some of the columns around each, (N, W).

    Args:
        values: of every column.
        some: which columns count, (W,); at least one.
        count: how many of these columns a median is taken of.
        step: only every ``step``-th of these columns is taken.

    Example:
        >>> smoothed(np.array([[1, 9, 1, 1]]), np.ones(4, bool), 3).tolist()
        [[1.0, 1.0, 1.0, 1.0]]
    """
    at = np.flatnonzero(some)
    around = np.arange(len(at))[:, None] + step * (np.arange(count) - count // 2)
    each = values[:, at].take(around.clip(0, len(at) - 1), axis=1)
    middle = np.partition(each, count // 2, axis=2)[..., count // 2]  # np.median takes longer
    columns = np.arange(len(some))
    after = np.searchsorted(at, columns).clip(0, len(at) - 1)
    before = (after - (at[after] > columns)).clip(0)
    apart = np.maximum(at[after] - at[before], 1)
    share = (columns - at[before]).clip(0, apart) / apart
    begin, end = middle.take(before, axis=1), middle.take(after, axis=1)
    return np.asarray(begin + (end - begin) * share)


def gapless(inked: Bools, gap: int) -> Bools:
    """Rows (H, W) with gaps of up to twice so many columns filled.

    Example:
        >>> bool(gapless(np.array([[True, False, False, True]]), 1).all())
        True
    """
    return ~_grown(~_grown(inked, gap), gap)


def _grown(mask: Bools, reach: int) -> Bools:
    """The mask widened by so many columns on both sides."""
    grown = mask.copy()
    for step in range(1, reach + 1):
        grown[:, step:] |= mask[:, :-step]
        grown[:, :-step] |= mask[:, step:]
    return grown
