"""The light that falls on the paper of a picture, without what is written on it."""

from __future__ import annotations

from functools import lru_cache
from typing import Optional

import numpy as np

from ...arrays import Doubles, Floats, Shape
from ..pixels.median import median

_PLANE = 3  # terms of a plane
_BOWL = 6  # terms of a surface of degree two
_ROUNDS = 8  # of fitting, at most
# Curvature, in luminance per square of half a side.
_LEAST_FALLING = 0.05  # least by which a bowl falls off along one line
_MOST_RISING = 0.02  # most by which it rises along any other line
_MOST_BESIDE = 0.027  # of the light: most deviation from a bowl; shadows have more
_EVEN = 0.005  # luminance: most deviation of light that falls off to no side; a bowl has 0.015


def plane_of(small: Floats, shape: Shape) -> Floats:
    """The light on the paper as a plane of a shape: a surface with more terms would follow the ink.

    It is fitted by least squares; what lies far from the plane, the ink, is left out of the next
    round.

    Args:
        small: luminance (h, w) of a picture made small.
        shape: height and width of what is returned.

    Example:
        >>> light = np.tile(np.linspace(0.5, 1, 40, dtype=np.float32), (30, 1))
        >>> plane = plane_of(light, (3, 2))
        >>> plane.shape, round(float(plane[0, 0]), 3), round(float(plane[0, 1]), 3)
        ((3, 2), 0.622, 0.878)
    """
    return _drawn(_fitted(small, _PLANE), *shape)


def bowl_of(small: Floats, shape: Shape) -> Optional[Floats]:
    """The light as a surface that falls off to all sides; None where it does not.

    Light falls off like this under a lamp, and at the dark corners of a photograph.  A surface bent
    the other way would follow the ink, which is most often in the middle.

    Args:
        small: luminance (h, w) of a picture made small.
        shape: height and width of what is returned.

    Example:
        >>> away = np.linspace(-1, 1, 40, dtype=np.float32) ** 2
        >>> light = 1 - 0.2 * away - 0.2 * away[:, None]
        >>> bowl = bowl_of(light, (3, 3))
        >>> round(float(bowl[1, 1]), 2), round(float(bowl[0, 0]), 2), bowl_of(1 - light, (3, 3))
        (1.0, 0.81, None)
    """
    if _deviation(np.abs(small - median(small.ravel())).ravel()) < _EVEN:
        return None
    weights = _fitted(small, _BOWL)
    _, _, _, across, askew, down = weights
    middle, apart = across + down, float(np.hypot(across - down, askew))
    if middle + apart > _MOST_RISING or middle - apart > -_LEAST_FALLING:
        return None
    beside = _deviation(np.abs(small - _drawn(weights, *small.shape)).ravel())
    return _drawn(weights, *shape) if beside <= _MOST_BESIDE * median(small.ravel()) else None


def _fitted(small: Floats, count: int) -> Doubles:
    """The weights of so many terms that fit most of a picture best, without the ink."""
    height, width = small.shape
    terms, values = _terms(height, width, count), small.ravel().astype(np.float64)
    fitted = np.full_like(values, median(values))
    before = np.zeros(len(values), bool)
    weights = np.zeros(count)
    for _ in range(_ROUNDS):
        distance = np.abs(values - fitted)
        near = distance <= max(2.5 * _deviation(distance), 0.03)
        if np.array_equal(near, before):
            break
        at = np.flatnonzero(near)  # a mask would take longer
        weights = _solved(terms.take(at, axis=0), values.take(at))
        fitted, before = terms @ weights, near
    return weights


def _solved(terms: Doubles, values: Doubles) -> Doubles:
    """Least squares; if several fit equally, as planes fit one row of pixels, the flattest."""
    products = terms.T @ terms
    products.flat[:: len(products) + 1] += 1e-9 * products[0, 0]  # on the diagonal
    return np.asarray(np.linalg.solve(products, terms.T @ values))


def _grid(height: int, width: int) -> tuple[Doubles, Doubles]:
    """The places of the pixels' centres from -1 to 1: x (1, W) and y (H, 1)."""
    return (2 * np.arange(width)[None] + 1) / width - 1, (
        2 * np.arange(height)[:, None] + 1
    ) / height - 1


@lru_cache(maxsize=64)
def _terms(height: int, width: int, count: int) -> Doubles:
    """The terms whose weighted sum is a plane, (H * W, 3), or a bowl, (H * W, 6)."""
    x, y = _grid(height, width)
    each = np.broadcast_arrays(np.ones_like(x), x, y, x * x, x * y, y * y)
    return np.stack([term.ravel() for term in each[:count]], axis=1)


def _drawn(weights: Doubles, height: int, width: int) -> Floats:
    x, y = _grid(height, width)
    drawn = np.empty((height, width), np.float32)
    across, down = weights[0] + weights[1] * x, weights[2] * y
    if len(weights) == _PLANE:  # summed as float64, and rounded once, without an array of float64
        return np.add(across, down, out=drawn, casting="same_kind")
    bowl = across + down + weights[3] * (x * x) + weights[4] * (x * y)
    return np.add(bowl, weights[5] * (y * y), out=drawn, casting="same_kind")


def _deviation(distance: Floats) -> float:
    """The standard deviation of noise, from the median of its distances from its centre."""
    return 1.4826 * median(distance)
