"""Images in pieces that are predicted together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from pathlib import Path
from typing import Optional

import numpy as np

from ..arrays import Floats, Images, Labels
from ..data.dataset import Split
from ..digitize.pixels.components import Box
from ..printing import encodable
from .inputs import Item, items_of
from .seen import drawn_into

# Images at a time: enough to keep a device busy, few enough to be answered soon.
_PIECE, _FIRST_PIECE = 500, 1
# Of a data set, which lies in memory: enough for all processors.
_LARGE_PIECE = 8000


@dataclass(frozen=True, eq=False)
class ImagePiece:
    """Images that are predicted together, uint8 (n, C, H, W), and what is known of each.

    ``labels`` are -1 where one is not known, and None where none is; ``picture`` (H, W) is the page
    that all are of.

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
    likeness: Optional[Floats] = None
    picture: Optional[Floats] = None


def pieces_of(items: Iterator[Item]) -> Iterator[ImagePiece]:
    """Images in pieces, the first of them short: someone may be waiting for it.

    >>> split = Split(np.zeros((600, 1, 28, 28), np.uint8), np.zeros(600, np.int64))
    >>> [len(piece.images) for piece in pieces_of(items_of("mine", split))]
    [1, 500, 99]
    """
    size = _FIRST_PIECE
    while piece := list(islice(items, size)):
        yield _together(piece)
        size = _PIECE


def pages_of(items: Iterator[Item]) -> Iterator[ImagePiece]:
    """Images page by page, each with its picture.

    >>> page, image = np.ones((40, 60), np.float32), np.zeros((1, 28, 28), np.uint8)
    >>> items = [Item("page.png", image, picture=page) for _ in range(3)]
    >>> [len(piece.images) for piece in pages_of(iter(items))]
    [3]
    """
    for _, page in groupby(items, lambda item: id(item.picture)):
        shown = list(page)
        yield replace(_together(shown), picture=shown[0].picture)


def dataset_pieces(name: str, split: Split, saved: Optional[Path]) -> Iterator[ImagePiece]:
    """The images of a data set in pieces: as they lie in memory, unless they are to be drawn.

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
        np.array([item.likeness for item in items], np.float32),
    )


def _known(labels: Labels) -> Optional[Labels]:
    return labels if (labels >= 0).any() else None
