"""Reads the light of pictures' pages, or their digits, in a process that can be ended."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Union

from ..arrays import Floats
from .digit import KINDS, Digit
from .opening.confined import Bounds, ConfinedFunction
from .opening.confined_process import Arrays
from .opening.limits import MOST_PAGES, MOST_PIXELS, page_name
from .preprocessing import Preprocessing

PictureSource = Union[str, Path, bytes]

# Address space to a pixel: a picture of 32-bit numbers takes 34 bytes while it is scaled.
BYTES_PER_PIXEL = 48


def picture_bounds(
    most_pixels: int, *, cpu_seconds: int, seconds: float, content: int, answer: int
) -> Bounds:
    """The bounds of reading a picture of at most so many pixels.

    Example:
        >>> limits = {"cpu_seconds": 10, "seconds": 60, "content": 1 << 20, "answer": 1 << 20}
        >>> picture_bounds(1_000_000, **limits).memory
        115108864
    """
    memory = (64 << 20) + BYTES_PER_PIXEL * most_pixels
    return Bounds(cpu_seconds, seconds, memory, content, answer)


# The largest picture takes a few seconds; only those that Pillow reads in Python take longer.
_BOUNDS = picture_bounds(
    MOST_PIXELS, cpu_seconds=60, seconds=240, content=1 << 30, answer=8 * MOST_PIXELS
)


class ReadPage(NamedTuple):
    """A page of a picture: its name, its luminance (H, W), and the digits that were asked for.

    ``seen``: if one digit was asked for, about how many there are, or 0 if the ink looks like none;
    if all were, how many there are including those that look like no digit.

    Example:
        >>> import numpy as np
        >>> ReadPage("pages.tif#2", np.zeros((100, 60), np.float32)).digits
        ()
    """

    name: str
    light: Floats
    digits: Sequence[Digit] = ()
    seen: int = 0


class PictureReader:
    """Reads pictures page by page in a process of its own, which starts with the first of them.

    A page that takes more than a minute of CPU time, or that makes a decoder crash, is an error
    like any other, and the next picture is read.  A page is read when it is asked for, so a
    file of many pages takes the memory of one.  Beginning another picture ends the one before.

    Example:
        >>> from PIL import Image
        >>> Image.new("L", (60, 100), 255).save("one.png")
        >>> [(name, light.shape) for name, light in PictureReader().pages("one.png")]
        [('one.png', (100, 60))]
    """

    def __init__(self) -> None:
        self._read = ConfinedFunction("mxdigits.digitize.page_reading:read_pages", _BOUNDS)

    def start(self) -> None:
        """Start the process, so that it is ready when the first picture comes."""
        self._read.start()

    def pages(self, source: PictureSource, *, name: str = "") -> Iterator[tuple[str, Floats]]:
        """Every page of a picture: those of a TIFF, the frames of an animation.

        Args:
            source: a file's path, or its content.
            name: what to call it in messages; by default its path.

        Yields:
            The page's name, and its luminance, float32 (H, W).

        Raises:
            DataError: at the page that cannot be read; those after it are not read either.
        """
        for page, (light,) in self._pages(source, name):
            yield page, light

    def digits(
        self, source: PictureSource, preprocessing: Preprocessing, *, many: bool, name: str = ""
    ) -> Iterator[ReadPage]:
        """Every page of a picture with its digit or, with ``many``, all of its digits.

        Without ``many`` the box is the whole page.  If a page shows no digit, ``digits`` is empty.

        Raises:
            DataError: at the page that cannot be read; those after it are not read either.
        """
        options = {"preprocessing": preprocessing.told, "many": many}
        for page, (light, places, shares, images, count) in self._pages(source, name, **options):
            digits = [
                Digit(
                    *((left, top, right, bottom), image, row, round(angle, 1), like),
                    (KINDS[before], KINDS[after]),
                )
                for (left, top, right, bottom, row, before, after), (angle, like), image in zip(
                    places.tolist(), shares.tolist(), images
                )
            ]
            yield ReadPage(page, light, digits, int(count.item()))

    def _pages(
        self, source: PictureSource, name: str, **options: object
    ) -> Iterator[tuple[str, Arrays]]:
        """The name of each page and what :func:`~.page_reading.read_pages` yields for it."""
        if isinstance(source, bytes):
            name = name or "the picture"
            answers = self._read.each(source, name=name, **options)
        else:
            path = os.fspath(source)
            name = name or path
            # The process keeps the folder that was the current one when it started, and has files
            # of its own under names such as /dev/stdin.
            with suppress(FileNotFoundError):  # the folder is gone, and so is all that lay in it
                path = os.path.realpath(path)
            answers = self._read.each(name=name, path=path, **options)
        (several,) = next(answers, [False])
        for number in range(1, MOST_PAGES + 2):
            answers.name = page_name(name, number, bool(several))
            arrays = next(answers, None)
            if arrays is None:
                return
            if arrays:
                yield answers.name, arrays
