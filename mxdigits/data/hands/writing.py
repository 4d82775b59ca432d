"""Varies a style as hands do: no two digits are alike, because people, pens and moments differ.

What varies: the places of the style's points, the size of its parts, slant, turn and proportions;
the speed of the hand (a quick hand cuts corners, a slow one trembles); the pen, its width and its
pressure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...arrays import Shape
from .curves import Curves, Floats


@dataclass(frozen=True)
class Pen:
    """A kind of pen, and how it writes.

    ``share`` is the share of digits written with it; ``radius`` the range of its radius, where a
    digit is 100 high; ``pressure`` the radius' standard deviation along a stroke, as a share;
    ``lift`` the share by which a stroke may become thinner at its ends; ``grain`` the share of ink
    that may be missing; ``nib`` the index of its shape in ``drawing.py``.

    Example:
        >>> Pen("quill", 0.1, (4, 6), pressure=0.3, lift=0.6).nib
        0
    """

    name: str
    share: float
    radius: tuple[float, float]
    pressure: float
    lift: float
    grain: float = 0.0
    nib: int = 0


PENS = (
    Pen("fine pen", 0.05, (2.6, 4.2), pressure=0.10, lift=0.3),
    Pen("ball pen", 0.28, (4.2, 7.8), pressure=0.10, lift=0.4),
    Pen("pencil", 0.20, (4.5, 7.8), pressure=0.18, lift=0.5, grain=0.45),
    Pen("fountain pen", 0.12, (5.4, 9.0), pressure=0.22, lift=0.5, nib=1),
    Pen("marker", 0.09, (8.3, 12.4), pressure=0.06, lift=0.1),
    Pen("broad marker", 0.06, (8.8, 13.0), pressure=0.05, lift=0.0, nib=2),
    Pen("felt tip, small digit", 0.05, (11.0, 15.0), pressure=0.05, lift=0.0),
    Pen("brush, small digit", 0.04, (15.0, 26.0), pressure=0.1, lift=0.0),
    Pen("finger", 0.11, (6.5, 10.6), pressure=0.03, lift=0.0),
)

# Slants, as pixels to the right for each pixel upwards: (share, mean, deviation).
_SLANTS = (
    (0.52, 0.24, 0.16),  # to the right
    (0.25, 0.02, 0.08),  # upright
    (0.17, -0.2, 0.12),  # to the left
    (0.04, 0.6, 0.12),  # far to the right
    (0.02, -0.45, 0.1),  # far to the left
)
# Widths, relative to the style's own: (share of digits, mean, deviation of the logarithm).
_WIDTHS = ((0.9, 1.0, 0.2), (0.05, 0.6, 0.15), (0.05, 1.6, 0.15))  # usual, narrow, wide

# Lengths are of digits that are 100 high.
_POINT = 2.2  # deviation of a point
_END = 3.8  # deviation of an end of a stroke: ends vary more
_STROKE = 3.0  # deviation of each whole stroke, if a digit has several
_WAVE = 3.2  # deviation of the height of the waves that bend the digit
_TURN = 0.07  # deviation of a digit's turn, in radians
_TREMOR = 0.55  # average deviation by tremor
_THICKEST = 0.18  # largest radius that leaves bowls open, as a share of a digit's width
_TREMBLES = 5  # places between independent values of tremor
_PRESSES = 14  # places between independent values of pressure, which changes more slowly


@dataclass(frozen=True, eq=False)
class Written:
    """Digits of one style, not yet drawn.

    ``places`` (N, S, 2) are the positions of the pen's middle, x to the right and y down; ``radii``
    (N, S) the pen's radius there; ``nib`` (N,) the index of its shape; ``grain`` (N,) the share of
    ink that may be missing.

    Example:
        >>> from mxdigits.data.hands.curves import curves_of
        >>> bar = curves_of("20,0 20,50 20,100", step=2.5)
        >>> write(bar, 3, np.random.default_rng(0)).radii.shape
        (3, 41)
    """

    places: Floats
    radii: Floats
    nib: NDArray[np.int64]
    grain: Floats


def write(
    curves: Curves, count: int, random: np.random.Generator, *, has_bowls: bool = False
) -> Written:
    """Write a style ``count`` times.

    Args:
        curves: the curves of the style.
        count: the number of digits.
        random: the generator for everything that varies.
        has_bowls: whether a thick pen would fill the digit's bowls; then the pen is thinner.

    Example:
        >>> from mxdigits.data.hands.curves import curves_of
        >>> bar = curves_of("20,0 20,50 20,100", step=2.5)
        >>> write(bar, 3, np.random.default_rng(0)).places.shape
        (3, 41, 2)
    """
    points = _leant(_bent(_moved(curves, count, random), random), random)
    flat = points.transpose(1, 0, 2).reshape(len(curves.points), -1)
    exact, quick = (
        (weights @ flat).reshape(-1, count, 2).transpose(1, 0, 2)
        for weights in (curves.exact, curves.quick)
    )
    quickness = random.uniform(0, 1, (count, 1, 1))
    places = exact + quickness * (quick - exact)
    tremor = _TREMOR * random.exponential(1, (count, 1, 1)) * (1.2 - quickness)
    places += tremor * _along(places.shape[1], _TREMBLES, (count, 2), random)
    thickest = _THICKEST * np.ptp(places[:, :, 0], axis=1) if has_bowls else np.full(count, np.inf)
    return _with_pens(curves, places, thickest, random)


def _moved(curves: Curves, count: int, random: np.random.Generator) -> Floats:
    """The points of a style, each moved a little, (N, K, 2), relative to the digit's middle."""
    care = random.uniform(0.4, 1.4, (count, 1, 1))  # one degree of care for all points of a digit
    points = curves.points - np.array([30, 50])
    deviation = np.where(curves.is_end, _END, _POINT)[:, None]
    moved = points + care * deviation * random.standard_normal((count, *points.shape))
    strokes = int(curves.stroke[-1]) + 1
    if strokes > 1:
        apart = care * _STROKE * random.standard_normal((count, strokes, 2))
        moved += apart[:, curves.stroke]
    return np.asarray(moved)


