"""Random blur, like that of a camera out of focus."""

from __future__ import annotations

import math

from ..graph import Graph
from ..graph.building import INPUT, Expression, GraphBuilder
from .options import check_amount
from .places import one_of_each, some

_MOST = 3.0


def blur(*, sigma: float = 1.0, probability: float = 1.0) -> Graph:
    """Blurs each image by a Gaussian of random width; outside an image is background, 0.

    Neighbouring pixels are mixed several times along each axis, which gives a binomial filter with
    the variance of the Gaussian.

    Args:
        sigma: the largest standard deviation in pixels, at most 3; each image's is drawn uniformly
            from 0 to this.
        probability: the probability that an image is changed.

    Returns:
        From images (N, C, H, W) float32 to such images.

    Example:
        >>> blur(sigma=0.5).inputs
        ('data',)
    """
    check_amount("sigma", sigma, _MOST)
    check_amount("probability", probability, 1)
    build = GraphBuilder()
    x = build.variable(INPUT, "input")
    width = build("_random_uniform_like", one_of_each(x), low=0, high=sigma)
    if probability < 1:
        width = width * some(x, probability)
    # Each neighbour's share is at most a quarter: more would sharpen stripes.
    times = max(1, math.ceil(2 * sigma**2))
    share = build("square", width) * (0.5 / times)
    blurred = x
    for axis in (2, 3):
        for _ in range(times):
            beside = _shifted(blurred, axis, 0) + _shifted(blurred, axis, 2)
            blurred = blurred + (beside - blurred * 2) * share
    return build.graph(blurred)


def _shifted(x: Expression, axis: int, begin: int) -> Expression:
    """Images moved by a pixel: down or to the right if ``begin`` is 0, back if it is 2."""
    build = x.build
    margins = [0] * 8
    margins[2 * axis : 2 * axis + 2] = [1, 1]
    wide = build("Pad", x, mode="constant", pad_width=tuple(margins))
    end = None if begin else -2
    return build("slice_axis", wide, axis=axis, begin=begin, end=end)
