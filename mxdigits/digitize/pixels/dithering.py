"""Makes grey of the dots of a dithered picture, as fax machines and scanners of one bit draw it."""

from __future__ import annotations

import numpy as np

from ...arrays import Floats

# Of all pixels: least share of those that differ from all four neighbours. Of drawn pages in two
# levels, 0.08 to 0.6 do if they are dithered, and at most 0.01 if not.
_DOTS = 0.05
_SIDE = 4  # pixels: the dots of ordered dither come again after so many
_LEAST_SIDE = 60  # pixels of the longer side: smaller pictures are drawn pixel by pixel
_EVERY = 8  # pixels: most pictures have a third level in a row and column of so many


def without_dither(light: Floats) -> Floats:
    """The light of a picture, smoothed if it is of two levels and dithered.

    Args:
        light: luminance from 0 to 1, (H, W).

    Example:
        >>> dots = np.indices((60, 60)).sum(axis=0) % 2
        >>> grey = without_dither(dots.astype(np.float32))
        >>> float(grey[30, 30])
        0.5
    """
    return _smoothed(_smoothed(light)) if _is_dithered(light) else light


def _is_dithered(light: Floats) -> bool:
    if max(light.shape) < _LEAST_SIDE:
        return False
    for some in (light[::_EVERY, ::_EVERY], light):  # the first answers for most pictures
        low, high = some.min(), some.max()
        if ((some != low) & (some != high)).any():
            return False
    dark = light == low
    inside = dark[1:-1, 1:-1]
    dots = (inside != dark[:-2, 1:-1]) & (inside != dark[2:, 1:-1])
    dots &= (inside != dark[1:-1, :-2]) & (inside != dark[1:-1, 2:])
    return bool(np.count_nonzero(dots) >= _DOTS * light.size)


def _smoothed(light: Floats) -> Floats:
    """The mean of a square around each pixel."""
    before = _SIDE // 2
    wide = np.pad(light.astype(np.float64), (before, _SIDE - 1 - before), mode="edge")
    sums = np.pad(wide.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    whole = sums[_SIDE:, _SIDE:] - sums[:-_SIDE, _SIDE:] - sums[_SIDE:, :-_SIDE]
    mean = (whole + sums[:-_SIDE, :-_SIDE]) / _SIDE**2
    return np.asarray(mean.clip(light.min(), light.max()), np.float32)
