"""Drawings of the given picture beside what the network saw, for ``--save-digits``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Optional

import numpy as np

from ..errors import OutputError
from .inputs import Item

# Most characters of a picture's name in a drawing's name, which may have 255 bytes.
_MOST_STEM = 50

_NUMBERED = 6  # characters of the number that a drawing's name begins with
_HEIGHT = 112  # pixels of a drawing
_GAP = 8  # pixels between the two pictures


def drawn_into(items: Iterable[Item], folder: Optional[Path]) -> Iterator[Item]:
    """Draw images into a folder, and yield them without their pictures, which are large.

    Args:
        items: images as they are read.
        folder: for the drawings ``000000-NAME.png`` and so on; None to draw nothing.

    Raises:
        OutputError: if one cannot be written.

    Example:
        >>> items = [Item("photo.jpg", np.zeros((1, 28, 28), np.uint8))]
        >>> [item.file for item in drawn_into(items, Path("seen"))]
        ['photo.jpg']
        >>> [file.name for file in Path("seen").iterdir()]
        ['000000-photo.png']
    """
    for index, item in enumerate(items):
        if folder is not None:
            stem = Path(item.file).stem[:_MOST_STEM] or "digit"
            _draw(item, folder / f"{index:0{_NUMBERED}d}-{stem}.png")
        yield item if item.picture is None else replace(item, picture=None)


def drawings_there(folder: Path) -> list[Path]:
    """The drawings that are in a folder already, and that others might replace.

    Example:
        >>> drawings_there(Path("seen"))
        []
    """
    return sorted(folder.glob("[0-9]" * _NUMBERED + "-*.png"))


def _draw(item: Item, file: Path) -> None:
    """Draw the given picture, and beside it what the network saw."""
    from PIL import Image

    shown = [Image.fromarray(item.image[0])]
    if item.picture is not None:
        height, width = item.picture.shape
        left, top, right, bottom = item.box or (0, 0, width, height)
        given = np.rint(np.clip(item.picture[top:bottom, left:right], 0, 1) * 255).astype(np.uint8)
        shown.insert(0, Image.fromarray(given))
    scaled = [
        each.resize(
            (max(1, round(each.width * _HEIGHT / each.height)), _HEIGHT),
            Image.Resampling.BOX if each.height > _HEIGHT else Image.Resampling.NEAREST,
        )
        for each in shown
    ]
    sheet = Image.new("L", (sum(each.width + _GAP for each in scaled) - _GAP, _HEIGHT), 128)
    left = 0
    for each in scaled:
        sheet.paste(each, (left, 0))
        left += each.width + _GAP
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        sheet.save(file)
    except OSError as error:
        raise OutputError(f"cannot write {file}: {error.strerror or error}") from None
