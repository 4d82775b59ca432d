"""The light that falls on the paper of a picture, without what is written on it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..arrays import Doubles, Floats
from .median import median


def plane_of(small: Floats, shape: tuple[int, ...]) -> Floats:
    """The light that falls on the paper, as a plane of a shape: more would bend to follow the ink.

    Least squares, with what lies far from the plane, the ink, left out of the next round.

    Args:
        small: luminance (h, w) of a picture made small.
        shape: height and width of what is returned.

    Example:
        >>> light = np.tile(np.linspace(0.5, 1, 40, dtype=np.float32), (30, 1))
        >>> plane = plane_of(light, (3, 2))
        >>> plane.shape, float(plane[0, 0].round(3)), float(plane[0, 1].round(3))
        ((3, 2), 0.622, 0.878)
    """
    height, width = small.shape
    terms, values = _terms(height, width), small.ravel().astype(np.float64)
    fitted = np.full_like(values, median(values))
    before = np.zeros(len(values), bool)
    weights = np.zeros(3)
    for _ in range(8):
        distance = np.abs(values - fitted)
        near = distance <= max(2.5 * _deviation(distance), 0.03)
        if np.array_equal(near, before):
            break
        at = np.flatnonzero(near)  # a mask would take longer
        weights = _solved(terms.take(at, axis=0), values.take(at))
        fitted, before = terms @ weights, near
    return _drawn(weights, *shape)


def _solved(terms: Doubles, values: Doubles) -> Doubles:
    """Least squares; of planes that are equally near, as of one row of pixels, the flattest."""
    products = terms.T @ terms
    products[np.diag_indices(3)] += 1e-9 * products[0, 0]
    return np.asarray(np.linalg.solve(products, terms.T @ values))


def _grid(height: int, width: int) -> tuple[Doubles, Doubles]:
    """The places of the pixels' centres from -1 to 1: x (1, W) and y (H, 1)."""
    return (2 * np.arange(width)[None] + 1) / width - 1, (
        2 * np.arange(height)[:, None] + 1
    ) / height - 1


@lru_cache(maxsize=64)
def _terms(height: int, width: int) -> Doubles:
    x, y = _grid(height, width)
    each = np.broadcast_arrays(np.ones_like(x), x, y)
    return np.stack([term.ravel() for term in each], axis=1)


def _drawn(weights: Doubles, height: int, width: int) -> Floats:
    x, y = _grid(height, width)
    constant, across, down = weights
    return np.asarray(constant + across * x + down * y, np.float32)


def _deviation(distance: Floats) -> float:
    """The standard deviation of noise, from the median of its distances from its centre."""
    return 1.4826 * median(distance)
