"""The ink of a picture of one digit, for a second look where the first has found none.

What is darker than the pen makes it look as pale as a shadow: a table along the picture's edge, a
line of a table from edge to edge.  It is left out, and the rest is ink of its own.
"""

from __future__ import annotations

from dataclasses import replace

from ...arrays import Floats
from .contrast import Seen, inks_of, levelled
from .pieces import pieces_of

LEAST_AGAIN = 0.9  # likeness of what is found: of noise and shadows that are left most has less


def inks_looked_at_again(light: Floats) -> list[Seen]:
    """As ``inks_of``, without what is dark along an edge or a straight line from edge to edge.

    Args:
        light: luminance from 0 to 1, (H, W).

    Example:
        >>> import numpy as np
        >>> light = np.full((90, 90), 0.9, np.float32)
        >>> light[80:83], light[20:60, 40:44] = 0.1, 0.6
        >>> [seen] = inks_looked_at_again(light)
        >>> float(seen.ink[81].max()), float(seen.ink[40, 42])
        (0.0, 1.0)
    """
    return [_beside_lines(seen) for seen in inks_of(light, page=True)]


def _beside_lines(seen: Seen) -> Seen:
    ink = pieces_of(seen.ink).without_folds(level=True).ink
    if ink is seen.ink:
        return seen
    ink, share = levelled(ink)
    return replace(seen, ink=ink, contrast=seen.contrast * share)
