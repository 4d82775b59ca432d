"""Operators that move elements without changing them, and those that make constants."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Optional

import numpy as np

from ...graphs.shapes import Shape, expect_rows, npx_codes, oriented, targeted
from .types import Builder, Function, Value

# Beyond the end of any axis.
_END = np.iinfo(np.int64).max
_FAR = -_END


def flatten(g: Builder, data: Value) -> Value:
    """The data with all axes but the first in one: (n, everything else).

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3, 4), (4, 3, 4)))
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
    """The data in another shape, which is in the codes of ``mx.sym.Reshape``.

    ``target_shape`` and ``keep_highest`` say it where ``shape`` is ().

    Example:
        >>> more = {"reverse": False, "target_shape": (), "keep_highest": False}
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3, 4), (4, 3, 4)))
        >>> reshape(g, data, shape=(0, -1), **more).shape, [node.op_type for node in g.nodes]
        ((None, 12), ['Reshape'])
    """
    if shape:
        return g.reshape(data, [oriented(each, shape, reverse) for each in data.shapes])
    return g.reshape(data, [targeted(each, target_shape, keep_highest) for each in data.shapes])


def npx_reshape(g: Builder, a: Value, *, newshape: Shape, reverse: bool, order: str) -> Value:
    """The data in another shape, in the codes of ``mx.npx.reshape``.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3, 4), (4, 3, 4)))
        >>> result = npx_reshape(g, data, newshape=(-2, -1), reverse=False, order="C")
        >>> result.shape, [node.op_type for node in g.nodes]
        ((None, 12), ['Reshape'])
    """
    return g.reshape(a, [oriented(each, npx_codes(newshape), reverse) for each in a.shapes])


def swap_axis(g: Builder, data: Value, *, dim1: int, dim2: int) -> Value:
    """The data with two axes swapped.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3, 4), (4, 3, 4)))
        >>> swap_axis(g, data, dim1=0, dim2=2).shape, [node.op_type for node in g.nodes]
        ((4, 3, None), ['Transpose'])
    """
    axes = list(range(data.rank))
    axes[dim1], axes[dim2] = axes[dim2], axes[dim1]
    return g.op("Transpose", data, perm=axes)


def expand_dims(g: Builder, data: Value, *, axis: int) -> Value:
    """The data with a further axis of size 1.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> expand_dims(g, data, axis=1).shape, [node.op_type for node in g.nodes]
        ((None, 1, 3), ['Unsqueeze'])
    """
    return g.unsqueeze(data, [axis % (data.rank + 1)])


def squeeze(g: Builder, data: Value, *, axis: Optional[Shape]) -> Value:
    """The data without axes of size 1; at least one axis stays.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 1, 3), (4, 1, 3)))
        >>> squeeze(g, data, axis=None).shape, [node.op_type for node in g.nodes]
        ((None, 3), ['Squeeze'])
    """
    # () is every axis for the reductions, and none here.
    if axis is None:
        axis = tuple(i for i, size in enumerate(data.shape) if size == 1)
    if len(axis) == data.rank:
        return g.reshape(data, [(1,), (1,)])
    return g.squeeze(data, [each % data.rank for each in axis])


def transpose(g: Builder, data: Value, *, axes: Shape) -> Value:
    """The data with their axes in another order; in the opposite one for ().

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3, 4), (4, 3, 4)))
        >>> transpose(g, data, axes=()).shape, [node.op_type for node in g.nodes]
        ((4, 3, None), ['Transpose'])
    """
    order = [axis % data.rank for axis in axes] if axes else list(range(data.rank))[::-1]
    return g.op("Transpose", data, perm=order)


def repeat(g: Builder, data: Value, *, repeats: int, axis: Optional[int]) -> Value:
    """Each element so many times in a row, along an axis or of the flattened data.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> repeat(g, data, repeats=2, axis=1).shape, [node.op_type for node in g.nodes]
        ((None, 6), ['Unsqueeze', 'Tile', 'Reshape'])
    """
    if axis is None:
        data, axis = g.reshape(data, [(math.prod(each),) for each in data.shapes]), 0
    place = axis % data.rank
    reps = [repeats if i == place + 1 else 1 for i in range(data.rank + 1)]
    tiled = g.op("Tile", g.unsqueeze(data, [place + 1]), np.array(reps, np.int64))
    joined = [(*s[:place], s[place] * repeats, *s[place + 1 :]) for s in data.shapes]
    return g.reshape(tiled, joined)


def reverse(g: Builder, data: Value, *, axis: Shape) -> Value:
    """The data backwards along axes.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> reverse(g, data, axis=(1,)).shape, [node.op_type for node in g.nodes]
        ((None, 3), ['Slice'])
    """
    axes = data.axes(axis)
    count = len(axes)
    return g.slice(data, axes, [-1] * count, [_FAR] * count, [-1] * count)


