"""Lined and squared paper: its rules are thin, straight, parallel, and run from edge to edge."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_SMALLEST = 60  # pixels: on a smaller picture a rule and a stroke look alike
_STEEPEST = 0.07  # rise over run, 4 degrees: how far askew a page may lie
_COARSE = 300  # pixels of the longer side at which the slope is looked for first
_COLUMNS = 96  # looked at, evenly spread
_INKED = 0.12
_COVERED = 0.75  # of the picture's width; a digit's own bar is seldom so long
_THICKEST = 0.02  # of the picture's longer side


def without_rules(ink: Floats) -> Floats:
    """Ink with the rules of the paper taken away, except where a stroke crosses them.

    Args:
        ink: (H, W) from 0 for paper to 1 for ink.
    """
    if min(ink.shape) < _SMALLEST:
        return ink
    upright = _without_level_rules(ink)
    return np.ascontiguousarray(_without_level_rules(upright.T).T)


def _without_level_rules(ink: Floats) -> Floats:
    slope = _slope(ink)
    if slope is None:
        return ink
    covered = _coverage(ink > _INKED, slope)
    found = ink.copy()
    for begin, end in _bands(covered, max(3, round(_THICKEST * max(ink.shape)))):
        _erase(found, slope, begin, end)
    return found


def _slope(ink: Floats) -> float | None:
    """How far the rules lie askew, or None where there are none."""
    inked = ink > _INKED
    step = -(-max(ink.shape) // _COARSE)
    coarse = _pooled(inked, step)
    around, reach = 0.0, _STEEPEST
    for mask in (coarse, inked) if step > 1 else (inked,):
        width = mask.shape[1]
        slopes = around + np.arange(-reach, reach + 1 / width, 1 / width)
        scores = [float((_coverage(mask, slope) ** 8).sum()) for slope in slopes]
        around, reach = float(slopes[np.argmax(scores)]), 2 / width
    return around if _coverage(inked, around).max() >= _COVERED else None


def _pooled(mask: NDArray[np.bool_], step: int) -> NDArray[np.bool_]:
    """The mask with ``step`` x ``step`` pixels made one, set where any of them is."""
    height, width = (-(-side // step) * step for side in mask.shape)
    padded = np.zeros((height, width), bool)
    padded[: mask.shape[0], : mask.shape[1]] = mask
    return padded.reshape(height // step, step, width // step, step).any(axis=(1, 3))


def _coverage(mask: NDArray[np.bool_], slope: float) -> NDArray[np.float64]:
    """Of the line with this slope through each row of the middle column, the share that is inked.

    Lines of which more than half lies outside the picture count as not inked at all.
    """
    height, width = mask.shape
    columns = np.unique(np.linspace(0, width - 1, _COLUMNS).round().astype(int))
    rows = np.arange(height)[:, None] + _offsets(columns, slope, width)
    inside = (rows >= 0) & (rows < height)
    inked = mask[rows.clip(0, height - 1), columns] & inside
    seen = inside.sum(axis=1)
    return np.asarray(inked.sum(axis=1) / np.maximum(seen, 1) * (2 * seen > len(columns)))


def _offsets(columns: NDArray[Any], slope: float, width: int) -> NDArray[np.int64]:
    return np.rint(slope * (columns - width / 2)).astype(np.int64)


def _bands(covered: NDArray[np.float64], thickest: int) -> list[tuple[int, int]]:
    """The rows (begin, end) of each rule: well covered, and no thicker than a rule is."""
    likely = np.concatenate([[False], covered >= 0.6 * _COVERED, [False]])
    begins, ends = np.flatnonzero(np.diff(likely.astype(np.int8))).reshape(-1, 2).T
    return [
        (int(begin), int(end))
        for begin, end in zip(begins, ends)
        if end - begin <= thickest and covered[begin:end].max() >= _COVERED
    ]


def _erase(ink: Floats, slope: float, begin: int, end: int) -> None:
    """Take one rule away, in place."""
    height, width = ink.shape
    columns = np.arange(width)
    shift = _offsets(columns, slope, width)
    margin = 1 + (end - begin) // 2
    rows = np.arange(begin - margin, end + margin)[:, None] + shift
    inside = (rows >= 0) & (rows < height)
    rows = rows.clip(0, height - 1)
    band = np.where(inside, ink[rows, columns], 0)
    rule = float(np.median(band.max(axis=0)))
    # A stroke is darker than the rule, or goes on both above and below it.
    above, below = (_widened(edge > _INKED, margin) for edge in (band[0], band[-1]))
    stroke = (band > 1.35 * rule + 0.1) | (above & below)
    ink[rows[inside & ~stroke], np.broadcast_to(columns, rows.shape)[inside & ~stroke]] = 0


def _widened(mask: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    padded = np.pad(mask, by)
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, 2 * by + 1).any(axis=1))
