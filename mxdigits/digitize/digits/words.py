"""Printed words among digits, such as the labels of a form, of which some letters look like digits.

A word is judged as a whole: its letters lie close together in a line, and several look like no
digits.  A number with one bad digit, a date or a telephone number stays what it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ...arrays import Bools, Floats, Integers
from ..pixels.components import Box
from ..pixels.median import median
from .parts import CERTAIN, Part

_GAP = 0.35  # of their height: most distance between letters of a word
_LEVEL = 0.5  # of the lower letter's rows: least that two letters of a line share
_ALIKE = 2.2  # times the lower letter's height: most height of the other, as of an l beside an a
_LEAST = 3  # least letters of a word
_LONG = 6  # least letters of a long word, whose mean likeness tells more
_LOWER = 0.8  # of the height of most digits: most height of low letters, which digits seldom are
_LOW = (0.6, 0.8)  # mean likeness below which low letters are a word: a short one, a long one
_AS_TALL = (0.35, 0.6)  # the same for letters as tall as digits, which may be digits
_TALL = 0.75  # of what surely looks like digits: share that is lower than most digits' height
_BESIDE = 1.5  # times the higher one's height: most distance of more letters from a word's letter
_BESIDE_ALIKE = 1.6  # times a letter's height: most height of the letters beside it
_ROUNDS = 3  # of looking for more letters beside a word
# Before pieces are joined or split:
_WHOLE = 4  # least letters of a word of low letters
_WHOLE_LOW = 0.6  # its most mean likeness
_HEADING = 8  # least letters of a heading, which are as tall as digits; digits that touch are fewer
_HEADING_LOW = 0.4  # its most mean likeness
_NUMBER = 3  # so many digits beside each other are no letters of the word close to them
_AT_ONCE = 64  # boxes whose neighbours are looked for together: all may have very many
_OVER = 0.3  # of a letter's width: most that lies over others; parts of a broken digit have more


def without_words(parts: Sequence[Part]) -> list[Part]:
    """The same parts, those of words with a likeness of 0.

    Example:
        >>> bars = [Part.of(np.ones((20, 4), np.float32), (x, 10, x + 4, 30)) for x in (10, 18, 26)]
        >>> [part.likeness for part in without_words([replace(bar, likeness=0.3) for bar in bars])]
        [0.0, 0.0, 0.0]
    """
    if not parts:
        return []
    words = _in_words(
        np.array([part.box for part in parts]), np.array([part.likeness for part in parts])
    )
    return [replace(part, likeness=0.0) if is_ else part for part, is_ in zip(parts, words)]


def in_words(parts: Sequence[Part], scraps: Sequence[Box]) -> Bools:
    """Which parts and which scraps, in this order, surely are letters of words.

    Call it before parts are joined and split, which makes digits of letters.

    Args:
        parts: ink that may be a digit.
        scraps: boxes of ink that is too low for one, as most letters of a small print are.

    Example:
        >>> one = replace(Part.of(np.ones((40, 6), np.float32), (90, 0, 96, 40)), likeness=1.0)
        >>> scraps = [(left, 25, left + 8, 40) for left in (7, 18, 29, 40)]
        >>> in_words([one], scraps).tolist(), in_words([one], scraps[:2]).tolist()
        ([False, True, True, True, True], [False, False, False])
    """
    boxes = np.array([*(part.box for part in parts), *scraps], np.int64).reshape(-1, 4)
    likeness = np.array([*(part.likeness for part in parts), *(0.0 for _ in scraps)])
    high = boxes[:, 3] - boxes[:, 1]
    tall = _tall(high, likeness)
    found = np.zeros(len(boxes), bool)
    for group in _close_together(boxes):
        if len(group) < _WHOLE:
            continue
        lower = median(high[group]) <= _LOWER * tall
        count, most = (_WHOLE, _WHOLE_LOW) if lower else (_HEADING, _HEADING_LOW)
        if likeness[group].mean() < most and _beside_each_other(boxes[group]) >= count:
            found[_letters(group, boxes, likeness, tall)] = True
    return found


def _letters(group: Integers, boxes: Integers, likeness: Floats, tall: float) -> Integers:
    """A word without a number that was written close to it.

    A number is several sure digits beside each other, as tall as the digits of the page.
    """
    group = group[np.argsort(boxes[group, 0])]
    digits = likeness[group] >= CERTAIN
    digits &= boxes[group, 3] - boxes[group, 1] > _LOWER * tall
    runs = np.split(np.arange(len(group)), np.flatnonzero(np.diff(digits)) + 1)
    kept = [run for run in runs if not digits[run[0]] or len(run) < _NUMBER]
    return group[np.concatenate(kept)] if kept else group[:0]


def _beside_each_other(boxes: Integers) -> int:
    """How many boxes lie beside each other, and not over each other."""
    count, end = 0, -np.inf
    for left, right in boxes[np.argsort(boxes[:, 0])][:, [0, 2]].tolist():
        if left >= end - _OVER * (right - left):
            count += 1
        end = max(end, right)
    return count


def _tall(high: Integers, likeness: Floats) -> float:
    """The height that most of what surely looks like digits does not exceed."""
    sure = high[likeness >= CERTAIN]
    return float(np.quantile(sure, _TALL)) if len(sure) else 0.0


def _in_words(boxes: Integers, likeness: Floats) -> Bools:
    """Which boxes (N, 4) are letters of words."""
    high = boxes[:, 3] - boxes[:, 1]
    tall = _tall(high, likeness)
    found = np.zeros(len(boxes), bool)
    groups = _close_together(boxes)
    for group in groups:
        if len(group) < _LEAST:
            continue
        lower = median(high[group]) <= _LOWER * tall
        least = (_LOW if lower else _AS_TALL)[len(group) >= _LONG]
        if likeness[group].mean() < least:
            found[_letters(group, boxes, likeness, tall)] = True
    if not found.any():
        return found
    few = [each for each in groups if len(each) <= _LEAST and likeness[each].mean() < CERTAIN]
    for _ in range(_ROUNDS):
        # A letter that was left out as a speck may split a word.
        for group in few:
            if not found[group].any() and _lie_beside(boxes[group], boxes[found]):
                found[group] = True
    return found


def _close_together(boxes: Integers) -> list[Integers]:
    """Groups of boxes in lines, each box close to the next."""
    number = np.arange(len(boxes))
    for one, other in _neighbours(boxes):
        number[number == number[other]] = number[one]
    return [np.flatnonzero(number == each) for each in np.unique(number)]


def _neighbours(boxes: Integers) -> Iterator[tuple[int, int]]:
    """Pairs of boxes that lie close beside each other in a line, the left one first."""
    order = np.argsort(boxes[:, 0], kind="stable")
    ordered = boxes[order]
    high = ordered[:, 3] - ordered[:, 1]
    reach = ordered[:, 2] + _GAP * _ALIKE * high
    beyond = np.searchsorted(ordered[:, 0], reach, side="right")
    for begin in range(0, len(boxes), _AT_ONCE):
        some = np.arange(begin, min(begin + _AT_ONCE, len(boxes)))
        count = beyond[some] - some - 1
        one = np.repeat(some, count)
        other = one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(count) - count, count)
        lower, higher = np.minimum(high[one], high[other]), np.maximum(high[one], high[other])
        near = (ordered[other, 0] - ordered[one, 2] <= _GAP * higher) & (higher <= _ALIKE * lower)
        near &= _shared(ordered[one].T, ordered[other]) >= _LEVEL * lower
        yield from zip(order[one[near]].tolist(), order[other[near]].tolist())


def _lie_beside(boxes: Integers, letters: Integers) -> bool:
    """Whether boxes lie beside one of the letters, in their line and about as tall."""
    box = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
    high, theirs = box[3] - box[1], letters[:, 3] - letters[:, 1]
    apart = np.maximum(box[0] - letters[:, 2], letters[:, 0] - box[2])
    near = (apart <= _BESIDE * np.maximum(theirs, high)) & (high <= _BESIDE_ALIKE * theirs)
    near &= _shared(box, letters) >= _LEVEL * np.minimum(theirs, high)
    return bool(near.any())


def _shared(box: Integers, others: Integers) -> Integers:
    """How many rows of pixels a box shares with each of the others."""
    return np.asarray(np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1]))
