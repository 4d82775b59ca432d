"""Finds straight lines that are no digit: shadows, folds, sides of a sheet, bits of rules."""

from __future__ import annotations

import numpy as np

from ...arrays import Bools, Doubles, Floats, Integers, Numbers
from ..pixels.components import Box
from ..pixels.resizing import reduced

_STRAIGHTEST = 0.03  # most variance across a line, over that along it: a straight line has 0.02
_SMALL = 28  # pixels of the longer side at which a corner is looked for
_INKED = 0.4  # of the darkest ink: least ink of a pixel of the corner
_EVEN = 1.5  # of these pixels: most distance of a straight line's ink from its middle
_BENT = 3.0  # the same for the two lines of a corner: the strokes of many a 7 are bent by more
_ANGLES = (75.0, 105.0)  # degrees at a sheet's corner, from any side; most sevens have less
_LEAST_SIDE = 6.0  # of these pixels: least length of a corner's lines; the flag of a 1 is shorter
_FLAT = 2  # times its width: least length of a bit of a line
_BESIDE = 2  # pixels on both sides of a bit that may belong to its line: it may lie askew
_GOES_ON = 0.8  # of the rows before and behind a bit of a line: least that are inked
_LINE_INKED = 0.12  # least ink of a pixel there: a line may be paler than strokes
_AS_WIDE = 1.6  # times its line's width: most width of a bit; a digit on a thin line is wider


def is_straight(image: Numbers, most: float = _STRAIGHTEST) -> bool:
    """Whether a small image of ink shows no more than a straight line.

    Args:
        image: ink, (H, W).
        most: variance across a line, over that along it; a short and thick line has more.

    Example:
        >>> image = np.zeros((28, 28), np.uint8)
        >>> image[4:24, 13:15] = 255
        >>> is_straight(image)
        True
        >>> image[4:7, 8:15] = 255
        >>> is_straight(image)
        False
    """
    height, width = image.shape
    y, x = np.arange(height, dtype=np.float64)[:, None], np.arange(width, dtype=np.float64)
    weight = image / image.sum(dtype=np.float64)
    x, y = x - (weight * x).sum(), y - (weight * y).sum()
    level, upright, askew = ((weight * each).sum() for each in (x * x, y * y, x * y))
    mean, apart = (level + upright) / 2, np.hypot((level - upright) / 2, askew)
    return bool(mean - apart < most * (mean + apart))


def is_line_or_corner(ink: Floats, line: bool = True) -> bool:
    """Whether ink is a straight line, or two that meet at about a right angle at their ends.

    Args:
        ink: cut close, (H, W) from 0 for paper to 1 for ink.
        line: whether it may be one line; if not, only two are looked for.

    Example:
        >>> ink = np.zeros((200, 120), np.float32)
        >>> ink[:4] = ink[:, 116:] = 1
        >>> is_line_or_corner(ink)
        True
        >>> ink[196:] = 1
        >>> is_line_or_corner(ink)
        False
    """
    small = reduced(ink, _SMALL)
    rows, columns = np.nonzero(small > np.float32(_INKED) * small.max())
    places = np.stack([columns, rows], axis=1)
    apart = ((places[:, None] - places) ** 2).sum(axis=2)
    one, other = places[list(np.unravel_index(int(apart.argmax()), apart.shape))]
    (x, y), (to_x, to_y) = (places - one).T, other - one
    across = np.abs(x * to_y - y * to_x)
    if across.max() <= _EVEN * np.hypot(to_x, to_y):
        return line
    corner = places[int(across.argmax())]
    sides = one - corner, other - corner
    lengths = [float(np.hypot(*side)) for side in sides]
    if min(lengths) < _LEAST_SIDE:
        return False
    angle = float(np.degrees(np.arccos(sides[0] @ sides[1] / (lengths[0] * lengths[1]))))
    bent = np.minimum(*(_far(places - corner, side) for side in sides)).max()
    return bool(_ANGLES[0] <= angle <= _ANGLES[1] and bent <= _BENT)


def _far(places: Integers, end: Integers) -> Doubles:
    """How far places (N, 2) lie from the line from (0, 0) to an end."""
    share = (places @ end / (end @ end)).clip(0, 1)
    return np.asarray(np.hypot(*(places - share[:, None] * end).T))


def goes_on(ink: Floats, box: Box) -> bool:
    """Whether a box holds a bit of a line that goes on at both ends for the length of the bit.

    A digit that is much wider than the line that goes on from it is no bit of the line.

    Args:
        ink: with the lines, (H, W).
        box: of what was taken for a digit, left, top, right, bottom.

    Example:
        >>> ink = np.zeros((100, 60), np.float32)
        >>> ink[:, 30] = 1
        >>> goes_on(ink, (30, 40, 31, 52)), goes_on(ink, (30, 0, 31, 100))
        (True, False)
    """
    left, top, right, bottom = box
    if bottom - top < right - left:
        ink, left, top, right, bottom = ink.T, top, left, bottom, right
    long = bottom - top
    if long < _FLAT * (right - left):
        return False
    beside = ink[:, max(0, left - _BESIDE) : right + _BESIDE] > _LINE_INKED
    before, behind = beside[max(0, top - long) : top], beside[bottom : bottom + long]
    if not (_is_inked(before) and _is_inked(behind)):
        return False
    beyond = max(_width(before), _width(behind))
    return bool(_width(beside[top:bottom]) <= _AS_WIDE * beyond)


def _is_inked(part: Bools) -> bool:
    """Whether most rows of what may be a line are inked; false if there are no rows."""
    return bool(len(part) and part.any(axis=1).mean() >= _GOES_ON)


def _width(part: Bools) -> float:
    """How many pixels of a row are inked, on average."""
    return float(part.sum(axis=1).mean())
