"""Turns the pieces of ink of a page into digits: some are joined, some are split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress
from typing import Optional

import numpy as np

from ...arrays import Integers
from ..ink.contrast import Seen
from ..ink.pieces import Pieces
from ..ink.shadows import is_shadow
from ..ink.straight import is_straight
from ..ink.usual_height import HIGH, LOW
from .bridging import joined_ink
from .commas import are_commas
from .enclosing import encloses
from .likeness import LIKELY
from .mending import mended
from .parting import all_parted
from .parts import CERTAIN, Part, parts_of
from .reading import joined, stand_beside
from .slashes import are_slashes
from .words import in_words, without_words

_LARGE = 0.08  # of a page's longer side: least size of a piece that may be a shadow
_MOST_SCRAPS = 3  # scraps per digit: broken digits leave no more
# Low pieces are digits of a smaller size, and no letters, if so many of them surely are digits.
_LEAST_SMALLER = 3  # least number of these
_SHARE_SMALLER = 0.5  # of the low pieces: least share of these
_CURVED = 1.2  # times a piece's length: least length of its strokes if it is curved
_STRAIGHTEST = 0.1  # variance across a piece, over that along it: what has less is not curved
_IN_RING = 0.2  # of a circle's height: least height of a digit in it
_TINY = 16  # pixels: digits lower than this may be specks that overlap


def parts_of_page(
    pieces: Pieces, seen: Seen, only_digits: bool, usual: Optional[float] = None
) -> list[Part]:
    """The digits that are made of the pieces of a page, some joined, some split.

    Args:
        pieces: of ink, without lines.
        seen: the ink with its lines, of the same size, and the light that it was found in.
        only_digits: whether only digits are looked for; if not, nothing is split or mended.
        usual: height of a piece in pixels; if left out, that of the pieces with the most ink.

    Example:
        >>> from ..ink.pieces import pieces_of
        >>> ink = np.zeros((100, 200), np.float32)
        >>> ink[20:80, 28:34] = ink[20:80, 120:126] = 1
        >>> seen = Seen(ink, 1 - ink, contrast=1.0, even=True)
        >>> [part.box for part in parts_of_page(pieces_of(ink), seen, True)]
        [(28, 20, 34, 80), (120, 20, 126, 80)]
    """
    if not len(pieces.boxes):
        return []
    usual = usual or pieces.usual_height()
    smaller: list[Part] = []
    if only_digits:
        smaller, pieces = _smaller_digits(pieces, usual)
    groups, scraps = joined(pieces.boxes, pieces.mass, pieces.numbers.shape, usual)
    if only_digits:
        groups = [each for group in groups for each in _without_ring(pieces, group)]
    digits = [pieces.look_like_a_digit(group) for group in groups]
    scraps += [group for group, is_ in zip(groups, digits) if not is_]
    groups = [
        group for group in compress(groups, digits) if not _is_large_shadow(pieces, group, seen)
    ]
    heights = [bottom - top for _, top, _, bottom in map(pieces.box, groups)]
    if not groups or pieces.among_dirt(len(groups), float(np.median(heights))):
        return smaller
    parts = _parts_of(pieces, groups)
    if not only_digits:
        return parts
    # Words go first: beside their low letters, digits are so high as to be taken for several.
    letters = in_words(parts, [pieces.box(each) for each in scraps])
    words = [replace(part, likeness=0.0) for part, is_ in zip(parts, letters) if is_]
    parts = [part for part, is_ in zip(parts, letters) if not is_]
    scraps = [each for each, is_ in zip(scraps, letters[len(words) + len(parts) :]) if not is_]
    # As letters of a word, they would make digits beside them less probable.
    marks = are_slashes(parts) | are_commas(parts)
    parts = [part for part, is_ in zip(parts, marks) if not is_]
    if len(scraps) > _MOST_SCRAPS * len(parts):  # specks, which could be joined to anything
        scraps = []
    parts = all_parted(mended(parts, [(pieces.cut(each), pieces.box(each)) for each in scraps]))
    parts += smaller
    return [] if _are_specks(parts + words) else without_words(parts + words)


def _parts_of(pieces: Pieces, groups: Sequence[Integers]) -> list[Part]:
    """Each group of pieces as the ink of a digit."""
    inks = [joined_ink(pieces, each) for each in groups]
    return parts_of(inks, [pieces.box(each) for each in groups])


def _without_ring(pieces: Pieces, group: Integers) -> list[Integers]:
    """A circle and the digits in it, each by itself; the same pieces if they are one digit.

    If most digits of a page are circled, circles have the usual height.
    """
    boxes = pieces.boxes[group]
    size = boxes[:, 2:] - boxes[:, :2]
    ring = int(size.prod(axis=1).argmax())
    inside = (boxes[:, :2] > boxes[ring, :2]).all(axis=1)
    inside &= (boxes[:, 2:] < boxes[ring, 2:]).all(axis=1)
    high = inside & (size[:, 1] >= _IN_RING * size[ring, 1])
    if not high.any():
        return [group]
    inner, mass = group[inside], pieces.mass[group[inside]]
    made = [inner[each] for each in joined(boxes[inside], mass, pieces.numbers.shape)[0]]
    around, *digits = _parts_of(pieces, [group[ring][None], *made])
    sure = [part.box for part in digits if part.likeness >= CERTAIN]
    circled = any(encloses(around, box) for box in sure)
    return [group[~inside], *made] if circled else [group]


def _smaller_digits(pieces: Pieces, usual: float) -> tuple[list[Part], Pieces]:
    """Low pieces that are digits of a smaller size, if most of them surely are; and the others.

    Parts of broken digits are as low, but few of them look like digits.
    """
    high = pieces.boxes[:, 3] - pieces.boxes[:, 1]
    low = [at for at in np.flatnonzero(high < LOW * usual) if pieces.look_like_a_digit(at[None])]
    parts = _parts_of(pieces, [at[None] for at in low])
    likeness = np.array([part.likeness for part in parts])
    # Commas and dashes look like ones.
    curved = np.array(
        [
            _is_curved(pieces, at[None]) and not is_straight(part.image, _STRAIGHTEST)
            for at, part in zip(low, parts)
        ],
        bool,
    )
    sure = curved & (likeness >= CERTAIN)
    if sure.sum() < max(_LEAST_SMALLER, _SHARE_SMALLER * len(low)):
        return [], pieces
    theirs = high[low]
    usual = float(np.median(theirs[sure]))
    alike = (theirs >= LOW * usual) & (theirs <= HIGH * usual)
    likely, boxes = likeness >= LIKELY, pieces.boxes[low]
    other = likely & ~alike
    alike[other] = stand_beside(boxes[other], boxes[sure])
    digits = np.flatnonzero(sure | (alike & likely))
    others = np.ones(len(high), bool)
    others[[low[at] for at in digits]] = False
    return [parts[at] for at in digits], pieces.only(others)


def _is_curved(pieces: Pieces, group: Integers) -> bool:
    """Whether the strokes of pieces are longer than the pieces."""
    left, top, right, bottom = pieces.box(group)
    strokes = float(pieces.area[group].sum()) / pieces.pen(group)
    return strokes >= _CURVED * max(right - left, bottom - top)


def _is_large_shadow(pieces: Pieces, group: Integers, seen: Seen) -> bool:
    """Whether pieces of a page are large, and a shadow: smaller ones would take long to look at."""
    left, top, right, bottom = pieces.box(group)
    large = max(right - left, bottom - top) >= _LARGE * max(seen.ink.shape)
    return large and is_shadow(pieces, group, seen)


def _are_specks(parts: Sequence[Part]) -> bool:
    """Whether what was found is tiny, and most of it looks like no digit."""
    tiny = np.median([part.box[3] - part.box[1] for part in parts]) < _TINY
    return bool(tiny and np.median([part.likeness for part in parts]) < LIKELY)
