"""Random shifts, turns, sizes and slants."""

from __future__ import annotations

import math

from ..graph import Graph
from ..graph.building import INPUT, Expression, GraphBuilder
from .options import check_amount
from .places import from_middle, one_of_each, sampled, some


def affine(
    *,
    shift: float = 2.0,
    rotation: float = 10.0,
    scale: float = 0.1,
    shear: float = 0.1,
    probability: float = 1.0,
) -> Graph:
    """Moves each image by a random amount, turns, resizes and slants it; never mirrors it.

    Each amount is drawn anew for each image, uniformly between the option and its negative. Outside
    an image is background, 0; between pixels, values are interpolated linearly.

    Args:
        shift: pixels, to the right and down.
        rotation: degrees, at most 180.
        scale: a share below 1: from ``1 - scale`` to ``1 + scale`` times as large.
        shear: pixels to the side for each pixel upwards, at most 1.
        probability: the probability that an image is changed. Interpolation blurs an image; below
            1, some training images stay as sharp as those to predict.

    Returns:
        From images (N, C, H, W) float32 to such images.

    Example:
        >>> affine(shift=2, rotation=0, scale=0, shear=0).inputs
        ('data',)
    """
    check_amount("shift", shift)
    check_amount("rotation", rotation, 180)
    check_amount("scale", scale, 1)
    check_amount("shear", shear, 1)
    check_amount("probability", probability, 1)
    if scale == 1:
        raise ValueError("scale: must be less than 1, or an image may shrink to nothing")
    most = {
        "right": shift,
        "down": shift,
        "angle": math.radians(rotation),
        "growth": scale,
        "slant": shear,
    }
    build = GraphBuilder()
    x = build.variable(INPUT, "input")
    each = build("broadcast_axis", one_of_each(x), axis=1, size=len(most))
    draws = build("_random_uniform_like", each, low=-1, high=1)
    if probability < 1:
        draws = draws * some(x, probability)
    amounts = build("SliceChannel", draws, axis=1, num_outputs=len(most))
    chosen = {name: amounts[i] * largest for i, (name, largest) in enumerate(most.items())}
    return build.graph(moved(x, **chosen))


def moved(
    x: Expression,
    right: Expression,
    down: Expression,
    angle: Expression,
    growth: Expression,
    slant: Expression,
) -> Expression:
    """Slant images, turn them about their centres, resize and shift them, in this order.

    Args:
        x: images (N, C, H, W) float32.
        right: pixels, (N, 1, 1, 1) like all arguments that follow.
        down: pixels.
        angle: radians, clockwise as seen.
        growth: 0.1 for a tenth larger.
        slant: pixels to the right for each pixel upwards.

    Example:
        >>> build = GraphBuilder()
        >>> x, *by = (build.variable(name, "input") for name in ("data", *"abcde"))
        >>> build.graph(moved(x, *by)).inputs
        ('data', 'a', 'b', 'c', 'd', 'e')
    """
    build = x.build
    # A sampler needs the source of each pixel of the result, so the transform is inverted.
    (u, last_u), (v, last_v) = from_middle(x, 3), from_middle(x, 2)
    u, v = u - right, v - down
    cos, sin = build("cos", angle) / (1 + growth), build("sin", angle) / (1 + growth)
    by_u = build("Concat", cos - slant * sin, -sin, num_args=2, dim=1)
    by_v = build("Concat", sin + slant * cos, cos, num_args=2, dim=1)
    unit = build("Concat", last_u, last_v, num_args=2, dim=1)
    return sampled(x, by_u / unit * u + by_v / unit * v)
