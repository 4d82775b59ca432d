"""Random bends, like those of an unsteady hand."""

from __future__ import annotations

import math

from ..graph import Graph
from ..graph.building import INPUT, Expression, GraphBuilder
from ..values import as_written
from .options import check_amount
from .places import from_middle, sampled, some


def elastic(*, alpha: float = 34.0, sigma: float = 4.0, probability: float = 1.0) -> Graph:
    """Elastic distortions (Simard, Steinkraus and Platt, 2003, Best Practices for CNNs).

    Each pixel is moved to the right and down by random amounts from -1 to 1 that are smoothed by a
    Gaussian and multiplied. So neighbours move alike: lines bend and do not break.

    Args:
        alpha: the factor of the smoothed amounts. With ``sigma: 4`` the pixels of a digit
            move by 0.04 times this on average (root mean square), 1.4 pixels by default.
        sigma: the standard deviation of the Gaussian, in pixels, of at least 0.5.
        probability: the probability that an image is changed.

    Returns:
        From images (N, C, H, W) float32 to such images.

    Example:
        >>> "BilinearSampler" in elastic().operators
        True
    """
    check_amount("alpha", alpha)
    check_amount("sigma", sigma)
    if sigma < 0.5:
        raise ValueError(f"sigma: must be a number of at least 0.5, got {as_written(sigma)}")
    check_amount("probability", probability, 1)
    build = GraphBuilder()
    x = build.variable(INPUT, "input")
    two = build("broadcast_axis", build("slice_axis", x, axis=1, begin=0, end=1), axis=1, size=2)
    draws = build("_random_uniform_like", two, low=-1, high=1)
    (u, last_u), (v, last_v) = from_middle(x, 3), from_middle(x, 2)
    # A two-dimensional Gaussian is a matrix product along each axis.
    across = build("dot", draws, _gaussian(u, sigma))
    turned = build("SwapAxis", across, dim1=2, dim2=3)
    smooth = build("SwapAxis", build("dot", turned, _gaussian(v, sigma)), dim1=2, dim2=3)
    if probability < 1:
        smooth = smooth * some(x, probability)
    by = build("SliceChannel", smooth * alpha, axis=1, num_outputs=2)
    where = build("Concat", (by[0] + u) / last_u, (by[1] + v) / last_v, num_args=2, dim=1)
    return build.graph(sampled(x, where))


def _gaussian(places: Expression, sigma: float) -> Expression:
    """The weights of all pixels of an axis in each smoothed pixel: (n, n)."""
    build = places.build
    row = build("Reshape", places, shape=(1, -1))
    column = build("Reshape", places, shape=(-1, 1))
    squares = build("square", column - row)
    return build("exp", squares * (-0.5 / sigma**2)) * (1 / (sigma * math.sqrt(2 * math.pi)))
