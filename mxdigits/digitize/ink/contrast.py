"""Where the ink is in a picture, and how much: 0 is paper and 1 is ink, in any light.

Three steps, each robust where a fixed threshold is not:

1. polarity: strokes are narrow, so they differ from the mean of their surroundings in one
   direction; the skewness of that difference tells whether they are dark or light. Bold strokes
   in a close crop are not narrow: if the picture's edge contradicts the skewness, both are tried;
2. light: a plane fitted to the paper removes light that falls off to one side, a bowl light that
   falls off to all sides, and a grey-scale closing (dilation, then erosion), which fills strokes
   and keeps wide shadows, removes the rest;
3. levels: noise is measured on the paper; of what rises above it, Otsu's threshold (1979)
   separates ink from paler marks, such as the rules of paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from ...arrays import Bools, Floats, Integers, Shape
from ..paper.light import bowl_of, plane_of
from ..pixels.highest import closed, highest_around
from ..pixels.median import median, quantiles
from ..pixels.resizing import reduced, resized

_COARSE = 64  # pixels of the longer side at which light is judged: strokes remain, noise does not
_FINE = 192  # pixels of the longer side at which polarity is judged: a page has many digits
# The radius of the surroundings is the longer side divided by these: for one thick digit, and for
# many digits in uneven light.
_AROUND = (4, 16)
_WIDEST = 0.4  # of the longer side: wider than any stroke
_THIN = 0.09  # of the longer side: wider than any stroke of a thin pen
_NARROW = 3.0  # skewness: with more, the strokes are surely narrow; with bold ones it reached 2.7
_SMOOTH = 1  # radius in pixels at the coarse size: small, for the edge of a shadow is sharp
_UNEVEN = 15  # times the noise at a pixel: most noise of paper, as JPEG and dark corners make it
_GRAINS = (2, 4)  # pixels: widths of a grain of noise; larger grains look like strokes
_LEAST_GRAINS = 80  # least shorter side, in grains: with fewer, strokes are taken for grains
_STRIP = 1 << 18  # pixels that are processed together: they stay in the processor's cache
_BINS = 64  # of a histogram of ink
_LEAST_SURE = 4.0  # times the noise: least contrast of ink; noise alone has less
FAINTEST = 0.06  # of the paper's light: least contrast of ink
_EVEN = 0.02  # of the paper's light: its largest difference on evenly lit paper


@dataclass(frozen=True, eq=False)
class Seen:
    """The ink of a picture, and the light that it was found in.

    ``ink`` is float32 (H, W) from 0 to 1; ``dark`` is the luminance (H, W), in which ink is dark;
    ``contrast`` is how much darker than paper full ink is, as a share of the paper's light;
    ``even`` says whether the paper was taken to be equally light everywhere.

    Example:
        >>> [seen] = inks_of(np.ones((60, 60), np.float32))
        >>> float(seen.ink.max()), seen.even
        (0.0, True)
    """

    ink: Floats
    dark: Floats
    contrast: float
    even: bool


def inks_of(light: Floats, page: bool = False) -> list[Seen]:
    """The ink of a picture; of both polarities if it is in doubt which is right.

    Args:
        light: luminance from 0 to 1, (H, W); dark ink on light paper or the reverse.
        page: whether dark areas along the edges are no ink, for digits do not fill the picture.

    Returns:
        The likelier ink and, only if it is in doubt, the other: with paper and ink exchanged.

    Example:
        >>> light = np.full((60, 60), 0.9, np.float32)
        >>> light[10:50, 28:32] = 0.1
        >>> [seen] = inks_of(light)
        >>> float(seen.ink[30, 30]), float(seen.ink[5, 5])
        (1.0, 0.0)
    """
    return [_ink_of(dark, page) for dark in _dark_on_light(light)]


def thin_ink_of(dark: Floats) -> Seen:
    """Only the ink of a thin pen: what is wider is shadow, however dark and sharp.

    Args:
        dark: luminance from 0 to 1, (H, W), in which ink is dark.

    Example:
        >>> light = np.full((200, 200), 0.9, np.float32)
        >>> light[:, :120] = 0.4
        >>> light[20:180, 60:64] *= 0.7
        >>> seen = thin_ink_of(light)
        >>> float(seen.ink[100, 61]), float(seen.ink[100, 20])
        (1.0, 0.0)
    """
    return _seen(dark, _going_on_outside(dark, _THIN))


def _ink_of(dark: Floats, page: bool) -> Seen:
    small = reduced(dark, _COARSE)
    # The darkest estimate of the paper counts, for each is too light where it is wrong: the closing
    # at dark edges of the picture, the plane beside a sharp shadow and at dark corners; a bowl fits
    # dark corners.
    paper = _filled(small, dark.shape)
    # A page gets no bowl: it would include a table about as light, and the sheet's edge.
    for light in (plane_of(small, dark.shape), None if page else bowl_of(small, dark.shape)):
        if light is not None and not (light == 1).all():  # white light changes nothing
            light = np.maximum(light, 0.05)
            paper = np.minimum(paper, light * _filled(reduced(dark / light, _COARSE), dark.shape))
    if page:
        paper = np.minimum(paper, _going_on_outside(dark))
    return _seen(dark, paper)


def _seen(dark: Floats, paper: Floats) -> Seen:
    darker = np.maximum(paper, 0.05)
    np.subtract(1, np.divide(dark, darker, out=darker), out=darker)
    ink, contrast = levelled(darker)
    lightest = paper.max()
    even = bool(lightest - paper.min() <= _EVEN * lightest)
    return Seen(ink, dark, contrast, even)


def _dark_on_light(light: Floats) -> list[Floats]:
    """The picture with its ink dark: the likelier first, then the other if that is in doubt."""
    small = reduced(light, _FINE)
    large, fine = (max(1, max(small.shape) // share) for share in _AROUND)
    # What is as light as the corner adds nothing to the sums: a drawing needs few of them.
    beyond = small - small[0, 0]
    rows, columns = (_from_first_to_last(beyond.any(axis=axis)) for axis in (1, 0))
    part = beyond[rows, columns]

    def mean(radius: int, edge: bool) -> Floats:
        down, across = (_means(side, radius, edge=edge) for side in small.shape)
        return np.asarray(down[:, rows] @ part @ across[:, columns].T)

    # At the picture's edge the surroundings are either repeated outside or end: the first suits a
    # close crop of a digit, the second a frame at the edge.
    around = mean(large, edge=True), mean(fine, edge=True), mean(large, edge=False)
    surest = max((_skewness(beyond - each) for each in around), key=abs)
    likelier = light if surest <= 0 else 1 - light
    if 0 < abs(surest) < _NARROW and _is_light_at_the_edge(small) == (surest > 0):
        return [likelier, 1 - light if surest <= 0 else light]
    return [likelier]


def _is_light_at_the_edge(small: Floats) -> bool:
    """Whether most of the edge is lighter than the middle between darkest and lightest."""
    edge = np.concatenate([small[0], small[-1], small[1:-1, 0], small[1:-1, -1]])
    middle = (float(small.min()) + float(small.max())) / 2
    return bool(np.count_nonzero(edge > middle) > edge.size / 2)


def _from_first_to_last(some: Bools) -> slice:
    """From the first to the last that is set, of one or more."""
    at = np.flatnonzero(some)
    return slice(int(at[0]), int(at[-1]) + 1) if len(at) else slice(0, 1)


def _skewness(differences: Floats) -> float:
    """The skewness of differences from the surroundings' mean: negative if strokes are dark."""
    each = differences.ravel()
    squares = each * each  # a power would take many times as long
    square, cube = float(each @ each) / each.size, float(squares @ each) / each.size
    return cube / max(float(np.sqrt(square)), 1e-6) ** 3


