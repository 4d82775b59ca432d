"""A page with the answers drawn over it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from ..arrays import Floats
from ..data.lettering import drawn_line, font_for
from ..digitize.pixels.components import Box
from ..errors import OutputError
from ..storage.files import replacing, why_not_written

_LETTERS = 0.4  # height of the answers' letters, in heights of the page's digits
_LEAST, _MOST = 10, 40  # pixels: bounds of that
_SIDE = 2000  # most pixels of the drawing's longer side
_SURE = (0, 110, 220)  # blue
_UNSURE = (220, 30, 30)  # red


def draw_overlay(picture: Floats, read: Sequence[tuple[Box, str, bool]], path: Path) -> None:
    """Draw a box around each digit of a page, with its answer above.

    Args:
        picture: luminance from 0 to 1, (H, W).
        read: the box and the answer of each digit, and whether it is sure; unsure ones are red.
        path: the picture to write; its suffix names the format.

    Raises:
        OutputError: if it cannot be written.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "out.png")
    ...     draw_overlay(np.ones((100, 200), np.float32), [((20, 30, 50, 80), "7", True)], path)
    ...     with Image.open(path) as page:
    ...         page.size
    (200, 100)
    """
    grey = Image.fromarray(np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8))
    scale = min(1.0, _SIDE / max(grey.size))
    width, height = (max(1, round(side * scale)) for side in grey.size)
    page = grey.resize((width, height)).convert("RGB")
    drawing = ImageDraw.Draw(page)
    letters = _letters(scale, [box for box, _, _ in read])
    font = font_for(letters, [answer for _, answer, _ in read])
    for box, answer, sure in read:
        left, top, right, bottom = (round(side * scale) for side in box)
        colour = _SURE if sure else _UNSURE
        drawing.rectangle((left - 2, top - 2, right + 1, bottom + 1), outline=colour, width=2)
        text = drawn_line(answer, font)
        page.paste(colour, (left, max(0, top - 5 - text.height)), text)
    try:
        with replacing(path) as temporary:
            page.save(temporary)
    except (OSError, ValueError) as error:
        raise OutputError(f"cannot write {path}: {why_not_written(path, error)}") from None


def _letters(scale: float, boxes: Sequence[Box]) -> int:
    """The size of the answers' letters in pixels of the drawing, for boxes in those of the page."""
    heights = [scale * (bottom - top) for _, top, _, bottom in boxes]
    size = _LETTERS * float(np.median(heights)) if heights else 0
    return round(min(max(size, _LEAST), _MOST))
