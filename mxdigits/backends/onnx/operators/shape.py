"""Operators that change the shape of an array or the order of its axes."""

from __future__ import annotations

import math
from typing import Optional

from ....arrays import Shape
from ...graphs.shapes import npx_codes, oriented, targeted
from .types import Builder, Function, Value


def flatten(g: Builder, data: Value) -> Value:
    """The data with all axes but the first joined to one: (n, rest).

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", "float32", ((2, 3, 4), (4, 3, 4)))
        >>> flatten(g, data).shape, [node.op_type for node in g.nodes]
        ((None, 12), ['Reshape'])
    """
    return g.reshape(data, [(shape[0], math.prod(shape[1:])) for shape in data.shapes])


def reshape(
    g: Builder,
    data: Value,
    *,
    shape: Shape,
    reverse: bool,
    target_shape: Shape,
    keep_highest: bool,
) -> Value:
    """The data in another shape, given in the codes of ``mx.sym.Reshape``.

    If ``shape`` is (), ``target_shape`` and ``keep_highest`` give the shape.

    Example:
        >>> more = {"reverse": False, "target_shape": (), "keep_highest": False}
        >>> g = Builder(17)
        >>> data = g.input("data", "float32", ((2, 3, 4), (4, 3, 4)))
        >>> reshape(g, data, shape=(0, -1), **more).shape, [node.op_type for node in g.nodes]
        ((None, 12), ['Reshape'])
    """
    if shape:
        return g.reshape(data, [oriented(each, shape, reverse) for each in data.shapes])
    return g.reshape(data, [targeted(each, target_shape, keep_highest) for each in data.shapes])


def npx_reshape(g: Builder, a: Value, *, newshape: Shape, reverse: bool, order: str) -> Value:
    """The data in another shape, given in the codes of ``mx.npx.reshape``.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", "float32", ((2, 3, 4), (4, 3, 4)))
        >>> result = npx_reshape(g, data, newshape=(-2, -1), reverse=False, order="C")
        >>> result.shape, [node.op_type for node in g.nodes]
        ((None, 12), ['Reshape'])
    """
    return g.reshape(a, [oriented(each, npx_codes(newshape), reverse) for each in a.shapes])


def swap_axis(g: Builder, data: Value, *, dim1: int, dim2: int) -> Value:
    """The data with two axes swapped.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", "float32", ((2, 3, 4), (4, 3, 4)))
        >>> swap_axis(g, data, dim1=0, dim2=2).shape, [node.op_type for node in g.nodes]
        ((4, 3, None), ['Transpose'])
    """
    axes = list(range(data.rank))
    axes[dim1], axes[dim2] = axes[dim2], axes[dim1]
    return g.op("Transpose", data, perm=axes)


def expand_dims(g: Builder, data: Value, *, axis: int) -> Value:
    """The data with a new axis of size 1.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", "float32", ((2, 3), (4, 3)))
        >>> expand_dims(g, data, axis=1).shape, [node.op_type for node in g.nodes]
        ((None, 1, 3), ['Unsqueeze'])
    """
    return g.unsqueeze(data, [axis % (data.rank + 1)])


def squeeze(g: Builder, data: Value, *, axis: Optional[Shape]) -> Value:
    """The data without axes of size 1; at least one axis stays.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", "float32", ((2, 1, 3), (4, 1, 3)))
        >>> squeeze(g, data, axis=None).shape, [node.op_type for node in g.nodes]
        ((None, 3), ['Squeeze'])
    """
    # For reductions () means all axes, but here it means none.
    if axis is None:
        axis = tuple(i for i, size in enumerate(data.shape) if size == 1)
    if len(axis) == data.rank:
        return g.reshape(data, [(1,), (1,)])
    return g.squeeze(data, [each % data.rank for each in axis])


def transpose(g: Builder, data: Value, *, axes: Shape) -> Value:
    """The data with their axes in another order; in reverse order for ().

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", "float32", ((2, 3, 4), (4, 3, 4)))
        >>> transpose(g, data, axes=()).shape, [node.op_type for node in g.nodes]
        ((4, 3, None), ['Transpose'])
    """
    order = [axis % data.rank for axis in axes] if axes else list(range(data.rank))[::-1]
    return g.op("Transpose", data, perm=order)


FUNCTIONS: dict[str, Function] = {
    "Flatten": flatten,
    "Reshape": reshape,
    "SwapAxis": swap_axis,
    "_npx_reshape": npx_reshape,
    "expand_dims": expand_dims,
    "squeeze": squeeze,
    "transpose": transpose,
}
