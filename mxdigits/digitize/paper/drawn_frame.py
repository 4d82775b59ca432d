"""Tells a frame that is drawn or printed from the faint edge of a sheet."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ...arrays import Doubles, Floats

_ACROSS = 5.0  # pixels of the small copy on both sides of an edge that are looked at
_WITHIN = 2.5  # of them: those nearest to the edge, among which a drawn line lies
_DRAWN = 0.15  # of the paper's light: a line is darker than paper by more


def is_drawn(light: Floats, sides: Iterable[tuple[Doubles, Doubles]], scale: Doubles) -> bool:
    """Whether there is a dark line along every side of a quadrilateral.

    In the small copy in which sheets are looked for, a thin line is as faint as an edge.  In the
    picture itself a drawn line is dark on all sides; the edges of a sheet that face the light are
    not.

    Args:
        light: of the picture, (H, W).
        sides: for each, places (n, 2) along it in the small copy, and the direction outwards (2,).
        scale: pixels of the picture to a pixel of the small copy, across and down.

    Example:
        >>> light = np.ones((100, 100), np.float32)
        >>> top = np.stack([np.arange(10.0, 20), np.full(10, 12.0)], axis=1), np.array([0.0, -1])
        >>> is_drawn(light, [top], np.array([4.0, 4.0]))
        False
        >>> light[47:50] = 0.3
        >>> is_drawn(light, [top], np.array([4.0, 4.0]))
        True
    """
    ends = np.array(light.shape[::-1]) - 1
    step = 1 / float(scale.max())
    far = np.arange(-_ACROSS, _ACROSS + step, step)
    for places, outwards in sides:
        at = (places + far[:, None, None] * outwards) * scale
        columns, rows = np.moveaxis(at.astype(np.int64).clip(0, ends), -1, 0)
        seen = light[rows, columns]
        paper = np.maximum(np.median(seen, axis=0), 0.05)
        line = seen[np.abs(far) <= _WITHIN].min(axis=0)
        if np.median(1 - line / paper) <= _DRAWN:
            return False
    return True
