"""Images as they stand in a file: their shape first, then one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from ..errors import DataError

# Images that are looked at before the first is believed: the first ones of a file may be empty.
_LOOKED_AT = 100


@dataclass(frozen=True, eq=False)
class ImageFile:
    """The images of an open file, uint8, to be iterated over once.

    ``name`` is the file's, ``shape`` is (H, W) or (C, H, W), and ``rows`` are its images of that
    shape; iteration gives each as (C, H, W).

    Raises:
        DataError: while iterating, if the file is damaged, or its pixels are 0 and 1.
    """

    name: str
    shape: tuple[int, ...]
    rows: Iterator[NDArray[np.uint8]]

    @property
    def image_shape(self) -> tuple[int, ...]:
        """(C, H, W), known before any image is read."""
        return self.shape if len(self.shape) == 3 else (1, *self.shape)

    def transposed(self) -> ImageFile:
        """The same images with rows and columns swapped."""
        *first, height, width = self.shape
        rows = (image.swapaxes(-2, -1) for image in self.rows)
        return ImageFile(self.name, (*first, width, height), rows)

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        first = list(islice(self.rows, _LOOKED_AT))
        check_brightness(self.name, max((int(image.max()) for image in first), default=0))
        for image in chain(first, self.rows):
            yield image.reshape(self.image_shape)


def check_brightness(name: str, brightest: int) -> None:
    """Refuse images of zeros and ones, which a network would see as black.

    Args:
        name: what to call them in the message.
        brightest: the largest of their pixels.

    Raises:
        DataError: if it is 1.
    """
    if brightest == 1:
        raise DataError(
            f"{name}: the largest pixel is 1, and white is 255; multiply images of 0 and 1 by 255"
        )
