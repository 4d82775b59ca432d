"""Finds the lines of a form of even cells, even if they are dashed or hardly darker than paper.

Other things are easily taken for such lines.  So they count only if their distances are those of
boxes, and then they replace lines that are less even.
"""

from __future__ import annotations

from typing import Optional

import numpy as np

from ...arrays import Bools, Floats
from .evenness import evenness
from .form_lines import FormLines, form_lines, have_lines, written
from .rules import INKED

# Pixels: half of the widest gap in dashed lines, and in pale lines that noise breaks. Lines closer
# than that become one.
_GAP, _PALE_GAP = 3, 1
_BLOCK = 24  # pixels: light is about the same in a square of that side
_PALE, _NOISE = 0.04, 1.5  # of the paper's light; of its deviation: lines are darker by more
_EVEN = 0.97  # of the distances of lines: least share of the two usual ones


def even_form_lines(ink: Floats, dark: Floats, seen: Optional[FormLines]) -> Optional[FormLines]:
    """The lines of a form of even cells; ``seen`` if no even ones are found.

    Args:
        ink: (H, W) from 0 for paper to 1 for ink.
        dark: (H, W), the luminance in which it is dark; below 0 outside of the picture.
        seen: the lines that :func:`form_lines` finds there.

    Example:
        >>> ink = np.zeros((400, 400), np.float32)
        >>> for row in range(50, 351, 50):
        ...     ink[row, 50:351] = ink[50:351, row] = np.arange(301) % 6 > 2
        >>> form_lines(ink) is None, len(even_form_lines(ink, 1 - ink, None).level.bands)
        (True, 7)
    """
    best, most = seen, 0.0 if seen is None else _evenness(seen)
    if most == 1:
        return best
    dashed = form_lines(ink, _GAP)
    if dashed is not None and (even := _evenness(dashed)) > max(most, _EVEN):
        best, most = dashed, even
    if most < 1 and (dashed is not None or _have_pale_lines(ink, dark)):
        pale = form_lines(ink, _PALE_GAP, darker_than_paper(ink, dark))
        if pale is not None and _evenness(pale) > max(most, _EVEN):
            best = pale
    return best


def _have_pale_lines(ink: Floats, dark: Floats) -> bool:
    """Whether there may be pale lines, by a quick look at the middle of the page's writing."""
    inked = ink > INKED
    middle = _middle(written(inked, 0)), _middle(written(inked, 1))
    return have_lines(darker_than_paper(ink[middle], dark[middle]))


def _middle(part: slice) -> slice:
    """The middle half of a slice."""
    quarter = (part.stop - part.start) // 4
    return slice(part.start + quarter, part.stop - quarter)


def darker_than_paper(ink: Floats, dark: Floats) -> Bools:
    """Which pixels (H, W) are darker than the paper around them, if only a little.

    Example:
        >>> dark = np.full((48, 48), 0.9, np.float32)
        >>> dark[20] = 0.8
        >>> np.flatnonzero(darker_than_paper(np.zeros_like(dark), dark).all(axis=1)).tolist()
        [20]
    """
    bare = (ink <= 0) & (dark >= 0)
    count = np.maximum(_sums(bare.astype(np.float32)), 1)
    light = np.where(bare, dark, np.float32(0))
    mean = _sums(light) / count
    deviation = np.sqrt(np.maximum(_sums(light * light) / count - mean**2, 0))
    darkest = mean - np.maximum(_PALE * mean, _NOISE * deviation)
    height, width = dark.shape
    spread = darkest.repeat(_BLOCK, axis=0)[:height].repeat(_BLOCK, axis=1)[:, :width]
    return np.asarray((dark >= 0) & (dark < spread))


def _sums(values: Floats) -> Floats:
    """The sum of each square of ``_BLOCK`` pixels, from the upper left corner on."""
    rows, columns = (np.arange(0, side, _BLOCK) for side in values.shape)
    return np.asarray(np.add.reduceat(np.add.reduceat(values, rows, axis=0), columns, axis=1))


def _evenness(lines: FormLines) -> float:
    """How even the lines are that are less so: the level or the upright ones."""
    return min(evenness(lines.level), evenness(lines.upright))
