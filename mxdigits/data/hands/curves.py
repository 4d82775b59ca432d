"""Strokes as curves: every point of a curve is a weighted sum of the points it passes through.

So one matrix product gives the curves of a whole batch of digits, each with its points moved in its
own way.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_FINE = 24  # places between two points, to interpolate places at equal distances from
_ROUNDING = 7.0  # where a digit is 100 high: how far from a corner a quick hand leaves the line


@dataclass(frozen=True, eq=False)
class Curves:
    """The strokes of a style.

    ``points`` (K, 2) are those of the table; ``stroke`` (K,) is the number of each point's stroke,
    and ``is_end`` (K,) whether the stroke begins or ends there. ``exact`` and ``quick`` (S, K),
    times the points, give S places along the strokes, as a careful and as a quick hand leads the
    pen; ``from_end`` (S,) is each place's distance along its stroke to the nearer end.

    Example:
        >>> bar = curves_of("20,0 20,50 20,100", step=25.0)
        >>> bar.points.shape, bar.exact.shape
        ((3, 2), (5, 3))
    """

    points: Floats
    stroke: NDArray[np.int64]
    is_end: NDArray[np.bool_]
    exact: Floats
    quick: Floats
    from_end: Floats


@lru_cache(maxsize=1024)
def curves_of(strokes: str, step: float) -> Curves:
    """The curves of a style's strokes.

    Args:
        strokes: in the notation of the table of styles.
        step: the distance between two places along a stroke, where a digit is 100 high.

    Example:
        >>> bar = curves_of("20,0 20,50 20,100", step=25.0)
        >>> (bar.exact @ bar.points).round().tolist()
        [[20.0, 0.0], [20.0, 25.0], [20.0, 50.0], [20.0, 75.0], [20.0, 100.0]]
    """
    parsed = [_parsed(stroke) for stroke in strokes.split("/")]
    points = np.concatenate([points for points, _ in parsed])
    exact, quick, from_end, first = [], [], [], 0
    for of_stroke, corners in parsed:
        weights, way = _along(of_stroke, corners, step)
        whole = np.zeros((2, len(weights), len(points)))
        whole[:, :, first : first + len(of_stroke)] = weights, _rounded(weights, way)
        exact.append(whole[0])
        quick.append(whole[1])
        from_end.append(np.minimum(way, way[-1] - way))
        first += len(of_stroke)
    lengths = [len(points) for points, _ in parsed]
    ends = np.cumsum(lengths)
    is_end = np.zeros(len(points), bool)
    is_end[ends - 1] = is_end[ends - lengths] = True
    return Curves(
        points,
        np.repeat(np.arange(len(parsed)), lengths),
        is_end,
        np.concatenate(exact),
        np.concatenate(quick),
        np.concatenate(from_end),
    )


def _parsed(stroke: str) -> tuple[NDArray[np.float64], list[int]]:
    """The points of a stroke (K, 2), and the indices of those that are corners."""
    written = stroke.split()
    points = [[float(number) for number in each.rstrip("*").split(",")] for each in written]
    return np.array(points), [i for i, each in enumerate(written) if each.endswith("*")]


def _along(
    points: NDArray[np.float64], corners: list[int], step: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights (S, K) of equally distant places along a stroke, and the length up to each (S,)."""
    ends = [0, *corners, len(points) - 1]
    fine = [np.eye(len(points))[:1]]
    for first, last in zip(ends, ends[1:]):
        weights = np.zeros(((last - first) * _FINE, len(points)))
        weights[:, first : last + 1] = _spline(points[first : last + 1])
        fine.append(weights)
    weights = np.concatenate(fine)
    way = _way(weights @ points)
    places = np.linspace(0, way[-1], max(2, int(np.ceil(way[-1] / step)) + 1))
    columns = [np.interp(places, way, column) for column in weights.T]
    return np.stack(columns, axis=1), places


def _way(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """The length of a line (S, 2) up to each of its places."""
    steps = np.hypot(*np.diff(places, axis=0).T)
    return np.concatenate([[0.0], np.cumsum(steps)])


def _spline(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights ((K - 1) * fine, K) of a smooth curve through points, without its first place.

    It is cubic between two points; its slope at each is that of the parabola through the point and
    its neighbours. Its parameter is the square root of the distance (a centripetal spline), so it
    has neither loops nor cusps.
    """
    count = len(points)
    unit = np.eye(count)
    knots = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T) ** 0.5)])
    gaps = np.diff(knots)
    chords = np.diff(unit, axis=0) / gaps[:, None]
    slopes = np.empty((count, count))
    slopes[1:-1] = (gaps[1:, None] * chords[:-1] + gaps[:-1, None] * chords[1:]) / (
        gaps[1:] + gaps[:-1]
    )[:, None]
    inner = slopes[[1, -2]] if count > 2 else chords[[0, -1]]
    slopes[[0, -1]] = 1.5 * chords[[0, -1]] - 0.5 * inner
    t = (np.arange(_FINE) + 1.0)[None, :, None] / _FINE
    start, end = unit[:-1, None], unit[1:, None]
    begins, leaves = (gaps[:, None] * slopes[:-1])[:, None], (gaps[:, None] * slopes[1:])[:, None]
    curve = (
        (2 * t**3 - 3 * t**2 + 1) * start
        + (t**3 - 2 * t**2 + t) * begins
        + (3 * t**2 - 2 * t**3) * end
        + (t**3 - t**2) * leaves
    )
    return np.asarray(curve.reshape(-1, count))


def _rounded(weights: NDArray[np.float64], way: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights of a stroke with rounded corners: each place is a mean of the places around it.

    The ends stay in place, because the reach of the mean shrinks towards them.
    """
    reach = np.minimum(np.minimum(way, way[-1] - way), _ROUNDING) + 1e-3
    near = np.exp(-0.5 * ((way[:, None] - way) / reach[:, None]) ** 2)
    return np.asarray((near / near.sum(axis=1, keepdims=True)) @ weights)
