"""Finds digits of a page that are as pale as shadows, or as ragged as noise.

A pencil, or a pen that runs dry, leaves ink without a sharp edge.  If other digits of the page are
written well, then ink of about their height is a digit, too, if it surely looks like one once it is
made as dark.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...arrays import Integers
from ..ink.pieces import Pieces
from .in_form import as_dark_as_usual
from .parts import CERTAIN, parts_of

_LOW = 0.15  # times the usual height of what is written: least height of a soft digit
_HIGH = 1.6  # times the usual height: its most height and width; shadows are larger
_SOFTEST = 0.45  # least darkness
_NARROWEST = 0.35  # least width over height: the edge of a shadow may look like a one
_MOST = 2  # times the number of written pieces: most soft ones; of texture there are more


def written_on_a_page(pieces: Pieces) -> Pieces:
    """The pieces that may be strokes of a pen, with soft and ragged ones that surely are digits.

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
    wide, high = (pieces.boxes[:, 2:] - pieces.boxes[:, :2]).T
    usual = pieces.usual_height(written)
    soft = ~written & ~pieces.are_cut() & ~pieces.are_lines() & (pieces.darkness >= _SOFTEST)
    soft &= (high >= _LOW * usual) & (np.maximum(wide, high) <= _HIGH * usual)
    some = np.flatnonzero(soft & (wide >= _NARROWEST * high))
    if 0 < len(some) <= _MOST * np.count_nonzero(written):
        pieces = _as_dark(pieces, some)
        each = [np.array([piece]) for piece in some]
        parts = parts_of([pieces.cut(one) for one in each], [pieces.box(one) for one in each])
        written[some] = [part.likeness >= CERTAIN for part in parts]
    return pieces.only(written)


def _as_dark(pieces: Pieces, which: Integers) -> Pieces:
    """The pieces, some made as dark as others are."""
    ink = pieces.ink.copy()
    for piece in which.tolist():
        left, top, right, bottom = pieces.boxes[piece].tolist()
        theirs = pieces.numbers[top:bottom, left:right] == piece + 1
        part = ink[top:bottom, left:right]
        part[theirs] = as_dark_as_usual(part[theirs])
    return replace(pieces, ink=ink)
