"""Group images into pieces that are predicted together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Optional

import numpy as np

from ..arrays import Floats, Images, Labels
from ..data.dataset import Split
from ..digitize.pixels.components import Box
from ..printing import encodable
from .inputs import Item, items_of
from .seen import drawn_into

if TYPE_CHECKING:  # it imports Pillow
    from ..digitize.digit import Marks

# Images per piece:
_FIRST_PIECE = 1  # the first answer is there at once
_PIECE = 500  # enough to keep a device busy, few enough for a quick answer
_LARGE_PIECE = 8000  # of a data set in memory: enough to keep all processors busy


@dataclass(frozen=True, eq=False)
class ImagePiece:
    """Images that are predicted together, uint8 (n, C, H, W), with what is known of each.

    A label that is not known is -1; ``labels`` is None if none is known. ``picture`` (H, W) is the
    page that all images come from.

    >>> piece = ImagePiece(np.zeros((2, 1, 28, 28), np.uint8), np.array([7, -1]))
    >>> len(piece.images), piece.picture is None
    (2, True)
    """

    images: Images
    labels: Optional[Labels]
    files: Sequence[str] = ()
    boxes: Sequence[Optional[Box]] = ()
    lines: Sequence[Optional[int]] = ()
    angles: Sequence[Optional[float]] = ()
    marks: Sequence[Marks] = ()
    likeness: Optional[Floats] = None
    picture: Optional[Floats] = None


def pieces_of(items: Iterator[Item]) -> Iterator[ImagePiece]:
    """Yield images in pieces; the first has one image, because someone may be waiting for it.

    >>> split = Split(np.zeros((600, 1, 28, 28), np.uint8), np.zeros(600, np.int64))
    >>> [len(piece.images) for piece in pieces_of(items_of("mine", split))]
    [1, 500, 99]
    """
    size = _FIRST_PIECE
    while piece := list(islice(items, size)):
        yield _together(piece)
        size = _PIECE


def pages_of(items: Iterator[Item]) -> Iterator[ImagePiece]:
    """Yield the images of each page as one piece with the page's picture.

    >>> page, image = np.ones((40, 60), np.float32), np.zeros((1, 28, 28), np.uint8)
    >>> items = [Item("page.png", image, picture=page) for _ in range(3)]
    >>> [len(piece.images) for piece in pages_of(iter(items))]
    [3]
    """
    for _, page in groupby(items, lambda item: id(item.picture)):
        shown = list(page)
        yield replace(_together(shown), picture=shown[0].picture)


def dataset_pieces(name: str, split: Split, saved: Optional[Path]) -> Iterator[ImagePiece]:
    """Yield the images of a data set in pieces; they are drawn into ``saved`` if it is given.

    >>> split = Split(np.zeros((9000, 1, 28, 28), np.uint8), np.zeros(9000, np.int64))
    >>> [len(piece.images) for piece in dataset_pieces("mine", split, None)]
    [8000, 1000]
    """
    if saved is not None:
        yield from pieces_of(drawn_into(items_of(name, split), saved))
        return
    for begin in range(0, len(split), _LARGE_PIECE):
        rows = slice(begin, begin + _LARGE_PIECE)
        yield ImagePiece(split.images[rows], _known(split.labels[rows]))


def _together(items: Sequence[Item]) -> ImagePiece:
    labels = [-1 if item.label is None else item.label for item in items]
    return ImagePiece(
        np.stack([item.image for item in items]),
        _known(np.array(labels, np.int64)),
        [encodable(item.file) for item in items],
        [item.box for item in items],
        [item.line for item in items],
        [item.angle for item in items],
        [item.marks for item in items],
        np.array([item.likeness for item in items], np.float32),
    )


def _known(labels: Labels) -> Optional[Labels]:
    return labels if (labels >= 0).any() else None
