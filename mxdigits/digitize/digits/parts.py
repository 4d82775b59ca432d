"""Ink that may be a digit, and how much it looks like one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...arrays import Floats, Pixels
from ..pixels.components import Box
from .in_form import as_dark_as_usual, in_form
from .likeness import likeness

CERTAIN = 0.9  # least likeness of a digit that is left as it is


@dataclass(frozen=True, eq=False)
class Part:
    """A digit's ink, cut close, its box, its image in MNIST's form, and its likeness to a digit.

    ``cuts`` is how likely the cuts are that made it from a larger piece of ink, 1 without any.

    Example:
        >>> bar = np.ones((40, 5), np.float32)
        >>> Part.of(bar, (10, 10, 15, 50)).ink.shape
        (40, 5)
    """

    ink: Floats
    box: Box
    image: Pixels
    likeness: float
    cuts: float = 1.0

    @staticmethod
    def of(ink: Floats, box: Box) -> Part:
        (part,) = parts_of([ink], [box])
        return part

    def as_dark_as_usual(self) -> Part:
        """The same, as dark as others; its likeness stays that of the ink as it was written."""
        ink = as_dark_as_usual(self.ink)
        return self if ink is self.ink else replace(self, ink=ink, image=in_form(ink))


def parts_of(inks: Sequence[Floats] = (), boxes: Sequence[Box] = ()) -> list[Part]:
    """The parts of some inks, with their images and their likeness to digits.

    Example:
        >>> len(parts_of([np.ones((40, 5), np.float32)], [(10, 10, 15, 50)]))
        1
    """
    if not inks:
        return []
    images = np.stack([in_form(ink) for ink in inks])
    return [Part(*each) for each in zip(inks, boxes, images, likeness(images).tolist())]