def _mean_around(values: Floats, radius: int) -> Floats:
    """The mean over the square of 2 radius + 1 pixels about each, without what is outside."""
    height, width = values.shape
    return np.asarray(
        _means(height, radius, edge=False) @ values @ _means(width, radius, edge=False).T
    )


@lru_cache(maxsize=64)
def _means(side: int, radius: int, *, edge: bool) -> Floats:
    """The matrix (side, side) that averages the places within ``radius`` of each place.

    With matrices this small a product takes a seventh of the time of cumulative sums.
    """
    at = np.arange(side)
    counted = (np.abs(at[:, None] - at) <= radius).astype(np.float32)
    if edge:  # the first and the last place are repeated outside
        counted[:, 0] += np.maximum(radius - at, 0)
        counted[:, -1] += np.maximum(at + radius + 1 - side, 0)
    return np.asarray(counted / counted.sum(axis=1, keepdims=True))


def _filled(small: Floats, shape: Shape) -> Floats:
    """A small picture with its strokes filled in from the paper around: a closing, smoothed."""
    smooth = _mean_around(closed(small, _window(small)), _SMOOTH)
    height, width = shape
    return resized(smooth, width, height, Image.Resampling.BILINEAR)


def _window(small: Floats, share: float = _WIDEST) -> int:
    """The width of a closing, an odd number of pixels: wider than any stroke."""
    return 2 * int(share * max(small.shape) / 2) + 1


