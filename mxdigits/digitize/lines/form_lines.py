"""Finds the lines of a form that fills a part of its page, also if noise breaks pale ones.

Lined paper is lined from edge to edge, and boxes are pieces of ink.  These lines are neither; but
there are many both ways, each about as long as what is written on the page is wide, and they meet.
The stems of ones that stand below each other do not, nor do the bars of sevens in a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Optional

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ...arrays import Bools, Doubles, Floats
from .columns import gapless
from .evenness import LEAST_STEP, OFF_STEP, evenness, middles, steps_between
from .paper_lines import bands, coverages
from .rules import INKED, Rules, erase

_LEAST, _FEW = 6, 3  # least lines one way; in the middle half
_COVERED = 0.7  # of the writing's width: least that a line is inked; boxes may lie apart
_THICKEST = 0.01  # of the page's longer side: most thickness of a line
_STEEPEST = 0.045  # most rise over run: pages that lie more askew have been turned level
_EDGE = 0.8  # of the ink of a line's best row, or of its lower bound: least in its other rows
_RISES_IN, _RISES_FROM = 3, 0.5  # rows beside a sharp edge; one has less than this of its best row
_SURE = 0.9  # of the ink of the best line: least of those whose thickness bounds that of all lines
_FAINT = 0.6  # of the least ink of a line: least of one that lies a step beside another
_TICKS = 0.35  # of a column: least that is inked by ticks of combs, which stand on level lines
_BESIDE, _BLURRED = 5, 1  # pixels beside lines across, without the nearest: lines are inked there
_MEETS = 0.35  # of these pixels: least that a line inks; between boxes that lie apart it has less
_AS_OTHERS = 0.67  # the same, of what the line has that is inked most there
_WRITTEN = 0.02  # of a row or column of pixels: least that is inked if something is written there
_LEFT = 0.5  # of a line: least that is left of it; less is what has been written across it
_HARDLY = 0.03  # least ink of pale lines
_LEAST_PART = 0.3  # of the page's side: least that a form fills

Band = tuple[int, int]  # rows of a line: the first, and the last (exclusive)


@dataclass(frozen=True)
class FormLines:
    """The lines of a form, in the part of the page that it fills.

    Example:
        >>> ink = np.zeros((400, 400), np.float32)
        >>> for row in range(50, 351, 50):
        ...     ink[row, 50:351] = ink[50:351, row] = np.arange(301) % 7 > 0
        >>> lines = form_lines(ink)
        >>> len(lines.level.bands), len(lines.upright.bands)
        (7, 7)
        >>> float(lines.taken_from(ink).max())
        0.0
    """

    frame: tuple[slice, slice]
    level: Rules
    upright: Rules

    def taken_from(self, ink: Floats, light: Optional[Floats] = None) -> Floats:
        """Ink (H, W) without the lines, except where a stroke crosses them.

        Args:
            ink: with the lines.
            light: the luminance that it was found in; if given, strokes along the lines are kept.
        """
        cleaned = ink.copy()
        part = cleaned[self.frame]
        seen = None if light is None else light[self.frame]
        erase(part, self.level, seen)
        erase(part.T, self.upright, None if seen is None else seen.T)
        return cleaned

    def left_in(self, cleaned: Floats, ink: Floats) -> FormLines:
        """The lines that are still there in ink from which boxes and rules were removed."""
        level = _left(self.level, cleaned[self.frame], ink[self.frame])
        upright = _left(self.upright, cleaned[self.frame].T, ink[self.frame].T)
        return replace(self, level=level, upright=upright)

    def mask(self, shape: tuple[int, ...], margin: int = 0) -> Bools:
        """The pixels of the lines, with a margin on both sides, of a page (H, W)."""
        mask = np.zeros(shape, bool)
        part = mask[self.frame]
        part |= _around(self.level, part.shape, margin)
        part |= _around(self.upright, part.T.shape, margin).T
        return mask


def _left(lines: Rules, cleaned: Floats, ink: Floats) -> Rules:
    """The level lines of which most is left, not only what is written across them."""
    kept = []
    for band in lines.bands:
        if lines.columns_inked(band, cleaned) >= _LEFT * lines.columns_inked(band, ink):
            kept.append(band)
    return Rules(lines.slope, kept)


def form_lines(ink: Floats, gap: int = 0, pale: Optional[Bools] = None) -> Optional[FormLines]:
    """The lines of a form; None if the page is no form.

    Args:
        ink: (H, W) from 0 for paper to 1 for ink.
        gap: half of the most pixels between dashes; if given, lines may also be hardly darker than
            paper.
        pale: (H, W), other pixels that may belong to a line, for they are darker than paper.

    Example:
        >>> form_lines(np.zeros((400, 400), np.float32)) is None
        True
    """
    inked = ink > INKED
    rows, columns = (written(inked, axis) for axis in (0, 1))
    high, wide = rows.stop - rows.start, columns.stop - columns.start
    if high < _LEAST_PART * ink.shape[0] or wide < _LEAST_PART * ink.shape[1]:
        return None
    # The ends of lines that lie askew ink few pixels of a column.
    rows, columns = _wider(rows, wide, ink.shape[0]), _wider(columns, high, ink.shape[1])
    thickest = max(4, 1 + round(_THICKEST * max(ink.shape)))
    inked = ink[rows, columns] > _HARDLY if gap else inked[rows, columns]
    if pale is not None:
        inked = inked | pale[rows, columns]
    whole, turned = gapless(inked, gap), gapless(inked.T, gap)
    across, down = _coverages(whole), _coverages(turned)
    for shortest in (_COVERED, _TICKS):
        level = _lines(*across, thickest, _COVERED)
        thick = thickest
        if shortest == _TICKS:  # ticks are as thick as the lines that they stand on
            thick = 1 + max((end - begin for begin, end in level.bands), default=0)
        upright = _lines(*down, thick, shortest)
        meets = _meets(level, whole, upright)
        level, upright = _meeting(level, meets), _meeting(upright, _meets(upright, turned, level))
        # Lines lie on both sides of the lines across, even if some only begin and some only end
        # there.  The bars of sevens, and the stems below them, lie on the same side of each other.
        ends = meets, _meets(upright, turned, level)
        closed = any((each.max(axis=0, initial=0) >= _MEETS).all() for each in ends)
        if min(len(level.bands), len(upright.bands)) >= 2 and closed:
            level = _with_those_in_step(level, across[1], thickest, _COVERED)
            upright = _with_those_in_step(upright, down[1], thick, shortest)
            return FormLines((rows, columns), _as_thin(level), _as_thin(upright))
    return None


def have_lines(inked: Bools) -> bool:
    """Whether there are a few lines both ways, from side to side.

    Example:
        >>> inked = np.zeros((100, 100), bool)
        >>> inked[::20] = True
        >>> have_lines(inked), have_lines(inked | inked.T)
        (False, True)
    """
    if min(inked.shape) < LEAST_STEP * _FEW:
        return False
    thickest = max(4, 1 + round(_THICKEST * max(inked.shape)))
    return all(
        len(bands(_coverages(each)[1], thickest, _COVERED, _EDGE)) >= _FEW
        for each in (inked, inked.T)
    )


def written(inked: Bools, axis: int) -> slice:
    """The rows (``axis`` is 0) or the columns (1) from the first to the last with writing.

    Example:
        >>> written(np.eye(9, dtype=bool)[2:5], 1)
        slice(2, 5, None)
    """
    where = np.flatnonzero(inked.mean(axis=1 - axis) > _WRITTEN)
    return slice(int(where[0]), int(where[-1]) + 1) if len(where) else slice(0, 0)


def _wider(part: slice, across: int, side: int) -> slice:
    """A part of a side, wider by what the steepest lines of a length reach beyond it."""
    beyond = round(_STEEPEST * across / 2)
    return slice(max(0, part.start - beyond), min(side, part.stop + beyond))


def _coverages(inked: Bools) -> tuple[float, Doubles]:
    """The slope of the level lines, if there are any, and the share of each row inked along it."""
    thicker = _thicker(inked)
    slopes = np.arange(-_STEEPEST, _STEEPEST, 1 / inked.shape[1])
    covered = coverages(thicker, slopes)
    best = int(np.argmax((covered**8).sum(axis=1)))
    return float(slopes[best]), covered[best]


def _lines(slope: float, covered: Doubles, thickest: int, least: float) -> Rules:
    """The level lines that are inked so much, if there are many."""
    found = _with_an_edge(bands(covered, thickest, least, _EDGE), covered)
    shares = [covered[begin:end].max() for begin, end in found]
    least_sure = _SURE * max(shares, default=0)
    found = _as_thick(found, compress(found, (share >= least_sure for share in shares)))
    return Rules(slope, found if len(found) >= _LEAST else [])


def _as_thick(lines: Iterable[Band], others: Iterable[Band]) -> list[Band]:
    """The lines that are no thicker than the thickest of others."""
    most = max((end - begin for begin, end in others), default=0)
    return [(begin, end) for begin, end in lines if end - begin <= most]


def _with_an_edge(lines: Sequence[Band], covered: Doubles) -> list[Band]:
    """The lines with a sharp edge: where digits stand below each other, ink rises slowly."""
    padded = np.pad(covered, _RISES_IN)
    kept = []
    for begin, end in lines:
        most = covered[begin:end].max()
        high = begin + _RISES_IN + np.flatnonzero(covered[begin:end] >= _EDGE * most)
        before, after = padded[high[0] - _RISES_IN : high[0]], padded[high[-1] + 1 :][:_RISES_IN]
        if min(before.min(), after.min()) <= _RISES_FROM * most:
            kept.append((begin, end))
    return kept


def _with_those_in_step(lines: Rules, covered: Doubles, thickest: int, least: float) -> Rules:
    """The lines, with fainter ones that lie a step before or behind one.

    Lines that are even without these lack none: then fainter ones are rows of strokes or dashes.
    """
    found = list(lines.bands)
    faint = _with_an_edge(bands(covered, thickest, _FAINT * least, _EDGE), covered)
    faint = _as_thick((_best_rows(band, covered) for band in faint), found)
    steps = steps_between(middles(found))
    while True:
        places = middles(found)
        off = np.abs(middles(faint)[:, None] - places)
        in_step = [(np.abs(off - step) <= OFF_STEP).any(axis=1) for step in steps]
        new = np.any(in_step, axis=0) & (off > LEAST_STEP / 2).all(axis=1)
        if not new.any():
            more = Rules(lines.slope, sorted(found))
            return lines if evenness(lines) > evenness(more) else more
        found += compress(faint, new)


def _best_rows(line: Band, covered: Doubles) -> Band:
    """A line without the rows that are inked much less than its best one."""
    part = covered[slice(*line)]
    high = np.flatnonzero(part >= _EDGE * part.max())
    return line[0] + int(high[0]), line[0] + int(high[-1]) + 1


def _meeting(lines: Rules, meets: Doubles) -> Rules:
    """The level lines that are inked beside the lines across them; see :func:`_meets`."""
    shares = meets.mean(axis=1)
    least = max(_MEETS, _AS_OTHERS * shares.max(initial=0))
    return Rules(lines.slope, [b for b, share in zip(lines.bands, shares) if share >= least])


def _meets(lines: Rules, inked: Bools, across: Rules) -> Doubles:
    """The inked share of each level line just before and just behind the lines across it."""
    meets, (height, width) = np.zeros((len(lines.bands), 2)), inked.shape
    if not meets.size or not across.bands:
        return meets
    lean = across.offsets(np.arange(height), height)
    margin = _BESIDE + int(np.abs(lean).max())
    sides = np.zeros((2, width + 2 * margin), bool)
    for begin, end in across.bands:
        sides[0, margin + begin - _BESIDE : margin + begin - _BLURRED] = True
        sides[1, margin + end + _BLURRED : margin + end + _BESIDE] = True
    # In each row the lines across lie as in the middle one, only further to a side.
    before, behind = (sliding_window_view(side, width)[margin - lean] for side in sides)
    # Turned level at once, each line is some of the rows; the first is row -1.
    level, *beside = (lines.along(each, -1, height + 1) for each in (inked, before, behind))
    for number, (begin, end) in enumerate(lines.bands):
        there = level[begin : end + 2].any(axis=0)
        for at, side in enumerate(beside):
            asked = side[begin : end + 2].any(axis=0)
            meets[number, at] = there[asked].mean() if asked.any() else 0
    return meets


def _around(lines: Rules, shape: tuple[int, ...], margin: int) -> Bools:
    """The pixels of level lines, with a margin on both sides."""
    mask = np.zeros(shape, bool)
    for begin, end in lines.bands:
        for _, here in lines.strips(begin - margin, end + margin, shape):
            mask[here] = True
    return mask


def _as_thin(lines: Rules) -> Rules:
    """Lines without the last row, which :func:`_thicker` has added."""
    return Rules(lines.slope, [(begin, max(begin + 1, end - 1)) for begin, end in lines.bands])


def _thicker(inked: Bools) -> Bools:
    """Ink with the row below each, too: a thin line that lies askew has steps."""
    thicker = inked.copy()
    thicker[1:] |= inked[:-1]
    return thicker
