"""The digits of a form that has one in most of its cells.

Ink is judged together with what else lies in its cell: a broken digit is joined, specks and bits of
lines beside a digit are left out, and a pale digit is as good as a dark one.  Tables of longer
numbers and squared paper, on which digits lie across the lines, are no such forms.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Optional

import numpy as np

from ...arrays import Bools, Doubles, Floats, Integers, Numbers
from ..ink.pieces import Pieces, pieces_of
from ..ink.usual_height import HIGH
from ..lines.boxes import without_boxes
from ..lines.cells import Cells
from ..lines.rules import INKED
from ..pixels.components import Box
from .bridging import joined_ink
from .cut_at_lines import cut_at_lines
from .in_form import as_dark_as_usual
from .likeness import LIKELY
from .parts import Part, parts_of
from .reading import Neighbours

_LEAST, _LARGE = 20, 0.4  # least cells with a large piece; its height, over a piece's usual height
_ONE = 0.75  # of these cells: least that have exactly one large piece
_LARGER = 0.3  # of the large pieces: most that exceed a cell; strokes that cross lines join them
_MOST_OF, _SPREAD = (0.15, 0.85), 0.45  # quantiles of their middles; most cells between these
_MOST = 5  # most pieces of a digit
_SPECK = 0.04  # of the mass of a cell's heaviest piece: less is left out
_LEFT_OUT = 4  # power of a digit's share of a cell's ink: what leaves ink out must look better
_BESIDE = 0.15  # of a cell's width or height: what is all so close to a line is a bit of it
_THICK = 0.4  # of the pen: least width of a stroke along a line
_NEAR = (3, 8)  # pixels: most from a stroke along a line to its rest; if nothing is as near
_DARK = 0.8  # darkness that pale digits get
_BLURRED = 3  # pixels beside a line, that it blurs
_SURE, _FLOOR = 3.0, 1.5  # times the noise: least contrast of the pen; contrast where ink begins
_DARKEST = 0.05  # luminance: darker paper counts as this
_ROUNDED = 1e-6  # luminance: rounding loses less
_EVERY = 4  # one of so many pixels of bare paper is looked at: they are many, and alike


@dataclass(frozen=True, eq=False)
class FilledCells:
    """The pieces of a form, the digits that they make, and which of them belong to the form.

    ``inside`` are those in its cells, and bits of its lines. ``usual`` is the height of a piece, in
    pixels.

    Example:
        >>> nothing = pieces_of(np.zeros((60, 60), np.float32))
        >>> FilledCells(nothing, [], np.zeros(0, bool), usual=30.0).digits
        []
    """

    pieces: Pieces
    digits: list[Part]
    inside: Bools
    usual: float

    @cached_property
    def beside(self) -> Bools:
        """Which pieces look written and do not belong to the form."""
        return self.pieces.look_written_on_a_page() & ~self.inside


def one_to_a_cell(ink: Floats, dark: Floats, cells: Cells) -> Optional[FilledCells]:
    """The digit of each cell; None where the page is no form with one in most of them.

    Args:
        ink: (H, W) from 0 for paper to 1 for ink, without the form's lines.
        dark: (H, W), the luminance in which it is dark; below 0 outside of the picture.
        cells: those between the form's lines.

    Example:
        >>> from ..lines.form_lines import FormLines
        >>> from ..lines.rules import Rules
        >>> lines = Rules(0.0, [(at, at + 1) for at in range(0, 301, 50)])
        >>> cells = Cells(FormLines((slice(50, 351), slice(50, 351)), lines, lines))
        >>> ink = np.zeros((400, 400), np.float32)
        >>> for at in range(60, 341, 50):
        ...     for row in range(60, 341, 50):
        ...         ink[row : row + 30, at + 10 : at + 14] = ink[row + 20, at + 20] = 1
        >>> len(one_to_a_cell(ink, 1 - ink, cells).digits)
        36
    """
    found = _filled_cells(ink, dark, cells)
    if found is None and (more := cells.with_unseen_lines()) is not None:
        found = _filled_cells(ink, dark, more)
    return found


def _filled_cells(ink: Floats, dark: Floats, cells: Cells) -> Optional[FilledCells]:
    pieces = pieces_of(ink)
    # Only what is larger than a cell may be a box of its own: the bar of a digit is no line.
    boxless = without_boxes(pieces.only(cells.are_exceeded(pieces.boxes)))
    pieces = pieces_of(_levelled(ink if boxless is None else boxless, dark, cells))
    written = pieces.look_written_on_a_page()
    if not written.any():
        return None
    usual = pieces.usual_height(written)
    if not _have_one(pieces, cells, usual):
        return None
    pieces = cut_at_lines(pieces, cells)
    which, inside = _places(pieces, cells)
    written = inside & ~cells.are_beside_lines(pieces.boxes, _BESIDE)
    which, written = _with_strokes_along(pieces, which, written, usual)
    sets = [
        each
        for each in _sets(which, written, pieces.mass)
        if _side(pieces.box(each)) >= _LARGE * usual
    ]
    best: dict[int, tuple[float, Part]] = {}
    inks = [as_dark_as_usual(joined_ink(pieces, each)) for each in sets]
    for each, part in zip(sets, parts_of(inks, [pieces.box(each) for each in sets])):
        if part.likeness >= LIKELY or pieces.look_like_a_digit(each):
            number, mass = int(which[each[0]]), float(pieces.mass[each].sum())
            score = part.likeness * mass**_LEFT_OUT
            if number not in best or score > best[number][0]:
                best[number] = score, part
    inside |= cells.are_bits_of_lines(pieces.boxes)
    return FilledCells(pieces, [part for _, part in best.values()], inside, usual)


def _with_strokes_along(
    pieces: Pieces, which: Integers, written: Bools, usual: float
) -> tuple[Integers, Bools]:
    """The cell of each piece, and what is written, now with strokes that lie along a line.

    These are as thick as strokes, and belong to the cell of the pieces close to them: the bar of a
    7 may lie on the upper line of its cell.
    """
    long = (pieces.boxes[:, 2:] - pieces.boxes[:, :2]).max(axis=1)
    thick = pieces.area >= _THICK * pieces.pen(np.flatnonzero(written)) * long
    strokes = np.flatnonzero(thick & ~written & (long < HIGH * usual))
    if not len(strokes):
        return which, written
    which, written, near = which.copy(), written.copy(), Neighbours(usual)
    boxes: list[Box] = [
        (left, top, right, bottom) for left, top, right, bottom in pieces.boxes.tolist()
    ]
    for at in np.flatnonzero(written).tolist():
        near.add(at, boxes[at])
    for at in strokes.tolist():
        apart = {each: _apart(boxes[at], boxes[each]) for each in near.of(boxes[at])}
        for most in _NEAR:
            homes = {int(which[each]) for each, far in apart.items() if far <= most}
            if homes:
                break
        if len(homes) == 1:
            which[at], written[at] = homes.pop(), True
    return which, written


def _apart(one: Box, other: Box) -> int:
    """How far two boxes lie apart, across or down; below 0 where they overlap."""
    across = max(one[0], other[0]) - min(one[2], other[2])
    return max(across, max(one[1], other[1]) - min(one[3], other[3]))


def _side(box: Box) -> int:
    """The longer side of a box."""
    left, top, right, bottom = box
    return max(right - left, bottom - top)


def _levelled(ink: Floats, dark: Floats, cells: Cells) -> Floats:
    """Ink with the pale ink of a cell made as dark as digits are elsewhere.

    In a cell with ink, all counts that is darker than the cell's paper. Strokes that are much paler
    than the lines, or than the writing in other cells, are hardly more than noise on the page.
    """
    which = (cells.of_pixels(ink.shape) + 1).ravel()
    beside = cells.lines.mask(ink.shape, _BLURRED).ravel()
    flat, light, count = ink.ravel(), dark.ravel(), int(which.max()) + 1

    def means(cell: Integers, weights: Optional[Doubles], *values: Numbers) -> list[Doubles]:
        """The means of values in each cell, given at pixels with the cell of each pixel."""
        most = np.maximum(np.bincount(cell, weights, count), 1e-9)
        weighted = (each if weights is None else weights * each for each in values)
        return [np.bincount(cell, each, count) / most for each in weighted]

    inside = light >= 0
    bare = np.flatnonzero(inside & (flat <= 0) & ~beside)[::_EVERY]
    bright = light[bare].astype(np.float64)
    usual, square = means(which[bare], None, bright, bright**2)
    paper = np.maximum(usual, _DARKEST)
    noise = np.sqrt(np.maximum(1 - 2 * usual / paper + square / paper**2, 0))

    inked = np.flatnonzero(inside & (flat > 0))
    cell, values, free = which[inked], flat[inked].astype(np.float64), ~beside[inked]
    darker = 1 - light[inked].astype(np.float64) / paper[cell]
    (pen,) = means(cell[free], values[free], darker[free])
    gain = _DARK / means(cell, values, values)[0].clip(1e-9)
    pale = np.bincount(cell, values > INKED, count) > 0
    pale &= (gain > 1) & (pen > _SURE * noise)
    pale[:1] = False  # pixels in no cell
    made = ink.copy()
    raised = made.ravel()
    blurred = ~free & pale[cell]
    raised[inked[blurred]] = np.minimum(gain[cell[blurred]] * values[blurred], 1)
    floor = np.minimum(_FLOOR * noise, _DARK / 2 * pen)
    # Pixels lighter than this, as most of the paper is, are not raised.
    lightest = float((paper * (1 - floor))[pale].max(initial=0)) + _ROUNDED
    here = np.flatnonzero(inside & (light < np.float32(lightest)) & ~beside)
    here = here[pale[which[here]]]
    cell = which[here]
    darker = 1 - light[here].astype(np.float64) / paper[cell]
    level = _DARK * (darker - floor[cell]) / (pen - floor)[cell]
    raised[here] = np.minimum(np.maximum(level, flat[here].astype(np.float64)), 1)
    return made


def _places(pieces: Pieces, cells: Cells) -> tuple[Integers, Bools]:
    """The number of each piece's cell, and whether it may be part of the digit there."""
    which = cells.of((pieces.boxes[:, :2] + pieces.boxes[:, 2:]) / 2)
    return which, (which >= 0) & ~cells.are_exceeded(pieces.boxes) & ~pieces.are_tangled()