def tile(g: Builder, data: Value, *, reps: Shape) -> Value:
    """The data so many times along each axis.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> tile(g, data, reps=(2,)).shape, [node.op_type for node in g.nodes]
        ((None, 6), ['Tile'])
    """
    rank = max(data.rank, len(reps))
    data = g.unsqueeze(data, range(rank - data.rank))
    return g.op("Tile", data, np.array([1] * (rank - len(reps)) + list(reps), np.int64))


def pad(g: Builder, data: Value, *, mode: str, pad_width: Shape, constant_value: float) -> Value:
    """The data with so many further elements before and behind each axis.

    ``pad_width`` has two numbers an axis; ``mode`` is ``constant``, ``edge`` or ``reflect``.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> result = pad(g, data, mode="reflect", pad_width=(0, 0, 1, 1), constant_value=0.0)
        >>> result.shape, [node.op_type for node in g.nodes]
        ((None, 5), ['Pad'])
    """
    if mode == "constant":
        return g.pad(data, list(zip(pad_width[::2], pad_width[1::2])), constant_value)
    widths = np.array([*pad_width[::2], *pad_width[1::2]], np.int64)
    return g.op("Pad", data, widths, mode=mode)


def slice_(
    g: Builder,
    data: Value,
    *,
    begin: Sequence[Optional[int]],
    end: Sequence[Optional[int]],
    step: Sequence[Optional[int]],
) -> Value:
    """A part of the data by the bounds of each axis, as Python's slices have them.

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
    """A part of the data by its bounds along one axis.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> slice_axis(g, data, axis=1, begin=1, end=None).shape, [node.op_type for node in g.nodes]
        ((None, 2), ['Slice'])
    """
    return g.slice(data, [axis % data.rank], [begin], [_END if end is None else end])


def slice_like(g: Builder, data: Value, shape_like: Value, *, axes: Shape) -> Value:
    """The first part of the data, as long as another array along axes; along all for ().

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
        # Both as long as the batch, or of one size: nothing is cut off.
        if _sizes(data, axis) != _sizes(shape_like, axis)
    ]
    if not wanted:
        return data
    ends = [shape_like.size(axis) for axis in wanted]
    return g.slice(data, wanted, [0] * len(wanted), ends)


def _sizes(value: Value, axis: int) -> tuple[int, ...]:
    return tuple(shape[axis] for shape in value.shapes)


