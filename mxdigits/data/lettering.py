"""Lines of text, and images, as pictures of Pillow: what sheets are put together from."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Union

from PIL import Image, ImageDraw, ImageFont

from ..arrays import Pixels

_SYSTEM_FONTS = ("NotoSansCJK-Regular.ttc", "DejaVuSans.ttf")  # the one that knows more is first

Font = Union[ImageFont.FreeTypeFont, ImageFont.ImageFont]


def picture_of(image: Pixels) -> Image.Image:
    """(1 or 3, H, W) -> a grey or an RGB picture.

    Example:
        >>> import numpy as np
        >>> picture_of(np.zeros((3, 20, 28), np.uint8)).size
        (28, 20)
    """
    return Image.fromarray(image[0] if len(image) == 1 else image.transpose(1, 2, 0).copy())


def font_for(size: int, texts: Iterable[str]) -> Font:
    """The font that comes with Pillow; it knows ASCII alone, so for more one of the system's.

    Example:
        >>> font = font_for(16, ["0", "1"])
    """
    if not all(map(str.isascii, texts)):
        for file in _SYSTEM_FONTS:
            with suppress(OSError, ImportError):  # not installed; Pillow built without FreeType
                return ImageFont.truetype(file, size)
    try:
        return ImageFont.load_default(size)
    except (TypeError, ImportError):  # before Pillow 10.1 it has one size only
        return ImageFont.load_default()


def drawn_line(text: str, font: Font) -> Image.Image:
    """One line of text, white on black and cut close.

    Example:
        >>> drawn_line("a seven", font_for(16, ["a seven"])).width > 20
        True
    """
    line = " ".join(text.split())
    if not isinstance(font, ImageFont.FreeTypeFont):  # the old default knows Latin-1 alone
        line = line.encode("latin-1", "replace").decode("latin-1")
    # Only getmask() measures text in every Pillow from 9.1 on, and it leaves out the ascent.
    width, height = font.getmask(line or " ").size
    canvas = Image.new("L", (width + 16, 2 * height + 32))
    ImageDraw.Draw(canvas).text((8, 8), line, fill=255, font=font)
    return canvas.crop(canvas.getbbox() or (0, 0, 1, 1))
