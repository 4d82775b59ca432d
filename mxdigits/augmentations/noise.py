"""Random grain."""

from __future__ import annotations

from ..graph import Graph
from ..graph.building import INPUT, GraphBuilder
from .options import check_amount
from .places import one_of_each


def noise(*, amount: float = 0.1) -> Graph:
    """Adds Gaussian noise to each pixel, and keeps them from 0 to 1.

    Args:
        amount: the largest standard deviation, where 1 is from black to white; each image's is
            drawn uniformly from 0 to this.

    Returns:
        From images (N, C, H, W) float32 to such images.

    Example:
        >>> noise(amount=0.2).inputs
        ('data',)
    """
    check_amount("amount", amount)
    build = GraphBuilder()
    x = build.variable(INPUT, "input")
    deviation = build("_random_uniform_like", one_of_each(x), low=0, high=amount)
    grain = build("_random_normal_like", x) * deviation
    return build.graph(build("clip", x + grain, a_min=0, a_max=1))
