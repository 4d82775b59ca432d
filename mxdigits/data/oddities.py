"""Warnings about odd data sets, which are seldom intended but not refused."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Optional

import numpy as np

from ..arrays import Pixels
from ..digitize.preprocessing import MNIST
from .dataset import Dataset

# Mean brightness, from 0 to 255, of an image's edges, which are its paper; between these may be
# photographs, noise or coloured paper.
_DARK = 85  # dark paper is darker
_LIGHT = 170  # light paper is lighter
_LOOKED_AT = 1000  # images of a part to look at, evenly spread

_WORDS = {True: "dark on light", False: "light on dark"}


def oddities(dataset: Dataset) -> list[str]:
    """Lines for the user about classes that may be the same, and parts whose images are inverted.

    Example:
        >>> from mxdigits.data.load import load_dataset
        >>> oddities(load_dataset("mnist"))
        []
    """
    return [f"{dataset.name}: {line}" for line in (*_alike(dataset.classes), *_inverted(dataset))]


def dark_on_light(images: Pixels) -> Optional[bool]:
    """Whether images show dark ink on light paper; None if their edges do not show it.

    Args:
        images: uint8 (..., H, W), at least one.

    Example:
        >>> dark_on_light(np.full((2, 28, 28), 255, np.uint8))
        True
    """
    some = images[:: max(1, len(images) // _LOOKED_AT)]
    edges = (some[..., 0, :], some[..., -1, :], some[..., 0], some[..., -1])
    light = float(np.mean([edge.mean() for edge in edges]))
    return True if light > _LIGHT else False if light < _DARK else None


def inverted_for(
    learnt: Optional[bool],
    images: Pixels,
    what: str = "the images are",
    advice: str = "invert them, as 255 - images",
) -> str:
    """A warning if images are inverted compared with the network's training images; else empty.

    Args:
        learnt: whether the network's training images are dark on light; None if unknown.
        images: uint8 (..., H, W), at least one.
        what: the images in words.
        advice: what the user can do.

    Example:
        >>> white = np.full((1, 28, 28), 255, np.uint8)
        >>> inverted_for(False, white)[:47]
        'the images are dark on light, and the network l'
        >>> inverted_for(None, white), inverted_for(True, white)
        ('', '')
    """
    if learnt is None:
        return ""
    dark = dark_on_light(images)
    if dark is None or dark == learnt:
        return ""
    return f"{what} {_WORDS[dark]}, and the network learnt from {_WORDS[learnt]}; {advice}"


def inverted_dataset_for(learnt: Optional[bool], dataset: Dataset) -> str:
    """The warning of :func:`inverted_for` for a data set; empty if :func:`oddities` already warns.

    Example:
        >>> from mxdigits.data.load import load_dataset
        >>> inverted_dataset_for(False, load_dataset("mnist"))
        ''
    """
    if any(_inverted(dataset)):
        return ""
    notes = (inverted_for(learnt, split.images) for split in dataset.parts.values())
    return next((f"{dataset.name}: {note}" for note in notes if note), "")


def _alike(classes: tuple[str, ...]) -> Iterator[str]:
    first: dict[str, str] = {}
    for name in classes:
        plain = "".join(unicodedata.normalize("NFKC", name).split())
        # Upper-case and lower-case letters may both be classes.
        key = plain.casefold() if len(plain) > 1 else plain
        if (other := first.setdefault(key, name)) != name:
            yield (
                f"the classes {other!r} and {name!r} differ in case or spaces alone; if they are "
                "one class, call them alike"
            )


def _inverted(dataset: Dataset) -> Iterator[str]:
    found = {part: dark_on_light(split.images) for part, split in dataset.parts.items()}
    train = found.pop("train")
    for part, dark in found.items():
        if dark is not None and train is not None and dark != train:
            yield (
                f"the train images are {_WORDS[train]}, the {part} images {_WORDS[dark]}; invert "
                "one of them, as 255 - images"
            )
            return
    if train and dataset.preprocessing == MNIST:
        yield (
            f"the images are {_WORDS[True]}, and MNIST's form is {_WORDS[False]}; invert them, as "
            "255 - images"
        )
