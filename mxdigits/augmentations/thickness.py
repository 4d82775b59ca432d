"""Random thickness of strokes."""

from __future__ import annotations

from ..graph import Graph
from ..graph.building import INPUT, Expression, GraphBuilder
from .options import check_amount
from .places import one_of_each, some


def thickness(*, thicker: float = 0.8, thinner: float = 0.4, probability: float = 1.0) -> Graph:
    """Makes strokes thicker or thinner, by another amount for each image.

    The amount is drawn uniformly between both options. Each image is mixed with one in which every
    pixel is the brightest, or the darkest, of the 3 x 3 pixels around it.

    Args:
        thicker: the largest share of the thickened image, at most 1: strokes gain up to two pixels.
        thinner: the largest share of the thinned image, at most 1: strokes lose up to two pixels.
        probability: the probability that an image is changed.

    Returns:
        From images (N, C, H, W) float32 to such images.

    Example:
        >>> thickness(thicker=1, thinner=0).inputs
        ('data',)
    """
    check_amount("thicker", thicker, 1)
    check_amount("thinner", thinner, 1)
    check_amount("probability", probability, 1)
    build = GraphBuilder()
    x = build.variable(INPUT, "input")
    draws = build("_random_uniform_like", one_of_each(x), low=-thinner, high=thicker)
    if probability < 1:
        draws = draws * some(x, probability)
    brightest, darkest = _brightest(x), -_brightest(-x)
    more, less = (build("relu", each) for each in (draws, -draws))
    return build.graph(x + more * (brightest - x) + less * (darkest - x))


def _brightest(x: Expression) -> Expression:
    """The brightest of the 3 x 3 pixels around each pixel."""
    return x.build("Pooling", x, kernel=(3, 3), stride=(1, 1), pad=(1, 1), pool_type="max")
