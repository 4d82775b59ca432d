"""Positions of pixels, in graphs that work on images of any size."""

from __future__ import annotations

from ..graph.building import Expression


def one_of_each(x: Expression) -> Expression:
    """One number per image, (N, 1, 1, 1), as a shape to draw random numbers for.

    Example:
        >>> from mxdigits.graph.building import GraphBuilder
        >>> x = GraphBuilder().variable("data", "input")
        >>> x.build.graph(one_of_each(x)).operators
        frozenset({'slice'})
    """
    return x.build("slice", x, begin=(0, 0, 0, 0), end=(None, 1, 1, 1))


def some(x: Expression, probability: float) -> Expression:
    """Draw which images to change: 1 for these, 0 for the others, (N, 1, 1, 1).

    Example:
        >>> from mxdigits.graph.building import GraphBuilder
        >>> x = GraphBuilder().variable("data", "input")
        >>> sorted(x.build.graph(some(x, 0.5)).operators)
        ['_lesser_scalar', '_random_uniform_like', 'slice']
    """
    return x.build("_random_uniform_like", one_of_each(x)) < probability


def from_middle(x: Expression, axis: int) -> tuple[Expression, Expression]:
    """The distance of each pixel from the middle of an axis, in pixels, and that of the last pixel.

    Args:
        x: images (N, C, H, W).
        axis: 2 for rows: (1, 1, H, 1); 3 for columns: (1, 1, 1, W). The last: (1, 1, 1, 1).

    Example:
        >>> from mxdigits.graph.building import GraphBuilder
        >>> x = GraphBuilder().variable("data", "input")
        >>> len(from_middle(x, axis=3))
        2
    """
    build = x.build
    places = build("_contrib_arange_like", x, axis=axis)
    middle = build("mean", places)
    shape = (1, 1, 1, -1) if axis == 3 else (1, 1, -1, 1)
    last = build("_maximum_scalar", middle, scalar=0.5)
    return (
        build("Reshape", places - middle, shape=shape),
        build("Reshape", last, shape=(1, 1, 1, 1)),
    )


def sampled(x: Expression, where: Expression) -> Expression:
    """Images sampled between their pixels; outside an image is background, 0.

    Args:
        x: images (N, C, H, W).
        where: x and y of each pixel of the result, from -1 to 1 over the centres of the pixels:
            (N, 2, H, W).

    Example:
        >>> from mxdigits.graph.building import GraphBuilder
        >>> x = GraphBuilder().variable("data", "input")
        >>> where = x.build.variable("where", "input")
        >>> x.build.graph(sampled(x, where)).operators
        frozenset({'BilinearSampler'})
    """
    return x.build("BilinearSampler", x, where)


def rectangle(
    axis: tuple[Expression, Expression], middle: Expression, half: Expression
) -> Expression:
    """1 for the pixels of an axis that a rectangle covers, 0 for the others.

    Args:
        axis: as given by :func:`from_middle`.
        middle: the rectangle's middle, from 0 to 1 over the axis: (N, 1, 1, 1).
        half: half its length, as a share of half the axis: (N, 1, 1, 1).

    Example:
        >>> from mxdigits.graph.building import GraphBuilder
        >>> build = GraphBuilder()
        >>> x, middle, half = (build.variable(name, "input") for name in ("data", "m", "h"))
        >>> "abs" in build.graph(rectangle(from_middle(x, 3), middle, half)).operators
        True
    """
    places, last = axis
    # A side is one pixel longer than the distance of the centres of its first and last pixels.
    return places.build("abs", places - (middle * 2 - 1) * last) <= half * (last + 0.5)
