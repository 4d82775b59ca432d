"""Removes what is drawn around digits, such as a circle or a cloud; it may look like a 0."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..pixels.components import Box
from .likeness import LIKELY
from .parts import Part

_INK = 0.5  # least ink of a stroke


def without_enclosing(parts: Sequence[Part]) -> list[Part]:
    """The same parts without those that go around another that looks like a digit.

    Example:
        >>> from dataclasses import replace
        >>> ring = np.ones((60, 60), np.float32)
        >>> ring[3:-3, 3:-3] = 0
        >>> bar = replace(Part.of(np.ones((30, 4), np.float32), (38, 25, 42, 55)), likeness=0.9)
        >>> [part.box for part in without_enclosing([Part.of(ring, (10, 10, 70, 70)), bar])]
        [(38, 25, 42, 55)]
    """
    digits = np.array([part.box for part in parts if part.likeness >= LIKELY], np.int64)
    if not len(digits):
        return list(parts)
    boxes = np.array([part.box for part in parts])
    order = np.argsort(digits[:, 1], kind="stable")
    first = np.searchsorted(digits[order, 1], boxes[:, 1], side="right")
    count = np.maximum(np.searchsorted(digits[order, 1], boxes[:, 3]) - first, 0)
    around = np.repeat(np.arange(len(boxes)), count)
    within = np.arange(len(around)) - np.repeat(np.cumsum(count) - count, count)
    lower = order[within + np.repeat(first, count)]
    inside = (digits[lower, 0] > boxes[around, 0]) & (digits[lower, 2:] < boxes[around, 2:]).all(1)
    rings = {
        one
        for one, box in zip(around[inside].tolist(), digits[lower[inside]].tolist())
        if encloses(parts[one], tuple(box))
    }
    return [part for at, part in enumerate(parts) if at not in rings]


def encloses(part: Part, digit: Box) -> bool:
    """Whether a part's ink lies on all four sides of a digit that lies in its box.

    Example:
        >>> ring = np.ones((60, 60), np.float32)
        >>> ring[3:-3, 3:-3] = 0
        >>> encloses(Part.of(ring, (10, 10, 70, 70)), (38, 25, 42, 55))
        True
    """
    x, y = part.box[:2]
    left, top, right, bottom = digit[0] - x, digit[1] - y, digit[2] - x, digit[3] - y
    ink = part.ink > _INK
    level, upright = ink[top:bottom], ink[:, left:right]
    sides = level[:, :left], level[:, right:], upright[:top], upright[bottom:]
    return all(side.any() for side in sides)
