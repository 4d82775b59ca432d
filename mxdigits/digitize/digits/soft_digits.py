"""Finds digits of a page that are as pale as shadows, or as ragged as noise.

A pencil, or a pen that runs dry, leaves ink without a sharp edge.  Beside a dark pen no pixel of a
pencil may count as sure ink.  If other digits of the page are written well, then ink of about their
height is a digit, too, if it surely looks like one once it is made as dark.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

import numpy as np

from ...arrays import Bools, Integers
from ..ink.pieces import Pieces, pieces_of
from .in_form import as_dark_as_usual
from .parts import CERTAIN, parts_of
from .reading import stand_beside

_LOW = 0.15  # times the usual height of what is written: least height of a soft digit
_HIGH = 1.6  # times the usual height: its most height and width; shadows are larger
_SOFTEST = 0.3  # least darkness
_PALEST = 0.4  # least ink of the darkest pixel
_NARROWEST = 0.35  # least width over height of a digit by itself: a shadow may look like a one
_MOST = 2  # times the number of written pieces: most soft ones; of texture there are more


def written_on_a_page(pieces: Pieces, outside: Optional[Bools] = None) -> Pieces:
    """The pieces that may be strokes of a pen, with soft and ragged ones that surely are digits.

    Args:
        pieces: of ink, without lines.
        outside: the pixels outside the picture, if it was turned, (H, W).

    Example:
        >>> from ..ink.pieces import pieces_of
        >>> ink = np.zeros((100, 60), np.float32)
        >>> ink[20:80, 28:34] = 1
        >>> len(written_on_a_page(pieces_of(ink)).boxes)
        1
    """
    written = pieces.look_written_on_a_page()
    if not written.any():
        return pieces.only(written)
    usual, most = pieces.usual_height(written), _MOST * np.count_nonzero(written)
    unsure = np.where(pieces.numbers > 0, np.float32(0), pieces.ink)
    pale, digits = _digits_made_dark(pieces_of(unsure, outside, _PALEST), usual, most)
    if digits.any():
        dark = np.where(pale.mask(np.flatnonzero(digits)), pale.ink, pieces.ink)
        pieces = pieces_of(dark, outside)
        written = pieces.look_written_on_a_page()
    pieces, digits = _digits_made_dark(pieces, usual, most, ~written)
    return pieces.only(written | digits)


def _digits_made_dark(
    pieces: Pieces, usual: float, most: int, which: Optional[Bools] = None
) -> tuple[Pieces, Bools]:
    """The pieces, those that may be soft digits made as dark as others; and which surely are."""
    wide, high = (pieces.boxes[:, 2:] - pieces.boxes[:, :2]).T
    soft = ~pieces.are_cut() & ~pieces.are_lines() & (pieces.darkness >= _SOFTEST)
    soft &= (high >= _LOW * usual) & (np.maximum(wide, high) <= _HIGH * usual)
    if which is not None:
        soft &= which
    digits = np.zeros(len(high), bool)
    alone = wide >= _NARROWEST * high
    if not 0 < np.count_nonzero(soft & alone) <= most:
        return pieces, digits
    some = np.flatnonzero(soft)
    pieces = _as_dark(pieces, some)
    each = [np.array([piece]) for piece in some]
    parts = parts_of([pieces.cut(one) for one in each], [pieces.box(one) for one in each])
    digits[some] = [part.likeness >= CERTAIN for part in parts]
    narrow = digits & ~alone
    digits &= alone
    digits[narrow] = stand_beside(pieces.boxes[narrow], pieces.boxes[digits])
    return pieces, digits


def _as_dark(pieces: Pieces, which: Integers) -> Pieces:
    """The pieces, some made as dark as others are."""
    ink = pieces.ink.copy()
    for piece in which.tolist():
        left, top, right, bottom = pieces.boxes[piece].tolist()
        theirs = pieces.numbers[top:bottom, left:right] == piece + 1
        part = ink[top:bottom, left:right]
        part[theirs] = as_dark_as_usual(part[theirs])
    return replace(pieces, ink=ink)
