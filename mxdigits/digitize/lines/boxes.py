"""Removes frames, boxes, grids and underlines: straight lines at the sides of a piece of ink.

A box is a piece whose every side is a thin straight line, or is cut off by the picture's edge.  Its
sides are removed, and the lines that run through it from side to side, except where a stroke
crosses them.  An underline is removed, too.  A digit has no such sides: a 7 has one, which ends
with the digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from typing import Optional

import numpy as np

from ...arrays import Bools, Doubles, Floats, Integers, Shape
from ..ink.pieces import Pieces
from ..pixels.median import median
from .paper_lines import SMALLEST, bands
from .rules import Rules, erase
from .underlines import Band, as_in_rows, is_underline, stands_on

_LEAST_SIDE = 16  # pixels: least side of a box; smaller ones are strokes
_THICKEST = 0.13  # of a box's shorter side: most thickness of a line
_STEEPEST = 0.1  # most rise over run of a line, 6 degrees
_STRAIGHT = 0.75  # of a side's length: least that is straight outside; strokes may cross the rest
_COVERED = 0.8  # of the way from side to side: least that a line's best row is inked
_ROW_COVERED = 0.9  # of that: least in each row of a line; the bar of a 7 beside it has less
_WITH_A_BAR = 3  # times a line's most thickness: a line with the bar of a 7 along it
_PROTRUDING = 0.12  # of a piece's height: most that a stroke goes beyond the box
_LONG_ROW = 4  # least width over height of a long row of boxes: its lines are surely no strokes
_PROTRUDING_ROW = 0.3  # _PROTRUDING of such a row: among many digits one may go further beyond
_ACROSS = 0.96  # of a box from side to side: least inked by a line that divides it; a 1 is shorter
_WIDEST_CELL = 1.3  # most width over height of a box for one digit
_LEAST_EVEN = 4  # least inner lines that show where the lines of even cells lie
_OFF_STEP = 0.12  # of a cell's width: most distance of a line of even cells from its place
_MOST_HELD = 0.75  # of the places for lines of even cells: least that have a line
_TOUCHED = 0.5  # of a side's length: least straight inside, where strokes may meet the rest


def without_boxes(
    pieces: Pieces, outside: Optional[Bools] = None, page: bool = False
) -> Optional[Floats]:
    """The ink without boxes and underlines; None if there are none.

    Args:
        pieces: the ink.
        outside: the pixels outside the picture, if it was turned, (H, W).
        page: whether there are rows of underlines, which show where others are.

    Example:
        >>> from ..ink.pieces import pieces_of
        >>> ink = np.zeros((80, 80), np.float32)
        >>> ink[5:75, 5:75] = 1
        >>> ink[8:72, 8:72] = 0
        >>> ink[20:60, 38:44] = 1
        >>> float(without_boxes(pieces_of(ink))[:20].max())
        0.0
    """
    cleaned = pieces.ink.copy()
    hollow = np.flatnonzero(_hollow(pieces)).tolist()
    found = {at: lines for at in hollow if (lines := _lines_in(pieces, at, outside, page))}
    if page:
        found.update(_in_rows(pieces, found, [at for at in hollow if at not in found]))
    for at, lines in found.items():
        part, mask = _part(pieces, at)
        cleaned[part][mask] = _erased(np.where(mask, pieces.ink[part], np.float32(0)), *lines)[mask]
    return cleaned if found else None


def _in_rows(
    pieces: Pieces, found: dict[int, tuple[Rules, Rules]], others: Sequence[int]
) -> dict[int, tuple[Rules, Rules]]:
    """The lines of other pieces as wide as the underlines in their row, whatever stands on them."""
    underlined = [at for at, (_, upright) in found.items() if not upright.bands]
    slope = median(np.array([found[at][0].slope for at in underlined] or [0.0]))
    more = {}
    for at in as_in_rows(pieces, underlined, others):
        mask = _part(pieces, at)[1]
        thin = _thin(_rules(mask, slope, None), mask)
        if bands := [band for band in thin if stands_on(mask, band, slope)]:
            more[at] = Rules(slope, bands), Rules(0.0, [])
    return more


def _part(pieces: Pieces, at: int) -> tuple[tuple[slice, slice], Bools]:
    """Where a piece lies in the picture, and which pixels there are its own."""
    left, top, right, bottom = pieces.boxes[at].tolist()
    part = slice(top, bottom), slice(left, right)
    return part, pieces.numbers[part] == at + 1


def _lines_in(
    pieces: Pieces, at: int, outside: Optional[Bools], page: bool
) -> Optional[tuple[Rules, Rules]]:
    """The level and the upright lines of a piece; see :func:`_lines_of`."""
    part, mask = _part(pieces, at)
    within = None if outside is None else ~outside[part]
    cut_off = _cut_off(pieces.boxes[at].tolist(), pieces.numbers.shape)
    if within is not None and not within.all():
        cut_off = [cut or bare for cut, bare in zip(cut_off, _bare_sides(within))]
    return _lines_of(mask, cut_off, within, max(pieces.numbers.shape) >= SMALLEST, page)


def _hollow(pieces: Pieces) -> Bools:
    """Which pieces are large enough for a box, and little enough inked."""
    size = pieces.boxes[:, 2:] - pieces.boxes[:, :2]
    return np.asarray((size.min(axis=1) >= _LEAST_SIDE) & (pieces.area < 0.6 * size.prod(axis=1)))


def _cut_off(box: list[int], shape: Shape) -> list[bool]:
    """Which sides lie at the picture's edge: top, bottom, left, right."""
    left, top, right, bottom = box
    return [top == 0, bottom == shape[0], left == 0, right == shape[1]]


