"""From a picture to what a network takes: the preprocessing that its run folder names, applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Optional

import numpy as np

from ..arrays import Numbers, Pixels
from ..errors import DataError

# Pillow, and what works with it, is imported where pictures are: who predicts arrays needs neither.
if TYPE_CHECKING:
    from .mnist_form import Digit

MNIST = "mnist"  # the form of MNIST's images, see mxdigits.digitize.mnist_form
NONE = "none"  # pictures as they are, only of the size that the network takes

# The name of a preprocessing and the shape of an image, as one process tells them another in JSON.
Prepared = tuple[str, Sequence[int]]


@dataclass(frozen=True)
class Preprocessing:
    """How pictures become images (C, H, W) for a network.

    ``name`` is ``mnist`` or ``none``; ``image_shape`` is what the network takes.

    Example:
        >>> Preprocessing("mnist", (3, 28, 28)).image(np.ones((100, 60))).shape
        (3, 28, 28)
        >>> Preprocessing("mnist", (1, 32, 32)).check()
        Traceback (most recent call last):
            ...
        mxdigits.errors.DataError: digitized pictures are 28 x 28; this network takes images of ...
    """

    name: str
    image_shape: tuple[int, int, int]

    def check(self) -> None:
        """Check that pictures can be given that shape.

        Raises:
            DataError: if they cannot.
        """
        from .mnist_form import SIZE

        if self.name not in (MNIST, NONE):
            raise DataError(f"this mxdigits knows no preprocessing called {self.name!r}")
        if self.name == MNIST and self.image_shape[1:] != (SIZE, SIZE):
            raise DataError(
                f"digitized pictures are {SIZE} x {SIZE}; this network takes images of shape "
                f"{self.image_shape}"
            )

    def image(self, picture: Numbers) -> Pixels:
        """What the network is given of a picture with one digit, uint8 (C, H, W)."""
        return self.counted_image(picture)[0]

    def counted_image(self, picture: Numbers) -> tuple[Pixels, int]:
        """As :meth:`image`, and about how many digits are seen; 1 where none are looked for."""
        if self.name == MNIST:
            from .mnist_form import digitize_one

            image, count = digitize_one(picture)
            return self._channels(image), count
        from PIL import Image

        _, height, width = self.image_shape
        light = Image.fromarray(np.asarray(picture, np.float32))
        sized = light.resize((width, height), Image.Resampling.BICUBIC)
        bytes_ = np.rint(np.clip(np.asarray(sized), 0, 1) * 255).astype(np.uint8)
        return self._channels(bytes_), 1

    def digits(self, picture: Numbers) -> list[Digit]:
        """Every digit of a picture; each ``image`` is uint8 (C, H, W)."""
        from .mnist_form import find_digits

        found = find_digits(picture)
        return [replace(each, image=self._channels(each.image)) for each in found]

    def _channels(self, image: Pixels) -> Pixels:
        return np.repeat(image[None], self.image_shape[0], axis=0)


def preprocessing_of(
    recorded: Optional[str], data: str, image_shape: Sequence[int], wanted: Optional[str] = None
) -> Preprocessing:
    """The preprocessing of a run.

    Args:
        recorded: what its record says; older records say nothing.
        data: the name of its data set.
        image_shape: (C, H, W) of its network's input.
        wanted: what the user wants instead.

    Example:
        >>> preprocessing_of(None, "mnist", (1, 28, 28)).name
        'mnist'
    """
    name = wanted or recorded or (MNIST if data == "mnist" else NONE)
    channels, height, width = image_shape
    return Preprocessing(name, (channels, height, width))