def _have_one(pieces: Pieces, cells: Cells, usual: float) -> bool:
    """Whether most cells in which something is written hold one large piece."""
    large = pieces.boxes[:, 3] - pieces.boxes[:, 1] >= _LARGE * usual
    which, inside = _places(pieces, cells)
    held = np.bincount(which[inside & large], minlength=1)
    filled = int((held > 0).sum())
    larger = (cells.are_exceeded(pieces.boxes) & large).sum()
    if filled < _LEAST or (held == 1).sum() < _ONE * filled or larger > _LARGER * large.sum():
        return False
    boxes = pieces.boxes[inside & large]
    lower, upper = np.quantile(cells.within((boxes[:, :2] + boxes[:, 2:]) / 2), _MOST_OF, axis=0)
    return bool((upper - lower <= _SPREAD).all())


def _sets(which: Integers, inside: Bools, mass: Numbers) -> Iterator[Integers]:
    """All that may be the digit of a cell: any of its heaviest pieces, alone or together."""
    order = np.flatnonzero(inside)
    order = order[np.lexsort((-mass[order], which[order]))]
    for held in np.split(order, np.flatnonzero(np.diff(which[order])) + 1):
        some = held[mass[held] >= _SPECK * mass[held[:1]]][:_MOST].tolist()
        for count in range(1, len(some) + 1):
            yield from (np.array(sorted(each)) for each in combinations(some, count))
