"""Mixes two images of a batch, and their labels in the same way.

Each image is mixed with the image at its place counted from the end of the batch, which is in
random order. The image itself keeps the larger share, so that an epoch's loss and accuracy refer to
its label.
"""

from __future__ import annotations

import math

from ..graph import Graph
from ..graph.building import INPUT, TARGETS, Expression, GraphBuilder
from ..values import as_written
from .options import check_amount
from .places import from_middle, one_of_each, rectangle, some

_TINY = 1e-20  # keeps a quotient of two vanishing numbers finite


def mixup(*, alpha: float = 0.2, probability: float = 1.0) -> Graph:
    """Adds another image to each, and its label (Zhang et al., 2018, mixup).

    Args:
        alpha: above 0; shares are drawn from Beta(alpha, alpha): the smaller alpha, the less is
            mixed.
        probability: the probability that an image is mixed.

    Returns:
        From images (N, C, H, W) float32 and targets (N, classes) to both.

    Example:
        >>> mixup(alpha=0.4).inputs
        ('data', 'targets')
    """
    _check_alpha(alpha)
    check_amount("probability", probability, 1)
    build = GraphBuilder()
    x, targets = build.variable(INPUT, "input"), build.variable(TARGETS, "input")
    other = _smaller_share(x, alpha)
    if probability < 1:
        other = other * some(x, probability)
    return build.graph(x + (_reversed(x) - x) * other, _mixed(targets, other))


def cutmix(*, alpha: float = 1.0, probability: float = 0.5) -> Graph:
    """Pastes a rectangle of another image into each, and mixes in its label (Yun et al., 2019).

    The rectangle has the proportions of the image; its middle lies anywhere in the image, so a part
    of it may lie outside. The other label's share is that of the pasted pixels.

    Args:
        alpha: above 0; an area is the smaller of the two shares drawn from Beta(alpha, alpha).
        probability: the probability that an image is changed.

    Returns:
        From images (N, C, H, W) float32 and targets (N, classes) to both.

    Example:
        >>> cutmix(probability=1).inputs
        ('data', 'targets')
    """
    _check_alpha(alpha)
    check_amount("probability", probability, 1)
    build = GraphBuilder()
    x, targets = build.variable(INPUT, "input"), build.variable(TARGETS, "input")
    area = _smaller_share(x, alpha)
    each = build("broadcast_axis", one_of_each(x), axis=1, size=3)
    draws = build("SliceChannel", build("_random_uniform_like", each), axis=1, num_outputs=3)
    side = build("sqrt", area)
    taken = rectangle(from_middle(x, 3), draws[0], side) * rectangle(
        from_middle(x, 2), draws[1], side
    )
    taken = taken * (draws[2] < probability)
    other = build("mean", taken, axis=(1, 2, 3), keepdims=True)
    return build.graph(x + (_reversed(x) - x) * taken, _mixed(targets, other))


def _check_alpha(alpha: object) -> None:
    check_amount("alpha", alpha)
    if not alpha:
        raise ValueError(f"alpha: must be a number above 0, got {as_written(alpha)}")


def _smaller_share(x: Expression, alpha: float) -> Expression:
    """For each image the smaller of a share of Beta(alpha, alpha) and its rest, (N, 1, 1, 1).

    Two uniform numbers are enough (Devroye, 1996, Random variate generation in one line of code): a
    symmetric beta variable follows from one of Student's distribution, drawn by Bailey's method.
    """
    build = x.build
    two = build("broadcast_axis", one_of_each(x), axis=1, size=2)
    draws = build("SliceChannel", build("_random_uniform_like", two), axis=1, num_outputs=2)
    power = build("_power_scalar", draws[0], scalar=1 / alpha)
    wave = (1 - power) * build("square", build("cos", draws[1] * (2 * math.pi)))
    return 0.5 - build("sqrt", wave / (power + wave + _TINY)) * 0.5


def _reversed(x: Expression) -> Expression:
    return x.build("reverse", x, axis=(0,))


def _mixed(targets: Expression, other: Expression) -> Expression:
    """Targets (N, classes) mixed with the other images' targets, by their shares (N, 1, 1, 1)."""
    share = targets.build("Reshape", other, shape=(-1, 1))
    return targets + (_reversed(targets) - targets) * share
