"""Digits that touch are parted, and parts of a broken digit joined, where that makes digits.

Both are decided by how much ink looks like a digit: a piece of ink that does is left as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Optional

import numpy as np

from ..arrays import Floats, Integers, Pixels
from .components import Box
from .in_form import in_form
from .likeness import likeness
from .reading import Neighbours
from .resizing import reduced

_CERTAIN = 0.9  # likeness of a digit that is left as it is
_NARROWEST = 0.5  # width over height of two digits side by side
_STACKED = 1.7  # of the usual height: what is taller may be two digits one above the other
_AS_TALL = 0.3  # of its likeness is left to what is so tall
_LONGEST = 8.0  # height over width of two such: ones are narrow
_WIDEST = 3.0  # of a row of digits that touch: a longer one is a line or a word
_LOWEST = 0.6  # of the height of all: what is lower is no digit of theirs
_SIDE = 96  # pixels of the height at which cuts are looked for
_NARROW, _APART = 0.15, 0.12  # of the height: from the ends to the first cut, and to the next
_EACH_CUT = 0.7  # likeness that a cut has to bring
_LIKELY = 0.6  # likeness of a digit that is made by a cut, or of better parts
_GAP = 0.2  # of the usual height: how far apart the parts of a broken digit may lie
_TALLEST = 2.3  # of the usual height, is a broken digit: all may be broken in two
_FULL = 0.75  # of the usual height: what is lower may be a part
_USUAL = 0.8  # of all parts are lower: some are broken
_MOST_BREAKS, _MOST_PARTS = 3, 8  # of a digit: how often parts are joined, and how many at once
_SURER = 0.6  # of the likeness of a joined digit: that of its parts


Scrap = tuple[Floats, Box]  # ink, cut close, and its box


@dataclass(frozen=True, eq=False)
class Part:
    """A digit's ink, cut close, its box, its image in MNIST's form, and how like a digit it is.

    Example:
        >>> bar = np.ones((40, 5), np.float32)
        >>> Part.of(bar, (10, 10, 15, 50)).image.shape
        (28, 28)
    """

    ink: Floats
    box: Box
    image: Pixels
    likeness: float

    @staticmethod
    def of(ink: Floats, box: Box) -> Part:
        (part,) = parts_of([ink], [box])
        return part


def parts_of(inks: Sequence[Floats] = (), boxes: Sequence[Box] = ()) -> list[Part]:
    """Ink with what is told by it.

    Example:
        >>> len(parts_of([np.ones((40, 5), np.float32)], [(10, 10, 15, 50)]))
        1
    """
    if not inks:
        return []
    images = np.stack([in_form(ink) for ink in inks])
    return [Part(*each) for each in zip(inks, boxes, images, likeness(images).tolist())]


def parted(part: Part, usual: float = np.inf) -> list[Part]:
    """The digits of one piece of ink, from the left; the piece itself if it is best left whole.

    Args:
        part: ink that may be several digits beside each other, or one above the other.
        usual: pixels of the height of a digit; what is much taller may be two.

    Example:
        >>> bar = Part.of(np.ones((40, 5), np.float32), (10, 10, 15, 50))
        >>> len(parted(bar))
        1
    """
    stacked = part.ink.shape[0] > _STACKED * usual
    if part.likeness >= _CERTAIN and not stacked:
        return [part]
    ink = part.ink.T if stacked else part.ink
    height, width = ink.shape
    if not _NARROWEST <= width / height <= (_LONGEST if stacked else _WIDEST):
        return [part]
    ends = [np.zeros(height, np.int64), *_seams(ink), np.full(height, width)]
    between = {}
    for i, j in combinations(range(len(ends)), 2):
        if (i, j) != (0, len(ends) - 1):
            cut = _between(ink, ends[i], ends[j], stacked, part.box[:2])
            if cut is not None:
                between[i, j] = cut
    found = parts_of(*zip(*between.values())) if between else []
    like = part.likeness * (_AS_TALL if stacked else 1)
    return _best(dict(zip(between, found)), len(ends) - 1, like) or [part]


def mended(parts: Sequence[Part], scraps: Sequence[Scrap] = ()) -> list[Part]:
    """The same ink with the parts of broken digits joined: neighbours that make a digit together.

    Args:
        parts: ink that may be a digit.
        scraps: ink that is too little for one, and is left out where it makes none with others.

    Example:
        >>> bars = [Part.of(np.ones((40, 5), np.float32), (x, 10, x + 5, 50)) for x in (10, 90)]
        >>> len(mended(bars))
        2
    """
    made = list(parts)
    for _ in range(_MOST_BREAKS):
        if not made:
            break
        usual = float(np.quantile([_height(part) for part in made], _USUAL))
        whole = [each.likeness >= _CERTAIN and _height(each) >= _FULL * usual for each in made]
        made, scraps, joins = _joined_once(made, scraps, whole, usual)
        if not joins:
            break
    return made


def _joined_once(
    parts: Sequence[Part], scraps: Sequence[Scrap], whole: Sequence[bool], usual: float
) -> tuple[list[Part], list[Scrap], int]:
    """The parts and the scraps after neighbours were joined, those first that fit best."""
    every = [*((part.ink, part.box) for part in parts), *scraps]
    alone = [part.likeness for part in parts] + [1.0] * len(scraps)
    sets = _neighbours([box for _, box in every], whole, usual)
    together = parts_of(*zip(*(_together([every[i] for i in each]) for each in sets)))
    gone: set[int] = set()
    made = []
    for joint, members in sorted(zip(together, sets), key=lambda each: -each[0].likeness):
        apart = float(np.prod([alone[i] for i in members]))
        loose = not any(whole[i] for i in members if i < len(whole))
        better = loose and apart < _SURER * joint.likeness
        enough = joint.likeness >= (_LIKELY if better else _CERTAIN)
        if enough and gone.isdisjoint(members):
            gone.update(members)
            made.append(joint)
    left = [part for i, part in enumerate(parts) if i not in gone]
    scraps = [scrap for i, scrap in enumerate(scraps, len(parts)) if i not in gone]
    return left + made, scraps, len(made)


def _neighbours(boxes: Sequence[Box], whole: Sequence[bool], usual: float) -> list[list[int]]:
    """What may be one digit: pairs of neighbours, and all that hangs together but is not whole.

    ``whole`` says of the first boxes which are digits already; the others are scraps.
    """
    near = Neighbours(usual)
    for i, box in enumerate(boxes):
        near.add(i, np.array(box))
    found: dict[tuple[int, ...], None] = {}
    for a in np.flatnonzero(~np.array(whole, bool)).tolist():
        hanging, beside, waiting = {a}, set[int](), [a]
        while waiting:
            at = waiting.pop()
            for b in near.of(np.array(boxes[at])):
                if b not in hanging and _are_near(boxes[at], boxes[b], usual):
                    if at == a and _fit([boxes[a], boxes[b]], usual):
                        found[tuple(sorted((a, b)))] = None
                    if b < len(whole) and whole[b]:
                        beside.add(b)
                    else:
                        hanging.add(b)
                        waiting.append(b)
            if len(hanging) > _MOST_PARTS:
                break
        for each in (hanging, hanging | beside):
            if 2 < len(each) <= _MOST_PARTS and _fit([boxes[i] for i in each], usual):
                found[tuple(sorted(each))] = None
    return [list(each) for each in found]


def _height(part: Part) -> int:
    return part.box[3] - part.box[1]


def _are_near(one: Box, other: Box, usual: float) -> bool:
    across = max(one[0], other[0]) - min(one[2], other[2])
    down = max(one[1], other[1]) - min(one[3], other[3])
    return max(across, down) <= _GAP * usual


def _fit(boxes: Sequence[Box], usual: float) -> bool:
    """Whether boxes together are no larger than a digit."""
    left, top, right, bottom = _around(boxes)
    return max(right - left, bottom - top) <= _TALLEST * usual


def _around(boxes: Sequence[Box]) -> Box:
    all_ = np.array(boxes)
    left, top = all_[:, :2].min(axis=0).tolist()
    right, bottom = all_[:, 2:].max(axis=0).tolist()
    return left, top, right, bottom


def _together(scraps: Sequence[Scrap]) -> Scrap:
    """The ink of several."""
    left, top, right, bottom = box = _around([each for _, each in scraps])
    whole = np.zeros((bottom - top, right - left), np.float32)
    for ink, (x, y, _, _) in scraps:
        place = whole[y - top : y - top + ink.shape[0], x - left : x - left + ink.shape[1]]
        np.maximum(place, ink, out=place)
    return whole, box


def _between(
    ink: Floats, left: Integers, right: Integers, stacked: bool, corner: tuple[int, int]
) -> Optional[Scrap]:
    """The ink between two seams, cut close; None where that is too little for a digit.

    ``stacked`` ink has its rows and columns swapped; ``corner`` is where all of it begins.
    """
    height, width = ink.shape
    columns = np.arange(width)
    kept = np.where((columns >= left[:, None]) & (columns < right[:, None]), ink, 0)
    rows, across = (np.flatnonzero((kept > 0.3).any(axis=axis)) for axis in (1, 0))
    if not len(rows) or (not stacked and rows[-1] + 1 - rows[0] < _LOWEST * height):
        return None
    cut = kept[rows[0] : rows[-1] + 1, across[0] : across[-1] + 1]
    x, y = int(across[0]), int(rows[0])
    if stacked:
        cut, x, y = cut.T, y, x
    left_, top = corner[0] + x, corner[1] + y
    return np.asarray(cut, np.float32), (left_, top, left_ + cut.shape[1], top + cut.shape[0])


def _best(between: dict[tuple[int, int], Part], end: int, whole: float) -> list[Part]:
    """Of all ways to part ink at the seams the one whose parts look most like digits.

    None of the parts where the ``whole`` looks more like one.
    """
    chances: list[tuple[float, list[Part]]] = [(1.0, [])]
    for j in range(1, end + 1):
        ways = [
            (chances[i][0] * each.likeness * _EACH_CUT, [*chances[i][1], each])
            for i in range(j)
            if (each := between.get((i, j))) is not None and each.likeness >= _LIKELY
        ]
        chances.append(max(ways, key=lambda way: way[0], default=(0.0, [])))
    chance, parts = chances[end]
    return parts if chance > _EACH_CUT * whole and len(parts) > 1 else []


def _seams(ink: Floats) -> list[Integers]:
    """Ways from the top to the bottom that cross little ink: of each row the column, (H,)."""
    small = reduced(ink, max(1, round(_SIDE * max(1.0, ink.shape[1] / ink.shape[0]))))
    height, width = small.shape
    cost = small + np.float32(0.02)
    middle = height // 2
    upper, up = _ways(cost[: middle + 1])
    lower, down = _ways(cost[middle:][::-1])
    total = upper + lower - cost[middle]
    margin, wide = round(_NARROW * height), max(1, round(_APART * height))
    seams = [
        first + int(total[first : first + wide].argmin())
        for first in range(margin, width - margin, wide)
    ]
    rows = np.minimum(np.arange(len(ink)) * height // len(ink), height - 1)
    across = ink.shape[1] / width
    ways = [
        np.concatenate([_followed(up, column)[:-1], _followed(down, column)[::-1]])
        for column in seams
    ]
    return [np.rint(way[rows] * across).astype(np.int64) for way in ways]


def _ways(cost: Floats) -> tuple[Floats, Integers]:
    """The cheapest way from the first row to each place of the last, and its steps (H, W)."""
    steps = np.zeros(cost.shape, np.int64)
    total = cost[0]
    for row in range(1, len(cost)):
        beside = np.pad(total, 1, constant_values=np.inf)
        slanted = np.float32(0.01)  # a straight way is better where both cross as much
        three = np.stack([beside[:-2] + slanted, total, beside[2:] + slanted])
        steps[row] = three.argmin(axis=0) - 1
        total = three.min(axis=0) + cost[row]
    return total, steps


def _followed(steps: Integers, column: int) -> Integers:
    """The columns of the way that ends in a column, from the first row to the last."""
    columns = np.empty(len(steps), np.int64)
    for row in range(len(steps) - 1, -1, -1):
        columns[row] = column
        column += int(steps[row, column])
    return columns
