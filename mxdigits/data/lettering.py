"""Draws lines of text and images as Pillow pictures, for sheets."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Union

from PIL import Image, ImageDraw, ImageFont

from ..arrays import Pixels

PAPER = (255, 255, 255)  # RGB, of a sheet
INK = (40, 40, 40)  # RGB, of its letters

_SYSTEM_FONTS = ("NotoSansCJK-Regular.ttc", "DejaVuSans.ttf")  # the one with more characters first

Font = Union[ImageFont.FreeTypeFont, ImageFont.ImageFont]


def picture_of(image: Pixels) -> Image.Image:
    """A grey or an RGB picture of an image (1 or 3, H, W).

    Example:
        >>> import numpy as np
        >>> picture_of(np.zeros((3, 20, 28), np.uint8)).size
        (28, 20)
    """
    return Image.fromarray(image[0] if len(image) == 1 else image.transpose(1, 2, 0).copy())


def font_for(size: int, texts: Iterable[str]) -> Font:
    """Pillow's own font if the text is ASCII, which is all it has; else a font of the system.

    Example:
        >>> font = font_for(16, ["0", "1"])
    """
    if not all(map(str.isascii, texts)):
        for file in _SYSTEM_FONTS:
            with suppress(OSError, ImportError):  # not installed; Pillow built without FreeType
                return ImageFont.truetype(file, size)
    try:
        return ImageFont.load_default(size)
    except (TypeError, ImportError):  # before Pillow 10.1 it has only one size
        return ImageFont.load_default()


def drawn_line(text: str, font: Font) -> Image.Image:
    """One line of text, white on black and cut close.

    Example:
        >>> drawn_line("a seven", font_for(16, ["a seven"])).width > 20
        True
    """
    line = " ".join(text.split())
    if not isinstance(font, ImageFont.FreeTypeFont):  # the old default font has only Latin-1
        line = line.encode("latin-1", "replace").decode("latin-1")
    # Only getmask() measures text in every Pillow from 9.1 on; it omits the space above the ink.
    width, height = font.getmask(line or " ").size
    canvas = Image.new("L", (width + 16, 2 * height + 32))
    ImageDraw.Draw(canvas).text((8, 8), line, fill=255, font=font)
    return canvas.crop(canvas.getbbox() or (0, 0, 1, 1))
