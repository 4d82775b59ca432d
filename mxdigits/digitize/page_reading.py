"""Reads the pages of a picture, in the process of a ``PictureReader``: that one needs no Pillow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

import numpy as np

from ..arrays import Floats
from .digit import KINDS
from .opening.confined_process import Arrays
from .opening.picture import Pages
from .preprocessing import Prepared, Preprocessing


def read_pages(
    content: bytes,
    *,
    name: str,
    path: Optional[str] = None,
    preprocessing: Optional[Prepared] = None,
    many: bool = False,
) -> Iterator[Arrays]:
    """Read the pages of a picture, in the process of a :class:`~.picture_reader.PictureReader`.

    Yields:
        Whether there are several pages, 0 or 1.  Then for each page its luminance and, with
        ``preprocessing``, boxes, rows and marks, int64 (N, 7), angles and likenesses, float32
        (N, 2), images (N, C, H, W) and about how many digits there are; nothing for a page that is
        a copy of another.

    Example:
        >>> from PIL import Image
        >>> Image.new("L", (60, 100), 255).save("one.png")
        >>> several, (light,) = read_pages(b"", name="one.png", path="one.png")
        >>> light.shape
        (100, 60)
    """
    with Pages(content if path is None else path, name=name) as pages:
        yield [np.array(pages.several, np.uint8)]
        for light in pages:
            if light is None:
                yield []
            elif preprocessing is None:
                yield [light]
            else:
                yield [light, *_digits(light, preprocessing, many)]


def _digits(light: Floats, preprocessing: Prepared, many: bool) -> Arrays:
    prepared = Preprocessing.of(preprocessing)
    if many:
        digits, count = prepared.counted_digits(light)
    else:
        digit, count = prepared.counted_digit(light)
        digits = [digit] if digit.image.any() else []
    places = [
        (*digit.box, digit.line, *(KINDS.index(mark) for mark in digit.marks)) for digit in digits
    ]
    shares = [(digit.angle, digit.likeness) for digit in digits]
    images = np.array([digit.image for digit in digits], np.uint8)
    angles = np.array(shares, np.float32).reshape(-1, 2)
    return [
        np.array(places, np.int64).reshape(-1, 7),
        angles,
        images.reshape(-1, *prepared.image_shape),
        np.array(count, np.int64),
    ]