def _bare_sides(inside: Bools) -> list[bool]:
    """At which sides a good part of a box lies outside of the picture: top, bottom, left, right."""
    reach = [1 + round(_PROTRUDING * side) for side in inside.shape]
    parts = inside[: reach[0]], inside[-reach[0] :], inside[:, : reach[1]], inside[:, -reach[1] :]
    return [bool((~part).any(axis=i // 2).mean() > 1 - _COVERED) for i, part in enumerate(parts)]


def _lines_of(
    mask: Bools, cut_off: list[bool], inside: Optional[Bools], underlined: bool, page: bool
) -> Optional[tuple[Rules, Rules]]:
    """The level and the upright lines of a piece that is a box or may have an underline."""
    slopes = [_slope(each) for each in (mask, mask[::-1], mask.T, mask.T[::-1])]
    # Seen from the other side, or turned, a slope is the opposite one.
    signs = (1, -1, -1, 1)
    known = [
        (sign * each, i) for i, (sign, each) in enumerate(zip(signs, slopes)) if each is not None
    ]
    if not known:
        return None
    # Longer sides count more: they show the slope better.
    lengths = [mask.shape[1 - i // 2] ** 2 for _, i in known]
    slope = float(np.average([each for each, _ in known], weights=lengths))
    level = _rules(mask, slope, inside)
    cells = _cells(level, mask.shape)
    if inside is not None:
        cells &= inside
    upright = _rules(mask.T, -slope, cells.T)
    there = [*_at_ends(level, mask.shape[0], mask.shape[1]), *_at_ends(upright, *mask.shape[::-1])]
    closed = all(line or cut for line, cut in zip(there, cut_off))
    thick = min((end - begin for begin, end in [*level.bands, *upright.bands]), default=0)
    both = bool(level.bands and upright.bands) and thick <= _thickest(mask)
    if closed and sum(there) >= 2 and both:
        # One upright line in a box that is no wider than a cell is a 1 that fills it.
        least = 2 if mask.shape[1] < _WIDEST_CELL * mask.shape[0] else 1
        return _as_thin(level, thick, mask), _as_thin(upright, thick, mask.T, least, cells.T)
    underlines = [band for band in _thin(level, mask) if is_underline(mask, band, slope, page)]
    return (Rules(slope, underlines), Rules(0.0, [])) if underlined and underlines else None


def _at_ends(rules: Rules, height: int, width: int) -> tuple[bool, bool]:
    """Whether there are lines near the first and the last rows of a piece."""
    share = _PROTRUDING_ROW if width >= _LONG_ROW * height else _PROTRUDING
    reach = 2 + abs(rules.slope) * width / 2 + share * height
    first = any(begin <= reach for begin, _ in rules.bands)
    return first, any(end >= height - reach for _, end in rules.bands)


def _cells(level: Rules, shape: Shape) -> Bools:
    """The regions between level lines far enough apart for cells; the whole piece without any.

    A stroke may go beyond a box, and the bounding box of a long row of boxes that lies askew has
    much above and below it.  Lines belong to no cell, nor do the gaps between rows of boxes.
    """
    inside = np.zeros(shape, bool)
    for (_, above), (below, _) in zip(level.bands, level.bands[1:]):
        if below - above >= _LEAST_SIDE:
            for _, here in level.strips(above + 1, below - 1, shape):
                inside[here] = True
    return inside if inside.any() else ~inside


def _as_thin(
    rules: Rules, thick: int, mask: Bools, least: int = 1, within: Optional[Bools] = None
) -> Rules:
    """A box's lines cut to its thinnest line, or about twice that inside: more is a stroke.

    An inner line counts only if it divides the box all the way, and if at least ``least`` lines do.
    """
    most, height = 2 + round(1.5 * thick), len(mask)
    reach = 2 + abs(rules.slope) * mask.shape[1] / 2 + _PROTRUDING * min(mask.shape)
    covered = _coverage(mask, rules.slope, within)
    # No other line lies beside the outermost line of a side, but the bar of a 7 may.
    outer = [each for each in rules.bands[:1] if each[0] <= reach]
    outer += [each for each in rules.bands[-1:] if each[1] >= height - reach]
    inner = [each for each in rules.bands if each not in outer]
    across = [(begin, end) for begin, end in inner if covered[begin:end].max() >= _ACROSS]
    strokes = set(inner) - set(_in_step(across, rules.bands) if len(across) >= least else [])
    kept = []
    for begin, end in rules.bands:
        if (begin, end) in strokes:
            continue
        # Beyond a line's own rows, a row that is not inked all along belongs to a stroke.
        while begin <= reach and end - begin > thick + 1 and covered[end - 1] < _ACROSS:
            end -= 1
        while end >= height - reach and end - begin > thick + 1 and covered[begin] < _ACROSS:
            begin += 1
        if end - begin <= most + thick * ((begin, end) in across):
            kept.append((begin, end))
        elif begin <= reach:
            kept.append((begin, begin + most))
        elif end >= height - reach:
            kept.append((end - most, end))
    return Rules(rules.slope, kept)


def _in_step(inner: list[Band], lines: Sequence[Band]) -> list[Band]:
    """The inner lines that divide a box evenly, if most places of such lines have one; else all.

    What lies beside these places is a stroke that reaches from line to line.
    """
    if len(inner) < _LEAST_EVEN:
        return inner
    middles = np.array([begin + end for begin, end in inner]) / 2
    first, last = sum(lines[0]) / 2, sum(lines[-1]) / 2
    gap = median(np.diff([first, *middles, last]))
    cells = max(1, round((last - first) / gap))
    places = (middles - first) * cells / (last - first)
    near = np.abs(places - np.rint(places)) <= _OFF_STEP
    held = len(set(np.rint(places[near]).tolist()))
    return list(compress(inner, near)) if held >= _MOST_HELD * (cells - 1) else inner


def _slope(mask: Bools) -> Optional[float]:
    """The slope of the upper side of a piece, if it is a thin straight line; None if not.

    A piece is connected, so it has a pixel in each column of its box.
    """
    height, width = mask.shape
    outer, ends = mask.argmax(axis=0), mask[:-1] > mask[1:]
    last = ends.argmax(axis=0)
    inner = np.where(ends[last, np.arange(width)], last + 1, height)
    thick = median(inner - outer)
    if thick > max(3, _THICKEST * min(height, width)) or thick > 0.4 * height:
        return None
    slope, straight = _fitted(inner)
    if abs(slope) > _STEEPEST or straight < _TOUCHED or _fitted(outer)[1] < _STRAIGHT:
        return None
    return slope


def _fitted(rows: Integers) -> tuple[float, float]:
    """The slope of the line along the rows of columns, and the share of columns that lie on it."""
    width = len(rows)
    third = max(1, width // 3)
    slope = (median(rows[-third:]) - median(rows[:third])) / max(1, width - third)
    near = _near(rows, slope)
    columns = np.flatnonzero(near)
    if len(columns) > 2:  # the medians are whole pixels: least squares is more exact
        across = columns - columns.mean()
        slope = float(across @ rows[near] / (across @ across))
    return slope, float((near & _near(rows, slope)).mean())


def _near(rows: Integers, slope: float) -> Bools:
    places = rows - slope * np.arange(len(rows))
    return np.asarray(np.abs(places - median(places)) <= 1 + 0.01 * len(rows))


def _rules(mask: Bools, slope: float, inside: Optional[Bools]) -> Rules:
    """The lines of a slope that run through a piece from side to side."""
    covered = _coverage(mask, slope, inside)
    return Rules(slope, bands(covered, _WITH_A_BAR * _thickest(mask), _COVERED, _ROW_COVERED))


def _thickest(mask: Bools) -> int:
    """The most rows that a line of a piece has."""
    return 1 + max(4, 1 + round(_THICKEST * min(mask.shape)))


def _coverage(mask: Bools, slope: float, within: Optional[Bools] = None) -> Doubles:
    """The share that is inked of the line with a slope through each row of a piece."""
    height, width = mask.shape
    lines, there = Rules(slope, []), np.ones_like(mask) if within is None else within
    seen = lines.along(there, 0, height).sum(axis=1)
    thicker = mask.copy()
    thicker[1:] |= mask[:-1]  # a thin line that lies askew has steps
    hit = lines.along(thicker & there, 0, height).sum(axis=1)
    # The sides of a box that lies askew are shorter than the rows of its bounding box.
    long = np.minimum(seen, width - abs(slope) * height)
    return np.asarray(np.where(3 * seen > width, hit / np.maximum(long, 1), 0))


def _thin(lines: Rules, mask: Bools) -> list[Band]:
    """The lines of a piece that are no thicker than a line may be."""
    return [band for band in lines.bands if band[1] - band[0] <= _thickest(mask)]


def _erased(part: Floats, level: Rules, upright: Rules) -> Floats:
    cleaned = part.copy()
    erase(cleaned, level)
    erase(cleaned.T, upright)
    return cleaned
