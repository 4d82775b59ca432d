"""A picture of a data set's samples, and its statistics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image

from ..arrays import Labels
from ..errors import UsageError
from .dataset import Dataset
from .lettering import INK, PAPER, drawn_line, font_for, picture_of

_GAP = 4  # pixels between two samples
_MARGIN = 12  # pixels around the sheet, and between the names and the samples


@dataclass(frozen=True)
class Description:
    """The statistics of a data set.

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
    """Count a data set's samples.

    Example:
        >>> from mxdigits.data.making import make_dataset
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
    """Draw the first training samples of each class: one row per class, its name at the left.

    A class with fewer samples has a shorter row.

    Args:
        dataset: grey or RGB images.
        per_class: how many samples of each class.
        scale: the width and height that a pixel of an image becomes, in pixels.

    Returns:
        An RGB picture.

    Raises:
        UsageError: if a number is below 1, or the images have neither 1 nor 3 channels.

    Example:
        >>> from mxdigits.data.making import make_dataset
        >>> part = np.full((3, 28, 28), 255, np.uint8), np.array([0, 1, 1])
        >>> signs = make_dataset("signs", {"train": part, "test": part})
        >>> sample_sheet(signs, per_class=5).save("sheet.png")
    """
    _check(dataset, per_class, scale)
    _, height, width = dataset.image_shape
    tile = width * scale, height * scale
    font = font_for(min(max(tile[1] // 2, 12), 24), dataset.classes)
    names = [drawn_line(name, font) for name in dataset.classes]

    left = 2 * _MARGIN + max(name.width for name in names)
    row = max(tile[1], *(name.height for name in names)) + _GAP
    size = (
        left + per_class * (tile[0] + _GAP) - _GAP + _MARGIN,
        2 * _MARGIN + len(names) * row - _GAP,
    )
    sheet = Image.new("RGB", size, PAPER)
    for label, name in enumerate(names):
        middle = _MARGIN + label * row + (row - _GAP) // 2
        # The text is its own mask: it leaves ink where it is white.
        sheet.paste(INK, (left - _MARGIN - name.width, middle - name.height // 2), name)
        which = np.flatnonzero(dataset.train.labels == label)[:per_class]
        for column, image in enumerate(dataset.train.images[which]):
            at = left + column * (tile[0] + _GAP), middle - tile[1] // 2
            sheet.paste(picture_of(image).resize(tile, Image.Resampling.NEAREST), at)
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
