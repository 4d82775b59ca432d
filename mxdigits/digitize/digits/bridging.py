"""Fills the gaps of a broken digit, for networks have seen whole strokes."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ...arrays import Floats, Integers
from ..ink.pieces import Pieces
from ..pixels.components import label
from ..pixels.highest import closed
from ..pixels.resizing import reduced, resized

_SIDE = 80  # pixels of a digit's longer side at which gaps are filled
_REACH = 0.05  # of the longer side: half of the width of gaps that are filled
_SEEN = 0.3  # least ink of a piece, and least that is added in a gap
_MOST = 6  # most pieces of a digit


def bridged(ink: Floats) -> Floats:
    """A digit's ink with the gaps between its pieces filled.

    Only gaps between two pieces are filled, no notch of one piece.

    Args:
        ink: from 0 for paper to 1 for ink, (H, W).

    Example:
        >>> ink = np.zeros((40, 7), np.float32)
        >>> ink[:18, 1:6] = ink[21:, 1:6] = 1
        >>> bool(bridged(ink)[:, 3].all())
        True
    """
    small = reduced(ink, _SIDE)
    numbers, count = label(small > _SEEN)
    if not 2 <= count <= _MOST:
        return ink
    reach = max(1, round(_REACH * max(small.shape)))
    apart = [_closed(np.where(numbers == one, small, 0), reach) for one in range(1, count + 1)]
    together = _closed(small, reach)
    between = np.where(together > np.max(apart, axis=0) + _SEEN, together, 0)
    height, width = ink.shape
    return np.maximum(ink, resized(between, width, height, Image.Resampling.BILINEAR))


def joined_ink(pieces: Pieces, group: Integers) -> Floats:
    """The ink of a digit that is made of some pieces, with the gaps between them filled.

    Example:
        >>> from ..ink.pieces import pieces_of
        >>> ink = np.zeros((60, 60), np.float32)
        >>> ink[10:28, 28:34] = ink[30:48, 28:34] = 1
        >>> joined_ink(pieces_of(ink), np.array([0, 1])).shape
        (38, 6)
    """
    ink = pieces.cut(group)
    return bridged(ink) if len(group) > 1 else ink


def _closed(ink: Floats, reach: int) -> Floats:
    """Ink with gaps filled that are narrower than twice the reach."""
    wide = np.pad(np.asarray(ink, np.float32), reach)
    return closed(wide, 2 * reach + 1)[reach:-reach, reach:-reach]