def _going_on_outside(dark: Floats, share: float = _WIDEST) -> Floats:
    """The paper's light, of which dark areas at the edge are part: a dark corner, a table, a thing.

    It is filled in as by :func:`_filled`, with the picture's edge repeated outside of it. So what
    lies at the edge is wide, and no stroke.
    """
    small = reduced(dark, _FINE)
    window = _window(small, share)
    wide = closed(np.pad(small, window, mode="edge"), window)
    # Dark areas are widened by a pixel, not smoothed: else a rim beside them would look inked.
    inner = -highest_around(-wide[window:-window, window:-window], 3)
    height, width = dark.shape
    return resized(inner, width, height, Image.Resampling.BILINEAR)


def levelled(ink: Floats) -> tuple[Floats, float]:
    """The ink scaled to 0 (paper) and 1 (full ink), and the value that became 1; all 0 if none.

    Example:
        >>> ink = np.zeros((60, 60), np.float32)
        >>> ink[20:40, 30:34] = 0.25
        >>> made, full = levelled(ink)
        >>> float(made[30, 31]), full
        (1.0, 0.25)
    """
    # The paper is the lighter quarter: ink may cover more than half of a close crop. The quarter's
    # spread is noise, unless the picture is smooth: then the spread is soft ink.
    lightest, lighter = quantiles(ink, [0.05, 0.25])
    darkest = float(ink.max())
    pixel_noise = _noise(ink)
    noise = min((lighter - lightest) / 0.971, _UNEVEN * pixel_noise)
    paper = lighter + 0.674 * noise
    contrast = darkest - paper
    if contrast < max(5 * noise, FAINTEST):
        return np.zeros_like(ink), 0.0
    floor = paper + min(3 * noise + FAINTEST / 3, 0.2 * contrast)
    seen = ink[ink > paper + min(max(6 * noise, FAINTEST), 0.4 * contrast)]
    full = median(seen[seen >= _otsu(seen)])
    # A contrast this low is only that of the highest values of noise.
    if full - paper < _LEAST_SURE * max(noise, pixel_noise, _coarse_noise(ink)):
        return np.zeros_like(ink), 0.0
    made = (ink - floor) / (full - floor)
    return np.minimum(np.maximum(made, 0, out=made), 1, out=made), full


def _coarse_noise(ink: Floats) -> float:
    """The higher standard deviation of noise with grains of two and of four pixels, as in cloth."""
    sides = [
        max(ink.shape) // grain for grain in _GRAINS if min(ink.shape) >= grain * _LEAST_GRAINS
    ]
    return max((_noise(reduced(ink, side)) for side in sides), default=0.0)


def _noise(values: Floats) -> float:
    """The standard deviation of the noise, by a mask that ignores slopes and curves of the light.

    The mask is that of Immerkaer, "Fast noise variance estimation" (1996); the median ignores
    strokes.
    """
    if min(values.shape) < 3:
        return 0.0
    height, width = values.shape
    both = np.empty((height - 2, width - 2), values.dtype)
    strip = max(1, _STRIP // width)
    for at in range(0, height - 2, strip):
        part = values[at : at + strip + 2]
        rows = part[:-2] - 2 * part[1:-1] + part[2:]
        both[at : at + strip] = rows[:, :-2] - 2 * rows[:, 1:-1] + rows[:, 2:]
    if 2 * np.count_nonzero(both) < both.size:  # as in a drawing: the median is 0
        return 0.0
    return 1.4826 / 6 * median(np.abs(both, out=both))


def _otsu(values: Floats) -> float:
    """The threshold that splits values into two classes of the least variance (Otsu, 1979)."""
    low, high = values.min(), values.max()
    if high - low <= _BINS * np.spacing(high):  # too narrow a range for bins
        return float(low)
    edges = np.linspace(low, high, _BINS + 1, dtype=values.dtype)
    counts = _histogram(values, edges)
    centres = (edges[1:] + edges[:-1]) / 2
    sums = (counts * centres).cumsum()
    # The first bin holds the least value, the last the greatest, so nothing is divided by 0.
    below, lower, all_ = counts.cumsum()[:-1], sums[:-1], sums[-1]
    above = len(values) - below
    between = below * above * (lower / below - (all_ - lower) / above) ** 2
    return float(edges[1 + between.argmax()])


def _histogram(values: Floats, edges: Floats) -> Integers:
    """How many values lie in each bin; the edges go evenly from the least value to the greatest.

    The result is that of np.histogram, which takes twice as long for the ink of a drawing.
    """
    low, high = edges[0], edges[-1]
    bins = np.minimum(((values - low) * (_BINS / (high - low))).astype(np.int64), _BINS - 1)
    bins -= values < edges[bins]  # corrects what the rounded quotient misses
    bins += (values >= edges[bins + 1]) & (bins < _BINS - 1)
    return np.bincount(bins, minlength=_BINS)
