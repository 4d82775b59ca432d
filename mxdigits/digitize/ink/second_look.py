"""Looks at a picture of one digit again, where the first look has found none, or hardly one.

The first look assumes that a pen is evenly dark, that nothing darker lies beside it, and that lines
are no part of the digit.  Each other look drops one of these assumptions.  What it finds is taken
only if it surely looks like a digit, and is more than a straight line: shadows and folds leave
lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...arrays import Floats
from .contrast import FAINTEST, Seen, inks_of, levelled, thin_ink_of
from .pieces import pieces_of

# Least likeness to a digit, chosen on drawn pictures with and without one: pencils, sketches,
# squares that do not lie flat, shade.
_LEAST = 0.9  # of ink as it is: most remains of noise and shadows have less
_LEAST_CHANGED = 0.95  # of ink made darker or paler, or of a thin pen alone
_LEAST_WITH_LINES = 0.99  # of ink with lines, which may be those of a box
_DARKER = 3  # times: closes more of a hard pencil's gaps than two times, and makes no noise ink
_ROUNDS = 3  # of removing what lies along the edges: behind it there may be more


@dataclass(frozen=True, eq=False)
class Look:
    """A picture's ink, for another look.

    ``least`` is the least likeness to a digit; ``lines`` says whether lines are part of the ink.

    Example:
        >>> *others, last = looks_again(np.ones((60, 60), np.float32), [])
        >>> [look.lines for look in others], last.lines, last.least
        ([False, False, False, False, False], True, 0.99)
    """

    inks: Sequence[Seen]
    least: float
    lines: bool = False


def looks_again(light: Floats, first: Sequence[Seen]) -> Iterator[Look]:
    """Other looks at a picture, the likeliest first.

    Args:
        light: luminance from 0 to 1, (H, W).
        first: the ink that was looked at first.

    Example:
        >>> light = np.full((90, 90), 0.9, np.float32)
        >>> light[80:83], light[20:60, 40:44] = 0.1, 0.6
        >>> [seen] = next(looks_again(light, [])).inks
        >>> float(seen.ink[81].max()), float(seen.ink[40, 42])
        (0.0, 1.0)
    """
    beside = [_without_edges(seen) for seen in inks_of(light, page=True)]
    yield Look(beside, _LEAST)
    # Darker ink closes the gaps of a hard pencil; paler ink loses uneven light and bent lines, for
    # they are paler than a pen.
    yield Look(_darker(beside), _LEAST_CHANGED)
    less = [replace(seen, ink=np.maximum(2 * seen.ink - 1, 0)) for seen in beside]
    yield Look(less, _LEAST_CHANGED)
    thin = [_without_edges(thin_ink_of(seen.dark)) for seen in first]
    yield Look(thin, _LEAST_CHANGED)
    yield Look(_darker(thin), _LEAST_CHANGED)
    yield Look(first, _LEAST_WITH_LINES, lines=True)


def _darker(inks: Sequence[Seen]) -> list[Seen]:
    return [
        replace(seen, ink=np.minimum(_DARKER * seen.ink, 1), contrast=seen.contrast / _DARKER)
        for seen in inks
    ]


def _without_edges(seen: Seen) -> Seen:
    """The ink without dark areas along edges, and without straight lines from edge to edge.

    Beside something darker a pen looks as pale as a shadow, so the rest is levelled again.
    """
    for _ in range(_ROUNDS):
        ink = pieces_of(seen.ink).without_edges().ink
        if ink is seen.ink:
            break
        ink, share = levelled(ink)
        contrast = seen.contrast * share
        if contrast < FAINTEST:
            ink = np.zeros_like(ink)
        seen = replace(seen, ink=ink, contrast=contrast)
    return seen
