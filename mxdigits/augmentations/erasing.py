"""Random rectangles without ink."""

from __future__ import annotations

import math

from ..graph import Graph
from ..graph.building import INPUT, GraphBuilder
from ..values import as_written
from .options import check_amount
from .places import from_middle, one_of_each, rectangle

_SMALLEST = 0.02  # least share of an image


def erasing(*, probability: float = 0.5, area: float = 0.15, ratio: float = 3.0) -> Graph:
    """Random erasing (Zhong et al., 2020): a rectangle of an image becomes background, 0.

    Its middle lies anywhere in the image, so a part of it may lie outside.

    Args:
        probability: the probability that an image loses a rectangle.
        area: the largest share of an image that a rectangle takes; the smallest is 0.02 or, if
            that is less, this.
        ratio: the largest ratio of its sides, at least 1.

    Returns:
        From images (N, C, H, W) float32 to such images.

    Example:
        >>> erasing(probability=1).inputs
        ('data',)
    """
    check_amount("probability", probability, 1)
    check_amount("area", area, 1)
    check_amount("ratio", ratio)
    if ratio < 1:
        raise ValueError(f"ratio: must be a number of at least 1, got {as_written(ratio)}")
    build = GraphBuilder()
    x = build.variable(INPUT, "input")
    each = build("broadcast_axis", one_of_each(x), axis=1, size=5)
    draws = build("SliceChannel", build("_random_uniform_like", each), axis=1, num_outputs=5)
    across, down = from_middle(x, 3), from_middle(x, 2)
    # Areas are shares of the image.
    smallest = min(_SMALLEST, area)
    side = build("sqrt", draws[0] * (area - smallest) + smallest)
    stretch = build("exp", (draws[1] - 0.5) * math.log(ratio))
    covered = rectangle(across, draws[2], side * stretch) * rectangle(
        down, draws[3], side / stretch
    )
    erased = covered * (draws[4] < probability)
    return build.graph(x * (1 - erased))
