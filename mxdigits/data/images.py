"""The images of a file: first their shape, then one image after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from ..arrays import Pixels, Shape
from ..errors import DataError

# The number of images to find the scale from: a file's first images may be empty.
_LOOKED_AT = 100

# The highest white of other scales: 1, 15 for four bits, 16 for the UCI repository's digits.
_OTHER_WHITE = 16

_PIECE = 1000  # images examined together


@dataclass(frozen=True, eq=False)
class ImageFile:
    """The images of an open file, uint8, to be iterated over once.

    ``name`` is the file's name, ``shape`` is (H, W) or (C, H, W), and ``rows`` are its images of
    that shape; iteration gives each as (C, H, W). ``notes`` are lines for the user about what was
    passed over.

    Raises:
        DataError: while iterating, if the file is damaged, holds no images, or its pixels have
            another scale than 0 to 255.

    Example:
        >>> import numpy as np
        >>> file = ImageFile("mine.npz", (28, 28), iter(np.full((3, 28, 28), 255, np.uint8)))
        >>> file.image_shape, [image.shape for image in file]
        ((1, 28, 28), [(1, 28, 28), (1, 28, 28), (1, 28, 28)])
    """

    name: str
    shape: Shape
    rows: Iterator[Pixels]
    notes: tuple[str, ...] = ()

    @property
    def image_shape(self) -> Shape:
        """(C, H, W), known before any image is read."""
        return self.shape if len(self.shape) == 3 else (1, *self.shape)

    def transposed(self) -> ImageFile:
        """The same images with rows and columns swapped."""
        *first, height, width = self.shape
        rows = (image.swapaxes(-2, -1) for image in self.rows)
        return ImageFile(self.name, (*first, width, height), rows, self.notes)

    def __iter__(self) -> Iterator[Pixels]:
        first = list(islice(self.rows, _LOOKED_AT))
        if not first:
            raise DataError(f"{self.name}: holds no images")
        check_brightness(self.name, max(int(image.max()) for image in first))
        for image in chain(first, self.rows):
            yield image.reshape(self.image_shape)


def brightest(images: Pixels) -> int:
    """The largest pixel, or the first one found that :func:`check_brightness` accepts.

    Args:
        images: uint8, of any shape with at least one image.

    Example:
        >>> import numpy as np
        >>> brightest(np.array([[0, 1], [0, 1]], np.uint8))
        1
    """
    largest = 0
    for begin in range(0, len(images), _PIECE):
        largest = max(largest, int(images[begin : begin + _PIECE].max()))
        if largest > _OTHER_WHITE:
            break
    return largest


def check_brightness(name: str, largest: int) -> None:
    """Refuse images whose white is 1, or up to 16, because a network would see them as black.

    Args:
        name: the name for the message.
        largest: the images' largest pixel; 0 is allowed.

    Raises:
        DataError: if it is from 1 to 16, which is white on another scale.

    Example:
        >>> check_brightness("mine.npz", 255)
        >>> check_brightness("mine.npz", 1)
        Traceback (most recent call last):
            ...
        mxdigits.errors.DataError: mine.npz: the largest pixel is 1, and white is 255; ...
    """
    if 0 < largest <= _OTHER_WHITE:
        pixels = "0 and 1" if largest == 1 else f"0 to {largest}"
        raise DataError(
            f"{name}: the largest pixel is {largest}, and white is 255; "
            f"multiply images of {pixels} by {255 // largest}"
        )
