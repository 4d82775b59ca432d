"""Pictures read in a process that can be ended: to their light, their digit or all of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Union

import numpy as np
from numpy.typing import NDArray

from .confined import Bounds, ConfinedFunction
from .digitize import Digit
from .picture import MOST_PIXELS, open_picture
from .preprocessing import Preprocessing

Light = NDArray[np.float32]
PictureSource = Union[str, Path, bytes]

# Of address space for a pixel: a picture of 32-bit numbers takes 34 bytes while it is scaled.
BYTES_PER_PIXEL = 48


def picture_bounds(
    most_pixels: int, *, cpu_seconds: int, seconds: float, content: int, answer: int
) -> Bounds:
    """The bounds of reading a picture of at most so many pixels."""
    memory = (64 << 20) + BYTES_PER_PIXEL * most_pixels
    return Bounds(cpu_seconds, seconds, memory, content, answer)


# The largest picture takes a few seconds; only those that Pillow reads in Python take longer.
_BOUNDS = picture_bounds(
    MOST_PIXELS, cpu_seconds=60, seconds=240, content=1 << 30, answer=8 * MOST_PIXELS
)


class PictureReader:
    """Reads pictures one at a time in a process of its own, which starts with the first of them.

    A picture that takes more than a minute of CPU time, or that makes a decoder crash, is an error
    like any other, and the next one is read.

    Example::

        reader = PictureReader()
        light = reader.light("photo.jpg")
    """

    def __init__(self) -> None:
        self._read = ConfinedFunction(f"{__name__}:read_picture", _BOUNDS)

    def start(self) -> None:
        """Start the process, so that it is ready when the first picture comes."""
        self._read.start()

    def light(self, source: PictureSource, *, name: str = "") -> Light:
        """The luminance of a picture, float32 (H, W); see :func:`~mxdigits.picture.open_picture`.

        Args:
            source: a file's path, or its content.
            name: what to call it in messages; by default its path.

        Raises:
            DataError: if it cannot be read.
        """
        (light,) = self._ask(source, name)
        return light

    def digits(
        self, source: PictureSource, preprocessing: Preprocessing, *, many: bool, name: str = ""
    ) -> tuple[Light, list[Digit]]:
        """A picture's luminance, and its digit (H, W) or, with ``many``, all of its digits.

        Where it shows one digit the box is the whole picture; where it shows none, the list is
        empty.

        Raises:
            DataError: if it cannot be read.
        """
        options = {"preprocessing": [preprocessing.name, preprocessing.image_shape], "many": many}
        light, found, images = self._ask(source, name, **options)
        boxes = [tuple(box) for box in found.tolist()]
        return light, [Digit(box, image) for box, image in zip(boxes, images)]

    def _ask(self, source: PictureSource, name: str, **options: Any) -> list[NDArray[Any]]:
        if isinstance(source, bytes):
            return self._read(source, name=name or "the picture", **options)
        path = os.fspath(source)
        return self._read(name=name or path, path=path, **options)


def read_picture(
    content: bytes, *, name: str, path: Any = None, preprocessing: Any = None, many: bool = False
) -> list[NDArray[Any]]:
    """What the process of a :class:`PictureReader` does.

    Returns:
        The luminance; with ``preprocessing`` also boxes, int64 (N, 4), and images (N, C, H, W).
    """
    light = open_picture(content if path is None else path, name=name)
    if preprocessing is None:
        return [light]
    kind, shape = preprocessing
    prepared = Preprocessing(kind, tuple(shape))
    if many:
        digits = prepared.digits(light)
    else:
        image = prepared.image(light)
        digits = [Digit((0, 0, light.shape[1], light.shape[0]), image)] if image.any() else []
    boxes = np.array([digit.box for digit in digits], np.int64).reshape(-1, 4)
    images = np.array([digit.image for digit in digits], np.uint8)
    return [light, boxes, images.reshape(-1, *prepared.image_shape)]
