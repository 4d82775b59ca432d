"""Joins pieces of ink into digits, and puts digits in reading order, by their boxes alone.

A box is (left, top, right, bottom); the last two are exclusive.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from typing import Optional

import numpy as np

from ...arrays import Bools, Doubles, Integers, Numbers, Shape
from ..ink.usual_height import HIGH, LOW
from ..pixels.components import Box
from ..pixels.median import median
from ..pixels.weighted_median import weighted_median

Boxes = Integers

_LEAST = 0.4  # of the usual height: what is lower is a speck, or a piece of a digit
_LEAST_ALONE = 0.1  # of the usual height: what is lower makes no digit, not even with others
_GAP = 0.25  # of the usual height: how far apart two pieces of one digit may lie
_TALLEST = 1.6  # of the usual height: more than that is two digits, one above the other
_BESIDE = 0.6  # of a digit's height: most distance of another beside it
_LEVEL = 0.6  # of a digit's height: least that it shares with another beside it
_LARGEST = 4  # of the usual height: more than that is no digit


def joined(
    boxes: Boxes, mass: Numbers, shape: Shape, usual: Optional[float] = None
) -> tuple[list[Integers], list[Integers]]:
    """The pieces of each digit, and of each scrap, which is too low for a digit.

    Args:
        boxes: of the pieces, (N, 4).
        mass: how much ink is in each.
        shape: height and width of the picture.
        usual: height of a piece; if left out, that of the pieces with the most ink.

    Returns:
        For each digit, and for each scrap, the indices of its pieces.

    Example:
        >>> bar_and_dot = np.array([[10, 10, 14, 50], [11, 54, 14, 57]])
        >>> joined(bar_and_dot, np.array([160, 9]), (100, 100))
        ([array([0, 1])], [])
    """
    if not len(boxes):
        return [], []
    size = boxes[:, 2:] - boxes[:, :2]
    usual = weighted_median(size[:, 1], mass) if usual is None else usual
    edge = (boxes[:, :2] == 0).any(axis=1) | (boxes[:, 2:] == (shape[1], shape[0])).any(axis=1)
    ink = np.flatnonzero((size.max(axis=1) <= _LARGEST * usual) & ~(edge & (size[:, 1] < usual)))
    groups: list[list[int]] = []
    frames: list[Box] = []
    near = Neighbours(usual)
    # The tallest first: a small piece then finds its digit already there.
    order = ink[np.argsort(-size[ink, 1], kind="stable")]
    for piece, (left, top, right, bottom) in zip(order.tolist(), boxes[order].tolist()):
        box = left, top, right, bottom
        candidates = near.of(box)
        at = _home(box, [frames[i] for i in candidates], usual)
        if at is not None:
            home = candidates[at]
            groups[home].append(piece)
            frames[home] = _both(frames[home], box)
            near.add(home, frames[home])
        elif max(right - left, bottom - top) >= _LEAST_ALONE * usual:
            groups.append([piece])
            frames.append(box)
            near.add(len(groups) - 1, box)
    low = [bottom - top < _LEAST * usual for _, top, _, bottom in frames]
    found = [np.sort(np.array(group)) for group in groups]
    return [each for each, is_low in zip(found, low) if not is_low], list(compress(found, low))


class Neighbours:
    """Finds the digits near a box, by a grid of squares, each with the digits that reach into it.

    Example:
        >>> near = Neighbours(usual=20.0)
        >>> near.add(0, (10, 10, 20, 30))
        >>> near.of((22, 10, 30, 30)), near.of((200, 10, 210, 30))
        ([0], [])
    """

    def __init__(self, usual: float):
        self._side = max(1.0, 2 * usual)
        self._squares: dict[tuple[int, int], list[int]] = {}

    def add(self, digit: int, box: Box) -> None:
        """Put a digit into every square that its box reaches into."""
        for square in self._covered(box):
            held = self._squares.setdefault(square, [])
            if digit not in held:
                held.append(digit)

    def of(self, box: Box) -> list[int]:
        """The digits in the squares that a box reaches into."""
        return sorted({i for square in self._covered(box) for i in self._squares.get(square, ())})

    def _covered(self, box: Box) -> list[tuple[int, int]]:
        reach = _GAP * self._side / 2
        left, top = (int((place - reach) // self._side) for place in box[:2])
        right, bottom = (int((place + reach) // self._side) for place in box[2:])
        return [(x, y) for x in range(left, right + 1) for y in range(top, bottom + 1)]


def _home(box: Box, frames: Sequence[Box], usual: float) -> Optional[int]:
    """Which digit a piece belongs to: the closest that it lies over, under or in.

    Few digits are near it: arrays of them would take several times as long.
    """
    nearest, least = None, np.inf
    for at, other in enumerate(frames):
        across = min(box[2], other[2]) - max(box[0], other[0])
        narrower = min(box[2] - box[0], other[2] - other[0])
        apart = max(box[1], other[1]) - min(box[3], other[3])
        height = max(box[3], other[3]) - min(box[1], other[1])
        fits = 2 * across > narrower and apart <= _GAP * usual and height <= _TALLEST * usual
        if fits and apart < least:
            nearest, least = at, apart
    return nearest


def _both(one: Box, other: Box) -> Box:
    left, top = min(one[0], other[0]), min(one[1], other[1])
    return left, top, max(one[2], other[2]), max(one[3], other[3])


def reading_lines(boxes: Boxes) -> list[list[int]]:
    """Indices of boxes in reading order: lines from the top, each from the left.

    A line is followed from digit to digit, so it may lie askew.

    Example:
        >>> reading_lines(np.array([[50, 10, 60, 30], [10, 12, 20, 32], [10, 60, 20, 80]]))
        [[1, 0], [2]]
    """
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    steps = [np.diff(middle[line], axis=0) for line in _followed(boxes)]
    across, down = np.concatenate([np.zeros((0, 2)), *steps]).T
    slope = median(down / np.maximum(across, 1)) if len(down) else 0.0
    # Once the lines are level, a wide gap in one of them does not end it.
    fall = np.rint(slope * middle[:, 0]).astype(np.int64)
    lines = _followed(boxes - fall[:, None] * np.array([0, 1, 0, 1]))
    level = middle[:, 1] - slope * middle[:, 0]
    return sorted(lines, key=lambda line: float(level[line].mean()))


def _followed(boxes: Boxes) -> list[list[int]]:
    """Lines of boxes; from the left, each box joins the line whose last box is at its height."""
    lines: list[list[int]] = []
    ends = np.empty((len(boxes), 2), np.int64)  # top and bottom of each line's last box
    heights = boxes[:, [1, 3]]
    for i in np.argsort(boxes[:, 0], kind="stable").tolist():
        shared = _shared_height(ends[: len(lines)], heights[i])
        at = int(shared.argmax()) if len(lines) else 0
        if len(lines) and shared[at] > 0.4:
            lines[at].append(i)
        else:
            at = len(lines)
            lines.append([i])
        ends[at] = heights[i]
    return lines


def _shared_height(some: Integers, one: Integers) -> Doubles:
    """The height that some (N, 2), top and bottom, share with one, over that of the lower one."""
    shared = np.minimum(some[:, 1], one[1]) - np.maximum(some[:, 0], one[0])
    return np.asarray(shared / np.minimum(some[:, 1] - some[:, 0], one[1] - one[0]))


def stand_beside(boxes: Boxes, digits: Boxes) -> Bools:
    """Which boxes (N, 4) stand close beside one of the digits (M, 4), and are about as high.

    Example:
        >>> bars = np.array([[50, 10, 54, 50], [90, 10, 94, 50]])
        >>> stand_beside(bars, np.array([[10, 10, 40, 50]]))
        array([ True, False])
    """
    one = boxes[:, None]
    high, theirs = one[..., 3] - one[..., 1], digits[:, 3] - digits[:, 1]
    apart = np.maximum(one[..., 0] - digits[:, 2], digits[:, 0] - one[..., 2])
    shared = np.minimum(one[..., 3], digits[:, 3]) - np.maximum(one[..., 1], digits[:, 1])
    near = (apart >= 0) & (apart <= _BESIDE * theirs) & (shared >= _LEVEL * theirs)
    near &= (high >= LOW * theirs) & (high <= HIGH * theirs)
    return np.asarray(near.any(axis=1))