def _bent(points: Floats, random: np.random.Generator) -> Floats:
    """The points bent by waves, and stretched more at one side: above or below, left or right."""
    count = len(points)
    wave = random.uniform(-0.012, 0.012, (count, 1, 2, 2))  # waves per unit of x and of y
    phase = random.uniform(0, 1, (count, 1, 2))
    turns = (points[:, :, None] * wave).sum(axis=-1) + phase
    size = random.normal(0, _WAVE, (count, 1, 2)) / 0.7
    bent = points + size * np.sin(2 * np.pi * turns)
    x, y = np.moveaxis(bent, -1, 0)
    above, beside = random.normal(0, 0.16, (2, count, 1))
    wide = random.normal(0, 0.16, (count, 1))
    y = y + above * (y**2 - 2500) / 100
    x = x * (1 + wide * y / 50) + beside * (x**2 - 900) / 100
    return np.stack([x, y], axis=-1)


def _leant(points: Floats, random: np.random.Generator) -> Floats:
    """The points slanted, made wider or narrower, and turned."""
    count = len(points)
    slant, slants = _chosen(_SLANTS, count, random)
    slant = slant + slants * random.standard_normal((count, 1))
    width, widths = _chosen(_WIDTHS, count, random)
    width = width * np.exp(widths * random.standard_normal((count, 1)))
    turn = random.normal(0, _TURN, (count, 1))
    x, y = np.moveaxis(points, -1, 0)
    x = x * width - slant * y
    return np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], -1)


def _chosen(
    kinds: tuple[tuple[float, float, float], ...], count: int, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Mean and deviation, each (N, 1), of kinds drawn by their shares."""
    shares, means, deviations = (np.array(each) for each in zip(*kinds))
    which = random.choice(len(kinds), (count, 1), p=shares)
    return means[which], deviations[which]


def _with_pens(
    curves: Curves, places: Floats, thickest: Floats, random: np.random.Generator
) -> Written:
    """The places with a pen for each digit; its radius is limited by ``thickest`` (N,)."""
    count, steps, _ = places.shape
    which = random.choice(len(PENS), count, p=[pen.share for pen in PENS])
    low, high = np.array([pen.radius for pen in PENS])[which].T
    pressure, lift, grain = np.array([(pen.pressure, pen.lift, pen.grain) for pen in PENS])[which].T
    radius = np.minimum(random.uniform(low, high), np.maximum(thickest, low / 2))[:, None]
    pressed = pressure[:, None] * _along(steps, _PRESSES, (count,), random)
    lifted = random.uniform(0, 1, (count, 1)) * lift[:, None]
    thinner = lifted * np.exp(-curves.from_end / 10)
    return Written(
        places,
        radius * np.clip((1 + pressed) * (1 - thinner), 0.5, 1.6),
        np.array([pen.nib for pen in PENS])[which],
        grain * random.uniform(0.2, 1, count),
    )


def _along(steps: int, apart: int, shape: Shape, random: np.random.Generator) -> Floats:
    """Smooth noise of deviation about 1 along strokes: (N, steps) or (N, steps, 2)."""
    knots = max(4, steps // apart + 3)
    place = np.linspace(1, knots - 2.001, steps)
    whole = place.astype(int)
    t = place - whole
    weights = np.zeros((steps, knots))  # a uniform B-spline
    parts = ((1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, 1 + 3 * t + 3 * t**2 - 3 * t**3, t**3)
    for offset, part in enumerate(parts):
        weights[np.arange(steps), whole + offset - 1] = part / 6
    noise = random.standard_normal((shape[0], *shape[1:], knots)) @ weights.T / 0.7
    return np.asarray(noise if len(shape) == 1 else noise.swapaxes(1, 2))
