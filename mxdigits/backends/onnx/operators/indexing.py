"""Operators that take elements by index: slices, rows of a table, one-hot indices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

import numpy as np

from ....arrays import Shape
from ...graphs.shapes import expect_one_along, expect_rows
from .types import Builder, Function, Value, sizes

# Beyond the end of any axis.
_END = np.iinfo(np.int64).max
_FAR = -_END


def reverse(g: Builder, data: Value, *, axis: Shape) -> Value:
    """The data reversed along axes.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> reverse(g, data, axis=(1,)).shape, [node.op_type for node in g.nodes]
        ((None, 3), ['Slice'])
    """
    axes = data.axes(axis)
    count = len(axes)
    return g.slice(data, axes, [-1] * count, [_FAR] * count, [-1] * count)


def slice_(
    g: Builder,
    data: Value,
    *,
    begin: Sequence[Optional[int]],
    end: Sequence[Optional[int]],
    step: Sequence[Optional[int]],
) -> Value:
    """A part of the data by the bounds and steps of each axis, as in Python's slices.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((9,), (9,)))
        >>> result = slice_(g, data, begin=(1,), end=(None,), step=(3,))
        >>> result.shape, [node.op_type for node in g.nodes]
        ((3,), ['Slice'])
    """
    steps = [each or 1 for each in step] or [1] * len(begin)
    begins = [_first(each, by) for each, by in zip(begin, steps)]
    ends = [_last(each, by) for each, by in zip(end, steps)]
    return g.slice(data, range(len(begins)), begins, ends, steps)


def _first(begin: Optional[int], step: int) -> int:
    if begin is None:
        return 0 if step > 0 else _END
    return begin


def _last(end: Optional[int], step: int) -> int:
    if end is None:
        return _END if step > 0 else _FAR
    return end


def slice_axis(g: Builder, data: Value, *, axis: int, begin: int, end: Optional[int]) -> Value:
    """A part of the data by bounds along one axis.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> slice_axis(g, data, axis=1, begin=1, end=None).shape, [node.op_type for node in g.nodes]
        ((None, 2), ['Slice'])
    """
    return g.slice(data, [axis % data.rank], [begin], [_END if end is None else end])


def slice_like(g: Builder, data: Value, shape_like: Value, *, axes: Shape) -> Value:
    """The data cut to the sizes of another array along the given axes; along all for ().

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> like = g.input("like", np.float32, ((2, 2), (4, 2)))
        >>> slice_like(g, data, like, axes=()).shape, [node.op_type for node in g.nodes]
        ((None, 2), ['Slice'])
    """
    wanted = [
        axis % data.rank
        for axis in data.axes(axes)
        # Both depend on the batch, or both have the same size: nothing is cut off.
        if sizes(data, axis) != sizes(shape_like, axis)
    ]
    if not wanted:
        return data
    ends = [shape_like.size(axis) for axis in wanted]
    return g.slice(data, wanted, [0] * len(wanted), ends)


def take(g: Builder, a: Value, indices: Value, *, axis: int, mode: str) -> Value:
    """The slices of ``a`` at the indices along an axis.

    The mode ``clip`` moves an index out of range to the nearest end; ``wrap`` wraps it around.

    Example:
        >>> g = Builder(17)
        >>> table = g.input("table", np.float32, ((10, 3), (10, 3)))
        >>> rows = g.input("rows", np.float32, ((2,), (4,)))
        >>> take(g, table, rows, axis=0, mode="clip").shape, [node.op_type for node in g.nodes]
        ((None, 3), ['Cast', 'Clip', 'Gather'])
    """
    return g.op("Gather", a, _within(g, indices, a.size(axis), mode), axis=axis % a.rank)


def _within(g: Builder, indices: Value, size: int, mode: str) -> Value:
    """Indices as whole numbers below a size; fractions are cut off, also those of negative ones."""
    whole = g.cast(indices, np.int64)
    if mode == "wrap":
        return g.op("Mod", whole, np.array(size, np.int64))
    return g.op("Clip", whole, np.array(0, np.int64), np.array(size - 1, np.int64))


def pick(g: Builder, data: Value, index: Value, *, axis: int, keepdims: bool, mode: str) -> Value:
    """One number along an axis for each place, by an index of its own.

    The mode ``clip`` moves an index out of range to the nearest end; ``wrap`` wraps it around.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> index = g.input("index", np.float32, ((2,), (4,)))
        >>> pick(g, data, index, axis=-1, keepdims=True, mode="clip").shape
        (None, 1)
    """
    for shape, places in zip(data.shapes, index.shapes):
        expect_one_along(shape, places, axis)
    place, whole = axis % data.rank, _within(g, index, data.size(axis), mode)
    if index.rank < data.rank:
        whole = g.unsqueeze(whole, [place])
    found = g.op("GatherElements", data, whole, axis=place)
    return found if keepdims else g.squeeze(found, [place])


def embedding(
    g: Builder, data: Value, weight: Value, *, input_dim: int, output_dim: int, **_: object
) -> Value:
    """The row of the weight (rows, numbers) for each index in the data.

    Example:
        >>> g = Builder(17)
        >>> table = g.input("table", np.float32, ((10, 3), (10, 3)))
        >>> rows = g.input("rows", np.float32, ((2,), (4,)))
        >>> embedding(g, rows, table, input_dim=10, output_dim=3).shape
        (None, 3)
    """
    expect_rows(weight.shape, input_dim, output_dim)
    return take(g, weight, data, axis=0, mode="clip")


def one_hot(
    g: Builder, indices: Value, *, depth: int, on_value: float, off_value: float, dtype: str
) -> Value:
    """A new last axis with ``on_value`` at each index, and ``off_value`` elsewhere.

    Example:
        >>> g = Builder(17)
        >>> places = g.input("places", np.float32, ((2,), (4,)))
        >>> one_hot(g, places, depth=3, on_value=1.0, off_value=0.0, dtype="float32").shape
        (None, 3)
    """
    places = g.unsqueeze(g.cast(indices, np.int64), [indices.rank])
    there = g.op("Equal", places, np.arange(depth))
    values = [np.array(each).astype(dtype) for each in (on_value, off_value)]
    return g.op("Where", there, *values)


FUNCTIONS: dict[str, Function] = {
    "Embedding": embedding,
    "one_hot": one_hot,
    "pick": pick,
    "reverse": reverse,
    "slice": slice_,
    "slice_axis": slice_axis,
    "slice_like": slice_like,
    "take": take,
}
