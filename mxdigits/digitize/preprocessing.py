"""From a picture to what a network takes: the preprocessing that its run folder names, applied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Optional

import numpy as np

from ..arrays import Numbers, Pixels
from ..errors import DataError
from .digits.likeness import LEAST
from .digits.size import SIZE

# Pillow, and what works with it, is imported only for pictures: to predict arrays needs neither.
if TYPE_CHECKING:
    from .mnist_form import Digit

MNIST = "mnist"  # the form of MNIST's images, see mxdigits.digitize.mnist_form
NONE = "none"  # pictures as they are, only of the size that the network takes
PREPROCESSINGS = (MNIST, NONE)

# The fields of a preprocessing, as one process sends them to another in JSON.
Prepared = tuple[str, Sequence[int], bool]


@dataclass(frozen=True)
class Preprocessing:
    """How pictures become images (C, H, W) for a network.

    ``name`` is ``mnist`` or ``none``; ``image_shape`` is what the network takes; ``only_digits``
    says whether ink that looks like no digit is left out, and touching digits are split.
    ``dark_on_light`` says whether the images that the network learnt from are dark ink on light
    paper, as a picture that is only resized may be; None if that is not known.

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
    only_digits: bool = True
    dark_on_light: Optional[bool] = field(default=None, compare=False)

    @staticmethod
    def of(prepared: Prepared) -> Preprocessing:
        """The preprocessing that another process has sent."""
        name, (channels, height, width), only_digits = prepared
        return Preprocessing(name, (channels, height, width), only_digits)

    @property
    def told(self) -> Prepared:
        """What is sent to another process."""
        return self.name, list(self.image_shape), self.only_digits

    def check(self) -> None:
        """Check that pictures can be given that shape.

        Raises:
            DataError: if they cannot.
        """
        if self.name not in PREPROCESSINGS:
            raise DataError(f"this mxdigits knows no preprocessing called {self.name!r}")
        if self.name == MNIST and self.image_shape[1:] != (SIZE, SIZE):
            raise DataError(
                f"digitized pictures are {SIZE} x {SIZE}; this network takes images of shape "
                f"{self.image_shape}"
            )

    def image(self, picture: Numbers) -> Pixels:
        """What the network is given of a picture with one digit, uint8 (C, H, W)."""
        return self.counted_digit(picture)[0].image

    def counted_digit(self, picture: Numbers) -> tuple[Digit, int]:
        """The whole picture as a digit, and about how many digits it shows.

        The number is 0 if its ink looks like no digit, and 1 if no digits are looked for.
        """
        from .mnist_form import Digit, digitize_one

        height, width = picture.shape
        if self.name == NONE:
            return Digit((0, 0, width, height), self._sized(picture)), 1
        image, count = digitize_one(picture, only_digits=self.only_digits)
        like = self._likeness(image) if count else 1.0
        found = Digit((0, 0, width, height), self._channels(image), likeness=like)
        return found, count * (like >= LEAST)

    def _likeness(self, image: Pixels) -> float:
        from .digits.likeness import likeness

        return float(likeness(image[None])[0]) if self.only_digits else 1.0

    def _sized(self, picture: Numbers) -> Pixels:
        from PIL import Image

        _, height, width = self.image_shape
        light = Image.fromarray(np.asarray(picture, np.float32))
        sized = light.resize((width, height), Image.Resampling.BICUBIC)
        bytes_ = np.rint(np.clip(np.asarray(sized), 0, 1) * 255).astype(np.uint8)
        return self._channels(bytes_)

    def digits(self, picture: Numbers) -> list[Digit]:
        """Every digit of a picture; each ``image`` is uint8 (C, H, W)."""
        return self.counted_digits(picture)[0]

    def counted_digits(self, picture: Numbers) -> tuple[list[Digit], int]:
        """As :meth:`digits`, and how many there are including those that look like no digit."""
        from .mnist_form import find_digits

        found = find_digits(picture, only_digits=self.only_digits)
        like = [each for each in found if each.likeness >= LEAST]
        return [replace(each, image=self._channels(each.image)) for each in like], len(found)

    def _channels(self, image: Pixels) -> Pixels:
        return np.repeat(image[None], self.image_shape[0], axis=0)


def preprocessing_of(
    recorded: Optional[str],
    data: str,
    image_shape: Sequence[int],
    wanted: Optional[str] = None,
    dark_on_light: Optional[bool] = None,
) -> Preprocessing:
    """The preprocessing of a run.

    Args:
        recorded: what its record says; older records say nothing.
        data: the name of its data set.
        image_shape: (C, H, W) of its network's input.
        wanted: what the user wants instead.
        dark_on_light: what the record says of the images that it learnt from; those of MNIST's form
            never are.

    Example:
        >>> preprocessing_of(None, "mnist", (1, 28, 28)).name
        'mnist'
    """
    learnt = recorded or (MNIST if data == "mnist" else NONE)
    if dark_on_light is None and learnt == MNIST:
        dark_on_light = False
    channels, height, width = image_shape
    return Preprocessing(wanted or learnt, (channels, height, width), dark_on_light=dark_on_light)
