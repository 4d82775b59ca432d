"""Removes the rules of lined and squared paper: thin, straight, parallel, from edge to edge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ...arrays import Bools, Doubles, Floats, Integers
from .rules import INKED, Rules, erase

SMALLEST = 60  # pixels, shorter side: in a smaller picture a rule and a stroke look alike
_STEEPEST = 0.07  # most rise over run, 4 degrees: how far askew a page may lie
_COARSE = 128  # pixels of the longer side at which the slope is looked for first
_COLUMNS = 96  # columns that are looked at, evenly spread
_COVERED = 0.8  # of the picture's width: least that a rule inks; a digit's bar is seldom so long
_THICKEST = 0.02  # of the picture's longer side: most thickness of a rule
_THICKEST_GRID = 0.06  # the same for a grid, which no digit looks like
_LEAST_GRID = 3  # least rules of a grid, of which at least one is level and one upright


def without_rules(ink: Floats, outside: Optional[Bools] = None) -> Floats:
    """The ink without the rules of the paper, except where a stroke crosses them.

    Args:
        ink: (H, W) from 0 for paper to 1 for ink.
        outside: the pixels outside the picture, if it was turned, (H, W).

    Example:
        >>> ink = np.zeros((100, 100), np.float32)
        >>> ink[50] = 0.5
        >>> float(without_rules(ink).max())
        0.0
    """
    if min(ink.shape) < SMALLEST:
        return ink
    inside = None if outside is None else ~outside
    both = rules_of(ink, inside), rules_of(ink.T, None if inside is None else inside.T)
    level, upright = _thin_or_grid(both, max(4, 1 + round(_THICKEST * max(ink.shape))))
    if not level.bands and not upright.bands:
        return ink
    cleaned = ink.copy()
    erase(cleaned, level)
    erase(cleaned.T, upright)
    return cleaned


def rules_of(ink: Floats, inside: Optional[Bools] = None) -> Rules:
    """The level lines that run from edge to edge of the picture, thick ones too.

    Args:
        ink: (H, W) from 0 for paper to 1 for ink.
        inside: the pixels of the picture, if it was turned, (H, W).

    Example:
        >>> ink = np.zeros((100, 100), np.float32)
        >>> ink[50:52] = 0.5
        >>> rules_of(ink).bands
        [(50, 53)]
    """
    inked = ink > INKED
    inked[1:] |= inked[:-1]  # a thin rule that lies askew has steps
    if inside is None and not _may_hold_rules(inked):
        return Rules(0.0, [])
    slope = _slope(inked, inside)
    covered = coverage(inked, slope, inside)
    return Rules(
        slope, bands(covered, max(4, 1 + round(_THICKEST_GRID * max(ink.shape))), _COVERED)
    )


def _thin_or_grid(both: tuple[Rules, Rules], thickest: int) -> list[Rules]:
    """Level and upright rules, without the thick ones unless they make a grid."""
    counts = [len(rules.bands) for rules in both]
    if min(counts) >= 1 and sum(counts) >= _LEAST_GRID:
        return list(both)
    thin = [
        [(begin, end) for begin, end in rules.bands if end - begin <= thickest] for rules in both
    ]
    return [Rules(rules.slope, kept) for rules, kept in zip(both, thin)]


def _may_hold_rules(inked: Bools) -> bool:
    """Whether any band of rows has as many inked columns as a rule would have; saves time."""
    height, width = inked.shape
    band = min(height, 3 + round(_STEEPEST * width))
    # A rule that leaves the picture is seen in at least a third of its width.
    least = 0.85 * _COVERED
    if max(_columns_inked(part) for part in (inked[:band], inked[-band:])) >= least / 3:
        return True
    if _columns_inked(inked) < least:
        return False
    below = np.zeros((height + 1, width), np.int32)
    np.cumsum(inked, axis=0, out=below[1:])
    return bool((below[band:] > below[:-band]).mean(axis=1).max() >= least)


def _columns_inked(inked: Bools) -> float:
    """The share of the columns that are inked somewhere."""
    return np.count_nonzero(inked.any(axis=0)) / inked.shape[1]


def _slope(inked: Bools, inside: Optional[Bools]) -> float:
    """The slope of the rules, if there are any."""
    step = -(-max(inked.shape) // _COARSE)
    small = None if inside is None else inside[::step, ::step]
    best, reach = 0.0, _STEEPEST
    for mask, within in ((_pooled(inked, step), small), (inked, inside)):
        width = mask.shape[1]
        slopes = best + np.arange(-reach, reach + 1 / width, 1 / width)
        covered = coverages(mask, slopes, within, 2)
        best, reach = float(slopes[np.argmax((covered**8).sum(axis=1))]), 1.5 / width
        if covered.max() < _COVERED:
            break  # there are none
    return best


def _pooled(mask: Bools, step: int) -> Bools:
    """The mask with each ``step`` x ``step`` pixels made one, which is set if any of them is."""
    height, width = (-(-side // step) * step for side in mask.shape)
    padded = np.zeros((height, width), bool)
    padded[: mask.shape[0], : mask.shape[1]] = mask
    rows = padded.reshape(height // step, step, width).any(axis=1)  # both at once takes longer
    return np.asarray(rows.reshape(len(rows), width // step, step).any(axis=2))


def coverage(inked: Bools, slope: float, inside: Optional[Bools] = None) -> Doubles:
    """The inked share of the line with this slope through each row of the middle column.

    A line counts as not inked at all if less than a third of it lies inside the picture. If the
    picture was turned, which cuts off its corners, a sixth is enough.

    Example:
        >>> inked = np.zeros((3, 100), bool)
        >>> inked[1, :50] = True
        >>> coverage(inked, 0.0).tolist()
        [0.0, 0.5, 0.0]
    """
    return np.asarray(coverages(inked, np.array([slope]), inside)[0])


def coverages(
    inked: Bools, slopes: Doubles, inside: Optional[Bools] = None, least: int = 6
) -> Doubles:
    """What :func:`coverage` returns for each of some slopes, (slopes, H).

    Args:
        inked: (H, W).
        slopes: rise over run.
        inside: the pixels of a picture that was turned, (H, W).
        least: at least ``1 / least`` of a line has to lie there.

    Example:
        >>> inked = np.zeros((3, 100), bool)
        >>> inked[1, :50] = True
        >>> coverages(inked, np.array([0.0, 0.5])).shape
        (2, 3)
    """
    height, width = inked.shape
    columns = np.linspace(0, width - 1, _COLUMNS).round().astype(np.int64)
    shifts = [Rules(slope, []).offsets(columns, width) for slope in slopes.tolist()]
    there = inked[:, columns]
    if inside is not None:
        within = inside[:, columns]
        hit, seen = _summed(there & within, shifts), _summed(within, shifts)
        return np.asarray(hit / np.maximum(seen, 1) * (least * seen > _COLUMNS))
    hit, rows, ordered = _summed(there, shifts), np.arange(height), np.sort(shifts)
    seen, most = np.full(hit.shape, _COLUMNS), int(np.abs(ordered).max())
    rows = rows[(rows < most) | (rows >= height - most)]  # elsewhere no line leaves the picture
    seen[:, rows] = [np.searchsorted(o, height - rows) - np.searchsorted(o, -rows) for o in ordered]
    return np.asarray(hit / np.maximum(seen, 1) * (3 * seen > _COLUMNS))


def _summed(columns: Bools, shifts: Sequence[Integers]) -> Integers:
    """How many columns (H, N) are set in each row, (shifts, H), if each is shifted by some rows."""
    height, most = len(columns), int(np.abs(shifts).max())
    padded = np.pad(columns.T, ((0, 0), (most, most))).view(np.uint8)
    hits = np.zeros((len(shifts), height), np.uint8)
    for shifted, begins in zip(
        sliding_window_view(padded, height, axis=1), np.transpose(shifts) + most
    ):
        hits += shifted[begins]
    return hits.astype(np.int64)


def bands(
    covered: Doubles, thickest: int, least: float, edge: float = 0.6
) -> list[tuple[int, int]]:
    """The rows of each rule: well inked, and no thicker than a rule may be.

    Args:
        covered: the inked share of each row.
        thickest: most rows of a rule.
        least: least inked share of a rule's best row.
        edge: least inked share of its other rows, over that.

    Example:
        >>> bands(np.array([0.1, 0.9, 1.0, 0.0]), thickest=4, least=0.8)
        [(1, 3)]
    """
    likely = np.concatenate([[False], covered >= edge * least, [False]])
    edges = np.flatnonzero(np.diff(likely.astype(np.int8))).reshape(-1, 2)
    return [
        (begin, end)
        for begin, end in edges.tolist()
        if end - begin <= thickest and covered[begin:end].max() >= least
    ]
