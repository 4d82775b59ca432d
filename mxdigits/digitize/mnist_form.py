"""Turns any picture of a digit into the form of MNIST's: white ink on black, 28 x 28, centred.

The form is that of LeCun, Cortes and Burges, "The MNIST database of handwritten digits"
(yann.lecun.com/exdb/mnist): the ink's box scaled to fit 20 x 20 with its aspect kept, grey where
pixels are inked in part, and placed so that its centre of mass is the centre of 28 x 28.  Their
originals had been scanned in black and white; how ink is told from paper in others is in
:mod:`mxdigits.digitize.ink.contrast`.  One thing is added: a pen much thinner than those of MNIST
is made thicker, for scaled down it would leave almost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Optional, TypeVar

import numpy as np

from ..arrays import Doubles, Numbers, Pixels
from .clearing import outside_of, pieces_within, without_lines, without_lines_askew
from .digit import Digit
from .digits.among_letters import without_letters
from .digits.enclosing import without_enclosing
from .digits.in_form import in_form
from .digits.likeness import LIKELY, likeness
from .digits.marks import marks_beside
from .digits.page_parts import parts_of_page
from .digits.parts import CERTAIN
from .digits.reading import reading_lines
from .digits.size import SIZE
from .digits.soft_digits import written_on_a_page
from .filled_form import filled_form, flat_form
from .ink.contrast import Seen, inks_of
from .ink.one_digit import one_digit
from .ink.page_looks import looks_at_page
from .ink.pieces import pieces_of
from .ink.second_look import Look, looks_again
from .ink.shadows import is_shadow
from .ink.straight import goes_on, is_straight
from .ink.turning import angle_of, turned
from .lines.bent_lines import without_bent_lines
from .lines.between_lines import between_lines
from .lines.form_lines import form_lines
from .opening.limits import MOST_PIXELS
from .opening.luminance import checked_luminance
from .opening.picture import open_picture
from .paper.enlarging import enlarged
from .paper.in_picture import angles_in_picture, boxes_in_picture
from .paper.sheet import sheet_of
from .pixels.dithering import without_dither

__all__ = ["MOST_PIXELS", "SIZE", "Digit", "digitize", "find_digits", "open_picture"]

_DIGIT_SIDE = 1000  # pixels of the longer side at which the ink of one digit is looked for
_PAGE_SIDE = 2400  # the same for a page, whose digits are small in it
_MOST_SHADOWS = 3  # most shadows that are passed over
# A page was seen well by a look that shows so many likely digits; otherwise others are tried.
_LEAST = 3  # always at least so many: fewer may be noise
_MOST = 0.6  # of all that the look shows: the rest looks like no digits
_ENOUGH = 10  # so many are enough, however many others there are: a page may be full of words
_FEW = 3  # digits: where there are no more, each may be a bit of a line
_ALONE = 1  # likely digits: later looks must show more, for one may be the side of a sheet
_Read = TypeVar("_Read")


@dataclass(frozen=True, eq=False)
class _One:
    """The one digit of a picture in MNIST's form, how many there seem to be, and whether it may be
    a thing or a line at the picture's edge.
    """

    image: Pixels
    count: int
    at_edge: bool = False


def digitize(picture: Numbers) -> Pixels:
    """One digit in MNIST's form, uint8 (28, 28): ink up to 255 on 0; all 0 where there is no ink.

    The heaviest piece of ink is taken for the digit, with what lies close to it and is as dark.

    Args:
        picture: luminance (H, W), float from 0 to 1 or uint8, of any size.

    Raises:
        UsageError: if it is of another shape, or holds other numbers.

    Example:
        >>> picture = np.full((100, 60), 255, np.uint8)
        >>> picture[20:80, 28:34] = 0
        >>> image = digitize(picture)
        >>> image.shape, int(image[14].max())
        ((28, 28), 255)
    """
    return digitize_one(picture)[0]


def digitize_one(picture: Numbers, *, only_digits: bool = True) -> tuple[Pixels, int]:
    """As :func:`digitize`, and about how many digits the picture shows.

    Args:
        picture: as for :func:`digitize`.
        only_digits: whether only digits are looked for; if not, ink found is not looked at again.

    Example:
        >>> page = np.full((100, 200), 255, np.uint8)
        >>> page[20:80, 28:34] = page[20:80, 120:126] = 0
        >>> image, count = digitize_one(page)
        >>> count
        2
    """
    light = sheet_of(without_dither(checked_luminance(picture)), _DIGIT_SIDE).light
    inks = inks_of(light)
    found = _read_one(inks)
    looks = _looks(found) if only_digits else 1.0
    doubtful = only_digits and (found.at_edge or looks < LIKELY)
    straight = found.count > 0 and is_straight(found.image)
    if only_digits and (doubtful or straight or looks < CERTAIN):
        cell = between_lines(light, inks[0].ink)
        if cell is not None:
            image, count = digitize_one(cell)
            surely = float(likeness(image[None])[0]) >= max(CERTAIN, looks)
            # Straight ink may be one of the lines: what the cell shows counts more.
            if straight or (count and surely):
                return image, count
    if found.count and not doubtful:
        return found.image, found.count
    for look in looks_again(light, inks):
        again = _read_one(look.inks, look)
        if again.count and _looks(again) >= look.least:
            return again.image, again.count
    return found.image, found.count


def _read_one(inks: Sequence[Seen], look: Optional[Look] = None) -> _One:
    return _likeliest([_digitized(seen, look) for seen in inks], _looks)


def _looks(found: _One) -> float:
    return float(likeness(found.image[None])[0])


def find_digits(picture: Numbers, *, only_digits: bool = True) -> list[Digit]:
    """Every digit of a picture, in reading order: line by line, each from the left.

    Pieces of ink of about one height are taken for digits, smaller ones for specks or for pieces of
    the digit that they lie above, below or in.  Digits that touch are split, and parts of a broken
    one joined, if that looks more like digits.  What looks like no digit is found too: its
    ``likeness`` is low.

    Args:
        picture: luminance (H, W), float from 0 to 1 or uint8, of any size.
        only_digits: whether only digits are looked for; if not, nothing is split or mended.

    Raises:
        UsageError: if it is of another shape, or holds other numbers.

    Example:
        >>> page = np.full((100, 200), 255, np.uint8)
        >>> page[20:80, 28:34] = page[20:80, 120:126] = 0
        >>> [digit.box for digit in find_digits(page)]
        [(28, 20, 34, 80), (120, 20, 126, 80)]
    """
    best: Optional[list[Digit]] = None
    light, matrix = enlarged(without_dither(checked_luminance(picture)))
    for look in looks_at_page(light, _PAGE_SIDE):
        read = [_found(seen, matrix @ look.matrix, only_digits) for seen in look.inks]
        found = _likeliest(read, _how_many_are_likely)
        likely = _how_many_are_likely(found)
        if best is None or likely > max(look.better * _how_many_are_likely(best), _ALONE):
            best = found
        enough = max(_LEAST, min(_MOST * len(best), _ENOUGH))
        if look.enough and _how_many_are_likely(best) >= enough:
            break
    return best or []


def _how_many_are_likely(digits: Sequence[Digit]) -> float:
    """About how many look like digits: of a page with letters too, more than of one blot."""
    return sum(max(0.0, 2 * each.likeness - 1) for each in digits)


def _likeliest(read: Sequence[_Read], looks: Callable[[_Read], float]) -> _Read:
    """The result of two polarities that looks more like digits; the first if they look alike."""
    return read[0] if len(read) == 1 else max(read, key=looks)


def _digitized(seen: Seen, look: Optional[Look] = None) -> _One:
    """The one digit of a sheet, by the first look or by another."""
    pieces = pieces_of(seen.ink)
    again, lines = look is not None, look is not None and look.lines
    if not lines:
        pieces, seen = without_lines_askew(pieces, seen)
    for _ in range(_MOST_SHADOWS):
        group, count = one_digit(pieces, surely=not again)
        if not count:
            break
        image = in_form(pieces.cut(group))
        # Shadows, folds and rules leave lines, which another look might take for a digit.
        line = goes_on(seen.ink, pieces.box(group)) or (again and is_straight(image))
        if not line and not is_shadow(pieces, group, seen, again, lines):
            return _One(image, count, bool(pieces.may_lie_at_edges()[group].any()))
        pieces = pieces.only(~np.isin(np.arange(len(pieces.boxes)), group))
    return _One(np.zeros((SIZE, SIZE), np.uint8), 0)


def _found(seen: Seen, matrix: Doubles, only_digits: bool) -> list[Digit]:
    """Every digit of a sheet; ``matrix`` leads from the sheet to the picture."""
    ink = seen.ink
    angle = angle_of(ink)
    # A fold would be taken for a rule; turned, it would no longer run from edge to edge.
    if angle and (foldless := pieces_of(ink).without_folds().ink) is not ink:
        ink, angle = foldless, angle_of(foldless)
    if angle:
        ink, back = turned(ink, angle)
        matrix = matrix @ back
        seen = replace(seen, dark=turned(seen.dark, angle)[0])
    seen = replace(seen, ink=ink)
    lines = form_lines(ink)
    filled = filled_form(ink, seen.dark, lines) if only_digits else None
    flat = flat_form(ink, seen.dark, filled) if only_digits else None
    if flat is not None:
        filled, ink = flat.filled, flat.page.ink
        seen = replace(seen, ink=ink, dark=flat.page.dark)
    in_cells = 0
    if filled is not None:
        pieces = filled.pieces.only(filled.beside)
        in_cells = len(filled.digits)
        parts = filled.digits + parts_of_page(pieces, seen, only_digits, filled.usual)
        whole = filled.pieces
    else:
        outside = outside_of(ink)
        whole = pieces_within(ink, outside)
        pieces = without_lines(whole, outside, page=True)
        if lines is not None:
            left = lines.left_in(pieces.ink, ink)
            pieces = pieces_of(left.taken_from(pieces.ink))
        pieces = without_bent_lines(pieces, outside)
        written = (
            written_on_a_page(pieces, outside)
            if only_digits
            else pieces.only(pieces.look_written_on_a_page())
        )
        parts = parts_of_page(written, seen, only_digits)
        if pieces.among_noise([part.box for part in parts], sum(part.ink.sum() for part in parts)):
            return []
    if len(parts) <= _FEW:
        parts = [part for part in parts if not goes_on(seen.ink, part.box)]
    if only_digits:
        parts[in_cells:] = without_enclosing(parts[in_cells:])
        # That a cell holds one digit tells more than what stands beside it.
        parts[in_cells:] = without_letters(parts, whole)[in_cells:]
    parts[in_cells:] = [part.as_dark_as_usual() for part in parts[in_cells:]]
    if not parts:
        return []
    boxes = np.array([part.box for part in parts])
    places = boxes if flat is None else flat.page.boxes_before(boxes)
    frames, angles = boxes_in_picture(places, matrix), angles_in_picture(places, matrix)
    rows = reading_lines(boxes)
    marks = marks_beside(parts, rows, pieces, ink) if only_digits else {}
    return [
        Digit(
            frames[i],
            parts[i].image,
            row,
            angles[i],
            parts[i].likeness if only_digits else 1.0,
            marks.get(i, ("", "")),
        )
        for row, line in enumerate(rows)
        for i in line
    ]