def split(
    g: Builder, data: Value, *, num_outputs: int, axis: int, squeeze_axis: bool
) -> tuple[Value, ...]:
    """The data in equal parts along an axis, which each part may lose: ``SliceChannel``.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 4), (4, 4)))
        >>> parts = split(g, data, num_outputs=2, axis=1, squeeze_axis=False)
        >>> [part.shape for part in parts], [node.op_type for node in g.nodes]
        ([(None, 2), (None, 2)], ['Split'])
    """
    size = data.size(axis)
    if size % num_outputs:
        raise ValueError(f"its axis {axis} of size {size} has no {num_outputs} equal parts")
    sizes = np.full(num_outputs, size // num_outputs, np.int64)
    place = axis % data.rank
    parts = g.ops("Split", num_outputs, data, sizes, axis=place)
    return tuple(g.squeeze(each, [place]) if squeeze_axis else each for each in parts)


def concat(g: Builder, *data: Value, num_args: int, dim: int) -> Value:
    """Arrays joined along an axis that they have.

    Example:
        >>> g = Builder(17)
        >>> a = g.input("a", np.float32, ((2, 2), (4, 2)))
        >>> b = g.input("b", np.float32, ((2, 3), (4, 3)))
        >>> concat(g, a, b, num_args=2, dim=1).shape, [node.op_type for node in g.nodes]
        ((None, 5), ['Concat'])
    """
    return g.op("Concat", *data, axis=dim % data[0].rank)


def stack(g: Builder, *data: Value, axis: int, num_args: int) -> Value:
    """Arrays of one shape joined along a new axis.

    Example:
        >>> g = Builder(17)
        >>> a = g.input("a", np.float32, ((2, 3), (4, 3)))
        >>> b = g.input("b", np.float32, ((2, 3), (4, 3)))
        >>> stack(g, a, b, axis=1, num_args=2).shape, [node.op_type for node in g.nodes]
        ((None, 2, 3), ['Unsqueeze', 'Unsqueeze', 'Concat'])
    """
    place = axis % (data[0].rank + 1)
    return g.op("Concat", *(g.unsqueeze(each, [place]) for each in data), axis=place)


def broadcast_axis(g: Builder, data: Value, *, axis: Shape, size: Shape) -> Value:
    """The data repeated along axes of size 1.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 1), (4, 1)))
        >>> broadcast_axis(g, data, axis=(1,), size=(3,)).shape, [node.op_type for node in g.nodes]
        ((None, 3), ['Expand'])
    """
    wanted = {each % data.rank: wide for each, wide in zip(axis, size)}
    return _expanded(g, data, [wanted.get(i, 1) for i in range(data.rank)])


def broadcast_to(g: Builder, data: Value, *, shape: Shape) -> Value:
    """The data repeated to a shape, whose zeros keep a size.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 1), (4, 1)))
        >>> broadcast_to(g, data, shape=(0, 3)).shape, [node.op_type for node in g.nodes]
        ((None, 3), ['Expand'])
    """
    return _expanded(g, data, [size or 1 for size in shape])


def broadcast_like(
    g: Builder,
    lhs: Value,
    rhs: Value,
    *,
    lhs_axes: Optional[Shape],
    rhs_axes: Optional[Shape],
) -> Value:
    """The data repeated to the shape of another array, or along the axes that are named.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 1), (4, 1)))
        >>> like = g.input("like", np.float32, ((2, 3), (4, 3)))
        >>> result = broadcast_like(g, data, like, lhs_axes=None, rhs_axes=None)
        >>> result.shape, [node.op_type for node in g.nodes]
        ((None, 3), ['Expand'])
    """
    if lhs_axes is None or rhs_axes is None:
        lhs_axes = rhs_axes = tuple(range(rhs.rank))
    pairs = [
        (left % lhs.rank, right)
        for left, right in zip(lhs_axes, rhs_axes)
        if _sizes(lhs, left) != _sizes(rhs, right)
    ]
    size = tuple(rhs.size(right) for _, right in pairs)
    return broadcast_axis(g, lhs, axis=tuple(left for left, _ in pairs), size=size)


def _expanded(g: Builder, data: Value, sizes: Sequence[int]) -> Value:
    """The data repeated along axes of size 1; a size of 1 leaves an axis as it is."""
    return g.op("Expand", data, np.array(sizes, np.int64))


def take(g: Builder, a: Value, indices: Value, *, axis: int, mode: str) -> Value:
    """The slices of ``a`` at whole numbers along an axis.

    A number beyond an end is moved to it by the mode ``clip``, and counted on by ``wrap``.

    Example:
        >>> g = Builder(17)
        >>> table = g.input("table", np.float32, ((10, 3), (10, 3)))
        >>> rows = g.input("rows", np.float32, ((2,), (4,)))
        >>> take(g, table, rows, axis=0, mode="clip").shape, [node.op_type for node in g.nodes]
        ((None, 3), ['Cast', 'Clip', 'Gather'])
    """
    place, size = axis % a.rank, a.size(axis)
    # Fractions are cut off, which for indices that are below 0 comes to the same either way.
    whole = g.cast(indices, np.int64)
    if mode == "wrap":
        whole = g.op("Mod", whole, np.array(size, np.int64))
    else:
        whole = g.op("Clip", whole, np.array(0, np.int64), np.array(size - 1, np.int64))
    return g.op("Gather", a, whole, axis=place)


def embedding(
    g: Builder, data: Value, weight: Value, *, input_dim: int, output_dim: int, **_: object
) -> Value:
    """A row of the weight (rows, numbers) for each number of the data.

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
    """A further axis, with one value at the place that a number says, and another elsewhere.

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


def cumsum(g: Builder, a: Value, *, axis: Optional[int], dtype: Optional[str]) -> Value:
    """The sums of all numbers up to each, along an axis; of all in a row for None.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> cumsum(g, data, axis=1, dtype=None).shape, [node.op_type for node in g.nodes]
        ((None, 3), ['CumSum'])
    """
    a = g.cast(a, dtype or a.dtype)
    if axis is None:
        a = g.reshape(a, [(math.prod(shape),) for shape in a.shapes])
    return g.op("CumSum", a, np.array((axis or 0) % a.rank, np.int64))


FUNCTIONS: dict[str, Function] = {
    "Concat": concat,
    "Embedding": embedding,
    "Flatten": flatten,
    "Pad": pad,
    "Reshape": reshape,
    "SliceChannel": split,
    "SwapAxis": swap_axis,
    "_np_cumsum": cumsum,
    "_npx_reshape": npx_reshape,
    "broadcast_axis": broadcast_axis,
    "broadcast_like": broadcast_like,
    "broadcast_to": broadcast_to,
    "expand_dims": expand_dims,
    "one_hot": one_hot,
    "repeat": repeat,
    "reverse": reverse,
    "slice": slice_,
    "slice_axis": slice_axis,
    "slice_like": slice_like,
    "squeeze": squeeze,
    "stack": stack,
    "take": take,
    "tile": tile,
    "transpose": transpose,
}
