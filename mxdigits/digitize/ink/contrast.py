"""Where the ink is in a picture, and how much: 0 is paper and 1 is ink, in any light.

Three steps, each with a reason to be robust where a fixed threshold is not:

1. polarity: strokes are narrow, so against the mean of their surroundings they stand out to one
   side; the skewness of that difference says to which, in any light. Bold strokes in a close cut
   are not narrow: where the picture's edge says otherwise too, both are tried;
2. light: a plane through the paper takes away what falls off to one side, a bowl what falls off to
   all, and a grey-scale closing (dilation, then erosion), which fills strokes and keeps wide
   shadows, takes away the rest;
3. levels: noise is measured on the paper; of what rises above it, Otsu's threshold (1979) parts
   ink from what is paler, such as the rules of paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from ...arrays import Doubles, Floats, Integers
from ..paper.light import bowl_of, plane_of
from ..pixels.highest import closed, highest_around
from ..pixels.median import median, quantiles
from ..pixels.resizing import reduced, resized

_COARSE = 64  # pixels of the longer side at which light is judged: strokes remain, noise does not
_FINE = 192  # and polarity, for a page of many digits
_AROUND = (4, 16)  # parts of it that are surroundings: of one thick digit, of many in uneven light
_WIDEST, _THIN = 0.4, 0.09  # of the longer side: wider than any stroke, and than one of a thin pen
_NARROW = 3.0  # skewness, beyond which strokes are narrow for sure; bold ones reached 2.7
_SMOOTH = 1  # pixels, of the coarse size: little, for the edge of a shadow is sharp
_UNEVEN = 15  # times the noise at a pixel: what JPEG smooths and dark corners amplify
_GRAINS = (2, 4)  # pixels of a grain of noise; larger grains look like strokes
_LEAST_GRAINS = 80  # of the shorter side: with fewer, strokes would be taken for grains
_STRIP = 1 << 18  # pixels that are looked at together: they stay in the processor's cache
_BINS = 64  # of a histogram of ink
_LEAST_SURE = 4.0  # times the noise: so far from paper ink lies, noise alone does not
FAINTEST = 0.06  # of the paper's light: less contrast is no ink
_EVEN = 0.02  # of the paper's light


@dataclass(frozen=True, eq=False)
class Seen:
    """The ink of a picture, and the light that it was found in.

    ``ink`` is float32 (H, W) from 0 to 1; ``dark`` is the luminance (H, W), in which ink is dark;
    ``contrast`` is how much darker than paper full ink is; ``even`` says whether the paper was
    taken to be as light everywhere.

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
    """The ink of a picture; where polarity is in doubt, of either.

    Args:
        light: luminance from 0 to 1, (H, W); dark ink on light paper or the reverse.
        page: whether what is dark along an edge is none, as where digits are far from filling it.

    Returns:
        The likelier ink, and only where that is in doubt the other too: what is paper then is ink.

    Example:
        >>> light = np.full((60, 60), 0.9, np.float32)
        >>> light[10:50, 28:32] = 0.1
        >>> [seen] = inks_of(light)
        >>> float(seen.ink[30, 30]), float(seen.ink[5, 5])
        (1.0, 0.0)
    """
    return [_ink_of(dark, page) for dark in _dark_on_light(light)]


