"""A digit found in a picture; who only takes digits from another process needs no Pillow."""

from __future__ import annotations

from dataclasses import dataclass

from ..arrays import Pixels
from .pixels.components import Box

Marks = tuple[str, str]  # of a digit: the mark before it, and the one after it; "" for none

NONE, POINT, COMMA, MINUS, COLON, SLASH = KINDS = ("", ".", ",", "-", ":", "/")


@dataclass(frozen=True, eq=False)
class Digit:
    """A digit found in a picture.

    ``box`` is (left, top, right, bottom) in pixels of the picture, the last two exclusive;
    ``image`` is uint8 (28, 28): ink up to 255 on 0; ``line`` counts the lines of digits from 0;
    ``angle`` is how far its sheet is turned clockwise in the picture, in degrees;
    ``likeness`` is how much its ink looks like a digit, from 0 to 1; ``marks`` are the marks before
    and after it, each ``.``, ``,``, ``-``, ``:``, ``/`` or empty.

    Example:
        >>> import numpy as np
        >>> from mxdigits.digitize import find_digits
        >>> picture = np.full((100, 60), 255, np.uint8)
        >>> picture[20:80, 28:34] = 0
        >>> (digit,) = find_digits(picture)
        >>> digit.box, digit.image.shape
        ((28, 20, 34, 80), (28, 28))
    """

    box: Box
    image: Pixels
    line: int = 0
    angle: float = 0.0
    likeness: float = 1.0
    marks: Marks = ("", "")
