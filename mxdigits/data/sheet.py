"""A picture of a data set's samples, and its numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Union

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ..arrays import Labels, Pixels
from ..errors import UsageError
from .dataset import Dataset

_GAP = 4  # pixels between two samples
_MARGIN = 12  # pixels around the sheet, and between the names and the samples
_PAPER, _INK = (255, 255, 255), (40, 40, 40)
_SYSTEM_FONTS = ("NotoSansCJK-Regular.ttc", "DejaVuSans.ttf")  # the one that knows more is first

_Font = Union[ImageFont.FreeTypeFont, ImageFont.ImageFont]


@dataclass(frozen=True)
class Description:
    """The numbers of a data set.

    ``counts`` holds the number of samples of each class for each part (``train``, ``test`` and
    perhaps ``validation``), in the order of ``classes``; ``image_shape`` is (channels, height,
    width); ``hashes`` are {file: SHA-256}.

    Example:
        >>> counts = {"train": (5, 4), "test": (2, 2)}
        >>> Description("signs", (1, 28, 28), ("minus", "plus"), counts, {}).counts["train"]
        (5, 4)
    """

    name: str
    image_shape: tuple[int, int, int]
    classes: tuple[str, ...]
    counts: Mapping[str, tuple[int, ...]]
    hashes: Mapping[str, str]


def describe(dataset: Dataset) -> Description:
    """Count a data set.

    Example:
        >>> from mxdigits.data.dataset import make_dataset
        >>> part = np.full((3, 28, 28), 255, np.uint8), np.array([0, 1, 1])
        >>> describe(make_dataset("signs", {"train": part, "test": part})).counts["test"]
        (1, 2)
    """
    return Description(
        name=dataset.name,
        image_shape=dataset.image_shape,
        classes=dataset.classes,
        counts={
            part: _counts(split.labels, len(dataset.classes))
            for part, split in dataset.parts.items()
        },
        hashes=dataset.hashes,
    )


def sample_sheet(dataset: Dataset, *, per_class: int = 10, scale: int = 2) -> Image.Image:
    """Draw the first training samples of each class: a row a class, its name at the left.

    A class with fewer samples has a shorter row.

    Args:
        dataset: grey or RGB images.
        per_class: how many samples of each class.
        scale: how many pixels wide and high a pixel of an image becomes.

    Returns:
        An RGB picture.

    Raises:
        UsageError: if a number is below 1, or the images have neither 1 nor 3 channels.

    Example:
        >>> from mxdigits.data.dataset import make_dataset
        >>> part = np.full((3, 28, 28), 255, np.uint8), np.array([0, 1, 1])
        >>> signs = make_dataset("signs", {"train": part, "test": part})
        >>> sample_sheet(signs, per_class=5).save("sheet.png")
    """
    _check(dataset, per_class, scale)
    _, height, width = dataset.image_shape
    tile = width * scale, height * scale
    font = _font(min(max(tile[1] // 2, 12), 24), dataset.classes)
    names = [_text(name, font) for name in dataset.classes]

    left = 2 * _MARGIN + max(name.width for name in names)
    row = max(tile[1], *(name.height for name in names)) + _GAP
    size = (
        left + per_class * (tile[0] + _GAP) - _GAP + _MARGIN,
        2 * _MARGIN + len(names) * row - _GAP,
    )
    sheet = Image.new("RGB", size, _PAPER)
    for label, name in enumerate(names):
        middle = _MARGIN + label * row + (row - _GAP) // 2
        # The text is its own mask: ink where it is white.
        sheet.paste(_INK, (left - _MARGIN - name.width, middle - name.height // 2), name)
        which = np.flatnonzero(dataset.train.labels == label)[:per_class]
        for column, image in enumerate(dataset.train.images[which]):
            at = left + column * (tile[0] + _GAP), middle - tile[1] // 2
            sheet.paste(_picture(image).resize(tile, Image.Resampling.NEAREST), at)
    return sheet


def _check(dataset: Dataset, per_class: int, scale: int) -> None:
    for name, value in (("per_class", per_class), ("scale", scale)):
        if value < 1:
            raise UsageError(f"{name} must be at least 1, got {value}")
    channels = dataset.image_shape[0]
    if channels not in (1, 3):
        raise UsageError(
            f"data set {dataset.name!r}: only images of 1 or 3 channels can be drawn, "
            f"these have {channels}"
        )


def _counts(labels: Labels, classes: int) -> tuple[int, ...]:
    return tuple(np.bincount(labels, minlength=classes).tolist())


def _picture(image: Pixels) -> Image.Image:
    """(1 or 3, H, W) -> a grey or an RGB picture."""
    return Image.fromarray(image[0] if len(image) == 1 else image.transpose(1, 2, 0).copy())


def _font(size: int, names: Iterable[str]) -> _Font:
    """The font that comes with Pillow; it knows ASCII alone, so for more one of the system's."""
    if not all(map(str.isascii, names)):
        for file in _SYSTEM_FONTS:
            with suppress(OSError, ImportError):  # not installed; Pillow built without FreeType
                return ImageFont.truetype(file, size)
    try:
        return ImageFont.load_default(size)
    except (TypeError, ImportError):  # before Pillow 10.1 it has one size only
        return ImageFont.load_default()


def _text(text: str, font: _Font) -> Image.Image:
    """One line of text, white on black and cut close."""
    line = " ".join(text.split())
    if not isinstance(font, ImageFont.FreeTypeFont):  # the old default knows Latin-1 alone
        line = line.encode("latin-1", "replace").decode("latin-1")
    # Only getmask() measures text in every Pillow from 9.1 on, and it leaves out the ascent.
    width, height = font.getmask(line or " ").size
    canvas = Image.new("L", (width + 16, 2 * height + 32))
    ImageDraw.Draw(canvas).text((8, 8), line, fill=255, font=font)
    return canvas.crop(canvas.getbbox() or (0, 0, 1, 1))
