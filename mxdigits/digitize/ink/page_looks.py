"""The ink of a page on its sheet; if no sheet is clearly seen, also on what may be one.

For example, a hand holds a pad with rings along a side, a thumb over a corner, and things as light
as the pad behind it.  Only parts of its sides are seen, and not all that is beside them is darker.
So the whole picture and the straightened pad are both read, and the one that shows more digits is
taken.  If both show few, the whole picture is read by ink that is darker than the paper close by.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from ...arrays import Doubles, Floats
from ..paper.sheet import sheet_of, sheet_seen_in_part
from ..pixels.highest import closed, highest_around
from ..pixels.median import median
from ..pixels.resizing import reduced, resized
from .contrast import Seen, inks_of, levelled
from .shade import without_shade

_BETTER = 1.25  # times as many digits must be seen by the look at ink darker than paper close by
_NEAR_SIDE = 384  # pixels of the longer side at which that look finds strokes and regions
_NARROW = 0.055  # of that side: wider than all but the thickest strokes
_SMOOTH = 128  # pixels of the longer side to which its paper is reduced: this smooths it
_REGION = 0.1  # of that side: a region, several digits wide
_PALEST = 0.4  # ink: the palest of a region that becomes full ink; a region of noise is paler
_LIGHT_SIDE = 64  # pixels of the longer side at which paper is looked for
_WIDEST = 0.4  # of that side: wider than any stroke
_FAINTEST = 0.03  # luminance: least difference between ink and paper
_DARKEST = 0.4  # of most paper's light: darker paper counts as this light, or its noise looks inked


@dataclass(frozen=True, eq=False)
class PageLook:
    """The ink of a page, and the matrix from it to the picture.

    ``better``: this look is preferred if it shows so many times as many digits as looks before it.
    ``enough``: whether no further look is needed if this one shows enough digits.

    Example:
        >>> PageLook([], np.eye(3)).enough
        True
    """

    inks: list[Seen]
    matrix: Doubles
    better: float = 1.0
    enough: bool = True


def looks_at_page(light: Floats, side: int) -> Iterator[PageLook]:
    """The looks at a page, the likeliest first.

    Args:
        light: luminance from 0 to 1, (H, W).
        side: pixels of the longer side of the ink.

    Example:
        >>> light = np.full((100, 80), 0.9, np.float32)
        >>> light[20:80, 38:42] = 0.1
        >>> [look] = looks_at_page(light, 2400)
        >>> float(look.inks[0].ink[50, 40]), look.matrix.diagonal().tolist()
        (1.0, [1.0, 1.0, 1.0])
    """
    sheet = sheet_of(light, side)
    inks = _inks_without_shade(sheet.light)
    if sheet.found or all(seen.even for seen in inks):
        yield PageLook(inks, sheet.matrix)
        return
    part = sheet_seen_in_part(light, side)
    # Of a ruled sheet askew the whole picture shows only digits well that touch none of its lines.
    yield PageLook(inks, sheet.matrix, enough=not part.found)
    if part.found:
        yield PageLook([_inked_nearby(part.light)], part.matrix, enough=False)
        yield PageLook(_inks_without_shade(part.light), part.matrix)
    yield PageLook([_inked_nearby(sheet.light)], sheet.matrix, better=_BETTER)


def _inks_without_shade(light: Floats) -> list[Seen]:
    return [without_shade(_clear(seen)) for seen in inks_of(light, page=True)]


def _clear(seen: Seen) -> Seen:
    """The same, without any ink if the ink is hardly darker than the paper close by.

    On nearly black paper, as in the negative of a light page, noise is a large share of the light.
    """
    at = np.flatnonzero(seen.ink >= 1)
    if not len(at):
        return seen
    paper = _filled(reduced(seen.dark, _LIGHT_SIDE), _WIDEST)
    (down, across), (height, width) = paper.shape, seen.dark.shape
    rows, columns = np.divmod(at, width)
    near = paper[rows * down // height, columns * across // width]
    if median(near - seen.dark.ravel()[at]) >= _FAINTEST:
        return seen
    return replace(seen, ink=np.zeros_like(seen.ink))


def _filled(small: Floats, widest: float) -> Floats:
    """A small picture with its strokes filled in; they are narrower than ``widest`` of its side."""
    return closed(small, 2 * round(widest * max(small.shape) / 2) + 1)


def _inked_nearby(dark: Floats) -> Seen:
    """Ink that is darker than the paper close by: all but the thickest strokes, in any shade."""
    small = reduced(dark, _NEAR_SIDE)
    filled = _filled(small, _NARROW)
    high = float(np.quantile(filled, 0.9))
    height, width = dark.shape
    paper = resized(reduced(filled, _SMOOTH), width, height, Image.Resampling.BILINEAR)
    ink, contrast = levelled(
        np.asarray((paper - dark) / np.maximum(paper, _DARKEST * high), np.float32)
    )
    # Pale ink becomes full ink too if no ink in its region, several digits wide, is darker.
    around = 2 * round(_REGION * max(small.shape) / 2) + 1
    regional = highest_around(reduced(ink, _NEAR_SIDE), around)
    full = np.maximum(
        resized(reduced(regional, _SMOOTH), width, height, Image.Resampling.BILINEAR), _PALEST
    )
    return Seen(np.minimum(ink / full, 1), dark, contrast, even=False)
