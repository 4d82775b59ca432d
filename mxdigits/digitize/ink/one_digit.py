"""Chooses the ink that is the digit of a picture of one digit."""

from __future__ import annotations

import numpy as np

from ...arrays import Integers
from .pieces import Pieces

_AS_HIGH = 0.6  # of the digit's height: least height of another digit beside it


def one_digit(pieces: Pieces, surely: bool = True) -> tuple[Integers, int]:
    """The pieces that make the one digit of a picture, and how many digits there seem to be.

    The heaviest piece of ink is taken, with what lies close to it and is as dark.

    Args:
        pieces: the ink.
        surely: whether it has to look written; else it may be soft, uneven or a tangle.

    Example:
        >>> from .pieces import pieces_of
        >>> ink = np.zeros((100, 200), np.float32)
        >>> ink[20:80, 28:34] = ink[20:80, 120:126] = ink[84:87, 29:33] = 1
        >>> one_digit(pieces_of(ink))
        (array([0, 2]), 2)
    """
    none = np.zeros(0, np.int64), 0
    weight = pieces.mass * pieces.darkness**2
    written = pieces.look_written() if surely else pieces.may_be_written()
    digits = written & pieces.are_large()
    if not digits.any():
        return none
    # Ink that reaches the edge, such as a table, is ignored, unless there is hardly any other.
    inner = ~pieces.are_cut()
    if weight[inner & digits].max(initial=0) >= 0.1 * weight[digits].max():
        weight = np.where(inner, weight, 0)
    main = int(np.where(digits, weight, 0).argmax())
    left, top, right, bottom = pieces.boxes[main]
    if pieces.among_dirt(1, float(max(right - left, bottom - top))):
        return none
    reach = 0.3 * max(right - left, bottom - top)
    near = (pieces.boxes[:, :2] < (right + reach, bottom + reach)).all(axis=1)
    near &= (pieces.boxes[:, 2:] > (left - reach, top - reach)).all(axis=1)
    near &= weight >= 0.01 * weight[main]
    if surely:
        near &= pieces.darkness >= 0.6 * pieces.darkness[main]
        if weight[near & pieces.are_tangled()].sum() > weight[main]:  # it is part of noise
            return none
    # A line under a digit is no part of it; a shorter line may be the bar of a 5.
    size = pieces.boxes[:, 2:] - pieces.boxes[:, :2]
    near &= ~pieces.are_lines() | (size[:, 0] < 0.8 * size[main, 0])
    near[main] = True
    group = np.flatnonzero(near)
    if pieces.among_noise([pieces.box(group)], pieces.mass[group].sum()):
        return none
    others = digits & ~near & (weight > 0) & (size[:, 1] >= _AS_HIGH * size[main, 1])
    return group, 1 + int(others.sum())
