"""Joins the parts of a broken digit, if they look like a digit together.

A piece of ink that looks like a digit by itself is left as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...arrays import Floats
from ..pixels.components import Box
from .bridging import bridged
from .parts import CERTAIN, Part, parts_of
from .reading import Neighbours

_LIKELY = 0.03  # least likeness of a digit joined from parts that look less like digits
_LIKELY_WITH_A_DIGIT = 0.6  # the same, if one of the parts is a whole digit
_LOW = 0.6  # of the usual height: what is lower is less likely a whole digit
_AS_LOW = 0.3  # of the likeness of such a low piece: what counts
_GAP = 0.2  # of the usual height: most distance between the parts of a broken digit
_TALLEST = 2.3  # usual heights: most size of a joined digit, for all may be broken in two
_TALLEST_AMONG_WHOLE = 1.6  # the same where most digits are whole
_FULL = 0.75  # of the usual height: least height of a whole digit; what is lower may be a part
_USUAL = 0.8  # of all parts: share that is lower than the usual height, for some are broken
_MOST_BREAKS = 3  # rounds of joining, for a digit may be broken in several places
_MOST_PARTS = 8  # most parts that are joined at once: of more close together, pairs alone are tried
_SURER = 0.9  # likeness of parts: with more, all are digits; of their digit's: less is worse


Scrap = tuple[Floats, Box]  # ink, cut close, and its box


def mended(parts: Sequence[Part], scraps: Sequence[Scrap] = ()) -> list[Part]:
    """The same ink with the parts of broken digits joined: neighbours that make a digit together.

    Args:
        parts: ink that may be a digit.
        scraps: ink that is too low for a digit; it is left out unless it makes one with others.

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
        whole = [each.likeness >= CERTAIN and _height(each) >= _FULL * usual for each in made]
        made, scraps, joins = _joined_once(made, scraps, whole, usual)
        if not joins:
            break
    return made


def _joined_once(
    parts: Sequence[Part], scraps: Sequence[Scrap], whole: Sequence[bool], usual: float
) -> tuple[list[Part], list[Scrap], int]:
    """The parts and scraps after neighbours were joined, the best first; and how many were made."""
    every = [*((part.ink, part.box) for part in parts), *scraps]
    low = [_AS_LOW if _height(part) < _LOW * usual else 1.0 for part in parts]
    alone = [part.likeness * share for part, share in zip(parts, low)] + [1.0] * len(scraps)
    sure = [part.likeness >= CERTAIN for part in parts]
    among_whole = 2 * sum(whole) >= len(parts)
    most = usual * (_TALLEST_AMONG_WHOLE if among_whole else _TALLEST)
    sets = _neighbours([box for _, box in every], whole, sure, usual, most)
    together = parts_of(*zip(*(_together([every[i] for i in each]) for each in sets)))
    gone: set[int] = set()
    made = []
    for joint, members in sorted(zip(together, sets), key=lambda each: -each[0].likeness):
        apart = float(np.prod([alone[i] for i in members]))
        loose = not any(whole[i] for i in members if i < len(whole))
        if apart >= _SURER:  # all of them are digits
            continue
        better = apart < _SURER * joint.likeness
        least = CERTAIN if not better else _LIKELY if loose else _LIKELY_WITH_A_DIGIT
        if joint.likeness >= least and gone.isdisjoint(members):
            gone.update(members)
            made.append(joint)
    left = [part for i, part in enumerate(parts) if i not in gone]
    scraps = [scrap for i, scrap in enumerate(scraps, len(parts)) if i not in gone]
    return left + made, scraps, len(made)


def _neighbours(
    boxes: Sequence[Box], whole: Sequence[bool], sure: Sequence[bool], usual: float, most: float
) -> list[list[int]]:
    """Sets that may be one digit: pairs of neighbours, and groups of neighbours that are not whole.

    ``whole`` says which of the first boxes are whole digits, and ``sure`` which look like digits,
    even low ones; the others are scraps. A digit's longer side has at most ``most`` pixels.
    """
    near = Neighbours(usual)
    for i, box in enumerate(boxes):
        near.add(i, box)
    found: dict[tuple[int, ...], None] = {}
    for a in np.flatnonzero(~np.array(whole, bool)).tolist():
        hanging, beside, waiting = {a}, set[int](), [a]
        while waiting:
            at = waiting.pop()
            for b in near.of(boxes[at]):
                apart = max(at, b) < len(sure) and sure[at] and sure[b]
                if b not in hanging and _are_near(boxes[at], boxes[b], usual, apart):
                    if at == a and _fit([boxes[a], boxes[b]], most):
                        found[tuple(sorted((a, b)))] = None
                    if b < len(whole) and whole[b]:
                        beside.add(b)
                    else:
                        hanging.add(b)
                        waiting.append(b)
            if len(hanging) > _MOST_PARTS:
                break
        for each in (hanging, hanging | beside):
            if 2 < len(each) <= _MOST_PARTS and _fit([boxes[i] for i in each], most):
                found[tuple(sorted(each))] = None
    return [list(each) for each in found]


def _height(part: Part) -> int:
    return part.box[3] - part.box[1]


def _are_near(one: Box, other: Box, usual: float, both_digits: bool) -> bool:
    """Whether boxes lie close together; those of two digits also side by side or stacked."""
    across = max(one[0], other[0]) - min(one[2], other[2])
    down = max(one[1], other[1]) - min(one[3], other[3])
    askew = both_digits and min(across, down) > 0
    return not askew and max(across, down) <= _GAP * usual


def _fit(boxes: Sequence[Box], most: float) -> bool:
    """Whether boxes together are no larger than so many pixels."""
    left, top, right, bottom = _around(boxes)
    return max(right - left, bottom - top) <= most


def _around(boxes: Sequence[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _together(scraps: Sequence[Scrap]) -> Scrap:
    """The ink of several as one, with gaps filled, and its box."""
    left, top, right, bottom = box = _around([each for _, each in scraps])
    whole = np.zeros((bottom - top, right - left), np.float32)
    for ink, (x, y, _, _) in scraps:
        place = whole[y - top : y - top + ink.shape[0], x - left : x - left + ink.shape[1]]
        np.maximum(place, ink, out=place)
    return bridged(whole), box
