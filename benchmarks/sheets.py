"""Sheets of many digits whose places are known, and counts of those that were found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.pictures import Grey, Random, encoded, page_of, photographed, resized, ruled

Box = tuple[int, int, int, int]

STYLES = ("plain", "inverted", "lined", "shadowed", "askew")


@dataclass(frozen=True)
class Sheet:
    """A picture as a file, and the place and the label of each digit, in reading order."""

    name: str
    file: bytes
    boxes: list[Box]
    labels: list[int]


@dataclass
class Tally:
    """Counts over sheets: of digits, of those found, of those found in order, and of extra ones."""

    there: int = 0
    found: int = 0
    in_order: int = 0
    extra: int = 0


def make_sheet(
    images: NDArray[Any], labels: NDArray[Any], random: Random, style: str = "plain"
) -> Sheet:
    """Write MNIST digits on a page: 2 to 8 lines of 3 to 12, of uneven height, place and gap.

    Args:
        images: uint8 (N, 28, 28), to choose from.
        labels: (N,).
        random: where every choice comes from.
        style: one of ``STYLES``.
    """
    lines, side = int(random.integers(2, 9)), int(random.integers(28, 85))
    longest = int(random.integers(3, 13))
    slope = random.uniform(-0.05, 0.05) if style == "askew" else 0.0
    fall = round(abs(slope) * 2 * side * longest)
    ink = np.zeros((2 * side * (lines + 1) + 2 * fall, 2 * side * (longest + 1)), np.uint8)
    boxes: list[Box] = []
    chosen: list[int] = []
    for line in range(lines):
        left = int(side * random.uniform(0.5, 1))
        for _ in range(int(random.integers(max(1, longest // 2), longest + 1))):
            which = int(random.integers(len(images)))
            high = round(side * random.uniform(0.85, 1.15))
            digit = _cut(resized(images[which], high))
            height, width = digit.shape
            middle = (
                fall + side * (2 * line + 1.5) + slope * left + random.uniform(-0.1, 0.1) * side
            )
            top = round(middle - height / 2)
            ink[top : top + height, left : left + width] = digit
            boxes.append((left, top, left + width, top + height))
            chosen.append(int(labels[which]))
            left += width + round(side * random.uniform(0.2, 0.7))
    return Sheet(style, encoded(_styled(ink, style, random)), boxes, chosen)


def _styled(ink: Grey, style: str, random: Random) -> Grey:
    if style == "inverted":
        return ink
    page = page_of(ink)
    if style == "lined":
        page = ruled(page, random, gap=0.12)
    if style == "shadowed":
        return photographed(page, random)
    return np.rint(page * 255).astype(np.uint8)


def _cut(digit: Grey) -> Grey:
    rows, columns = (
        np.flatnonzero((digit > 60).any(axis=1)),
        np.flatnonzero((digit > 60).any(axis=0)),
    )
    return digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def compare(sheet: Sheet, found: Sequence[Box], tally: Tally) -> list[tuple[int, int]]:
    """Add one sheet to a tally.

    A digit is found if a box overlaps its own by half of what both cover; it is in order if the
    found digit before it in the list is the one before it on the sheet.

    Returns:
        Pairs of indices: on the sheet, in ``found``.
    """
    matches: dict[int, int] = {}
    for j, box in enumerate(found):
        shares = [_overlap(box, other) for other in sheet.boxes]
        best = int(np.argmax(shares))
        if shares[best] >= 0.5 and best not in matches:
            matches[best] = j
    before = {j: i for i, j in matches.items()}
    tally.there += len(sheet.boxes)
    tally.found += len(matches)
    tally.in_order += sum(before.get(j - 1, -1) == i - 1 for i, j in matches.items())
    tally.extra += len(found) - len(matches)
    return sorted(matches.items())


def _overlap(one: Box, other: Box) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return width * height / (both - width * height)
