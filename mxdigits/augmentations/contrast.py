"""Random contrast, like that of other light and other ink."""

from __future__ import annotations

from ..graph import Graph
from ..graph.building import INPUT, GraphBuilder
from .options import check_amount
from .places import one_of_each, some


def contrast(*, amount: float = 0.3, probability: float = 1.0) -> Graph:
    """Moves the pixels of each image away from their mean or towards it, within 0 and 1.

    Args:
        amount: at most 1: each pixel's difference from the mean is multiplied by a number that is
            drawn uniformly from ``1 - amount`` to ``1 + amount``.
        probability: the probability that an image is changed.

    Returns:
        From images (N, C, H, W) float32 to such images.

    Example:
        >>> contrast(amount=0.5).inputs
        ('data',)
    """
    check_amount("amount", amount, 1)
    check_amount("probability", probability, 1)
    build = GraphBuilder()
    x = build.variable(INPUT, "input")
    more = build("_random_uniform_like", one_of_each(x), low=-amount, high=amount)
    if probability < 1:
        more = more * some(x, probability)
    mean = build("mean", x, axis=(1, 2, 3), keepdims=True)
    return build.graph(build("clip", x + (x - mean) * more, a_min=0, a_max=1))