def thin_ink_of(dark: Floats) -> Seen:
    """The ink of a thin pen alone: what is wider is shadow, however dark and sharp.

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
    # Each is too light where it is wrong: the first at dark edges of the picture, a plane beside a
    # sharp shadow, which it makes a valley of, and at dark corners, which a bowl is made for.
    paper = _filled(small, dark.shape)
    # Of a page the bowl would take in a table about as light, and the edge of its sheet.
    for light in (plane_of(small, dark.shape), None if page else bowl_of(small, dark.shape)):
        if light is not None:
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
    # At the picture's edge the surroundings go on as they are, or end: a digit that is cut close
    # asks for the one, a frame there for the other.
    around = _edge_mean(small, large), _edge_mean(small, fine), _mean_around(small, large)
    surest = max((_skewness(small - each) for each in around), key=abs)
    likelier = light if surest <= 0 else 1 - light
    if abs(surest) < _NARROW and _is_light_at_the_edge(small) == (surest > 0):
        return [likelier, 1 - light if surest <= 0 else light]
    return [likelier]


def _is_light_at_the_edge(small: Floats) -> bool:
    """Whether most of the edge is lighter than the middle between darkest and lightest."""
    edge = np.concatenate([small[0], small[-1], small[1:-1, 0], small[1:-1, -1]])
    middle = (float(small.min()) + float(small.max())) / 2
    return bool(np.count_nonzero(edge > middle) > edge.size / 2)


def _skewness(differences: Doubles) -> float:
    """That of differences from the mean of the surroundings: negative where strokes are dark."""
    squares = differences * differences  # a power would take many times as long
    deviation = float(squares.mean()) ** 0.5
    return float((squares * differences).mean() / max(deviation, 1e-6) ** 3)


def _edge_mean(values: Floats, radius: int) -> Floats:
    """As :func:`_mean_around`, of a picture that goes on outside as it is at its edge."""
    height, width = values.shape
    return np.asarray(_means(height, radius, True) @ values @ _means(width, radius, True).T)


def _mean_around(values: Floats, radius: int) -> Floats:
    """The mean over the square of 2 radius + 1 pixels about each, as far as it goes."""
    height, width = values.shape
    return np.asarray(_means(height, radius, False) @ values @ _means(width, radius, False).T)


@lru_cache(maxsize=64)
def _means(side: int, radius: int, edge: bool) -> Floats:
    """The matrix (side, side) that makes means of the places about each place.

    Of matrices that small a product takes a seventh of the time of cumulative sums.
    """
    at = np.arange(side)
    counted = (np.abs(at[:, None] - at) <= radius).astype(np.float32)
    if edge:  # the first and the last go on outside
        counted[:, 0] += np.maximum(radius - at, 0)
        counted[:, -1] += np.maximum(at + radius + 1 - side, 0)
    return np.asarray(counted / counted.sum(axis=1, keepdims=True))


def _filled(small: Floats, shape: tuple[int, ...]) -> Floats:
    """A small picture with its strokes filled in from the paper around: a closing, smoothed."""
    smooth = _mean_around(closed(small, _window(small)), _SMOOTH)
    height, width = shape
    return resized(smooth, width, height, Image.Resampling.BILINEAR)


def _window(small: Floats, share: float = _WIDEST) -> int:
    """The width of a closing, an odd number of pixels: wider than any stroke."""
    return 2 * int(share * max(small.shape) / 2) + 1


def _going_on_outside(dark: Floats, share: float = _WIDEST) -> Floats:
    """Light of which what is dark at the edge is a part: a corner in the dark, a table, a thing.

    It is filled in as by :func:`_filled`, in a picture that goes on outside as it is at its edge.
    There what lies at the edge is wide, and no stroke.
    """
    small = reduced(dark, _FINE)
    window = _window(small, share)
    wide = closed(np.pad(small, window, mode="edge"), window)
    # Darker by a pixel than smoothed: beside what is dark no rim is left, which would look inked.
    inner = -highest_around(-wide[window:-window, window:-window], 3)
    height, width = dark.shape
    return resized(inner, width, height, Image.Resampling.BILINEAR)


def levelled(ink: Floats) -> tuple[Floats, float]:
    """Paper to 0 and ink to 1, and what was 1; all 0 where there is nothing but paper.

    Example:
        >>> ink = np.zeros((60, 60), np.float32)
        >>> ink[20:40, 30:34] = 0.25
        >>> made, full = levelled(ink)
        >>> float(made[30, 31]), full
        (1.0, 0.25)
    """
    # The paper is the lighter quarter: ink may cover more than half of a close cut. Its spread is
    # noise, unless the picture is smooth: then it is soft ink.
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
    # What rises no higher is the outermost values of noise alone.
    if full - paper < _LEAST_SURE * max(noise, pixel_noise, _coarse_noise(ink)):
        return np.zeros_like(ink), 0.0
    made = (ink - floor) / (full - floor)
    return np.minimum(np.maximum(made, 0, out=made), 1, out=made), full


def _coarse_noise(ink: Floats) -> float:
    """The highest standard deviation of noise that has a grain of two pixels or four, as cloth."""
    sides = [
        max(ink.shape) // grain for grain in _GRAINS if min(ink.shape) >= grain * _LEAST_GRAINS
    ]
    return max((_noise(reduced(ink, side)) for side in sides), default=0.0)


def _noise(values: Floats) -> float:
    """The standard deviation of the noise, by a mask that no slope or curve of the light moves.

    The mask is that of Immerkaer, "Fast noise variance estimation" (1996); the median leaves
    strokes out of it.
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
    return 1.4826 / 6 * median(np.abs(both, out=both))


def _otsu(values: Floats) -> float:
    """The threshold that parts values into two classes of the least variance (Otsu, 1979)."""
    low, high = values.min(), values.max()
    if high - low <= _BINS * np.spacing(high):  # no bins are as narrow as that
        return float(low)
    edges = np.linspace(low, high, _BINS + 1, dtype=values.dtype)
    counts = _histogram(values, edges)
    centres = (edges[1:] + edges[:-1]) / 2
    sums = (counts * centres).cumsum()
    # The least is in the first bin and the greatest in the last one, so nothing is divided by 0.
    below, lower, all_ = counts.cumsum()[:-1], sums[:-1], sums[-1]
    above = len(values) - below
    between = below * above * (lower / below - (all_ - lower) / above) ** 2
    return float(edges[1 + between.argmax()])


def _histogram(values: Floats, edges: Floats) -> Integers:
    """How many values lie between each two edges, evenly apart from the least to the greatest.

    As np.histogram has it, which takes twice as long for the ink of a drawing.
    """
    low, high = edges[0], edges[-1]
    bins = np.minimum(((values - low) * (_BINS / (high - low))).astype(np.int64), _BINS - 1)
    bins -= values < edges[bins]  # the quotient is rounded
    bins += (values >= edges[bins + 1]) & (bins < _BINS - 1)
    return np.bincount(bins, minlength=_BINS)
