"""Removes the lines of a sheet: dashes, boxes and rules, in the order that finds them all."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

import numpy as np

from ..arrays import Bools, Floats
from .digits.in_form import inked_fully
from .ink.askew import angle_of_lines
from .ink.contrast import Seen
from .ink.pieces import Pieces, pieces_of
from .ink.turning import turned
from .lines.boxes import without_boxes
from .lines.dashes import without_dashes
from .lines.paper_lines import without_rules
from .pixels.median import quantiles

_INKED = 0.12  # least ink that counts: less is the blurred edge of a stroke, or noise
_DARKEST = 0.95  # quantile of that ink which is full ink: a few pixels of lines may be darker


def without_lines_askew(pieces: Pieces, seen: Seen) -> tuple[Pieces, Seen]:
    """The pieces of a sheet without its lines, turned level if these lie askew.

    Args:
        pieces: of the ink that was seen.
        seen: the ink and the light, which are turned too.

    Example:
        >>> ink = np.zeros((100, 100), np.float32)
        >>> ink[50] = ink[20:80, 48:52] = 1
        >>> pieces, _ = without_lines_askew(pieces_of(ink), Seen(ink, 1 - ink, 1.0, even=True))
        >>> pieces.boxes.tolist()
        [[48, 20, 52, 80]]
    """
    angle = angle_of_lines(pieces)
    # A fold would be taken for a rule; turned, it would no longer run from edge to edge.
    if angle and (foldless := pieces.without_folds()) is not pieces:
        pieces, angle = foldless, angle_of_lines(foldless)
    if not angle:
        return without_lines(pieces), seen
    seen = replace(seen, ink=turned(pieces.ink, angle)[0], dark=turned(seen.dark, angle)[0])
    outside = outside_of(seen.ink)
    return without_lines(pieces_within(seen.ink, outside), outside), seen


def without_lines(pieces: Pieces, outside: Optional[Bools] = None, page: bool = False) -> Pieces:
    """The pieces of a sheet without its lines.

    Args:
        pieces: of all ink.
        outside: the pixels outside the picture, if it was turned, (H, W).
        page: whether there are rows of underlines.

    Example:
        >>> ink = np.zeros((100, 100), np.float32)
        >>> ink[50] = 1
        >>> len(without_lines(pieces_of(ink)).boxes)
        0
    """
    before, dashless = pieces.ink, without_dashes(pieces)
    if dashless is not None:
        pieces = pieces_of(dashless, outside)
    boxless = without_boxes(pieces, outside, page)
    # First the boxes: without the rules that they share, their other sides would look like ones.
    cleaned = without_rules(pieces.ink if boxless is None else boxless, outside)
    if cleaned is before:
        return pieces
    return pieces_of(as_if_whole(cleaned), outside)


def as_if_whole(ink: Floats) -> Floats:
    """Ink without its lines, scaled so that the pen is full ink: lines may have been darker.

    Example:
        >>> as_if_whole(np.full((2, 2), 0.5, np.float32)).tolist()
        [[1.0, 1.0], [1.0, 1.0]]
    """
    inked = ink[ink > _INKED]
    full = quantiles(inked, [_DARKEST])[0] if len(inked) else 1.0
    return ink if full == 1 else inked_fully(ink, full)


def pieces_within(ink: Floats, outside: Optional[Bools]) -> Pieces:
    """The pieces of ink of a sheet; what is below 0 is no part of it.

    Example:
        >>> ink = np.full((4, 4), -1, np.float32)
        >>> len(pieces_within(ink, outside_of(ink)).boxes)
        0
    """
    return pieces_of(ink if outside is None else np.maximum(ink, 0), outside)


def outside_of(ink: Floats) -> Optional[Bools]:
    """The pixels outside a sheet, if it was turned; None if there are none.

    Example:
        >>> outside_of(np.zeros((2, 2), np.float32)) is None
        True
    """
    outside = ink < 0
    return outside if outside.any() else None
