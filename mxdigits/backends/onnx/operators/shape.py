"""Operators that move elements, and leave them what they are; some make them of nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Optional

import numpy as np

from ...shapes import Shape, npx_codes, oriented, targeted
from .types import Builder, Function, Value

# Beyond the end of any axis.
_END = np.iinfo(np.int64).max
_FAR = -_END


def flatten(g: Builder, data: Value) -> Value:
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
    if shape:
        return g.reshape(data, [oriented(each, shape, reverse) for each in data.shapes])
    return g.reshape(data, [targeted(each, target_shape, keep_highest) for each in data.shapes])


def npx_reshape(g: Builder, a: Value, *, newshape: Shape, reverse: bool, order: str) -> Value:
    return g.reshape(a, [oriented(each, npx_codes(newshape), reverse) for each in a.shapes])


def swap_axis(g: Builder, data: Value, *, dim1: int, dim2: int) -> Value:
    axes = list(range(data.rank))
    axes[dim1], axes[dim2] = axes[dim2], axes[dim1]
    return g.op("Transpose", data, perm=axes)


def expand_dims(g: Builder, data: Value, *, axis: int) -> Value:
    return g.unsqueeze(data, [axis % (data.rank + 1)])


def squeeze(g: Builder, data: Value, *, axis: Optional[Shape]) -> Value:
    # () is every axis for the reductions, and none here.
    if axis is None:
        axis = tuple(i for i, size in enumerate(data.shape) if size == 1)
    if len(axis) == data.rank:
        return g.reshape(data, [(1,), (1,)])
    return g.squeeze(data, [each % data.rank for each in axis])


def transpose(g: Builder, data: Value, *, axes: Shape) -> Value:
    order = [axis % data.rank for axis in axes] if axes else list(range(data.rank))[::-1]
    return g.op("Transpose", data, perm=order)


def repeat(g: Builder, data: Value, *, repeats: int, axis: Optional[int]) -> Value:
    """Each element so often, one after the other: a new axis behind it, joined with its own."""
    if axis is None:
        data, axis = g.reshape(data, [(math.prod(each),) for each in data.shapes]), 0
    place = axis % data.rank
    reps = [repeats if i == place + 1 else 1 for i in range(data.rank + 1)]
    tiled = g.op("Tile", g.unsqueeze(data, [place + 1]), np.array(reps, np.int64))
    joined = [(*s[:place], s[place] * repeats, *s[place + 1 :]) for s in data.shapes]
    return g.reshape(tiled, joined)


def reverse(g: Builder, data: Value, *, axis: Shape) -> Value:
    axes = data.axes(axis)
    count = len(axes)
    return g.slice(data, axes, [-1] * count, [_FAR] * count, [-1] * count)


def tile(g: Builder, data: Value, *, reps: Shape) -> Value:
    rank = max(data.rank, len(reps))
    data = g.unsqueeze(data, range(rank - data.rank))
    return g.op("Tile", data, np.array([1] * (rank - len(reps)) + list(reps), np.int64))


def pad(g: Builder, data: Value, *, mode: str, pad_width: Shape, constant_value: float) -> Value:
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
    return g.slice(data, [axis % data.rank], [begin], [_END if end is None else end])


def slice_like(g: Builder, data: Value, shape_like: Value, *, axes: Shape) -> Value:
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
    size = data.size(axis)
    if size % num_outputs:
        raise ValueError(f"its axis {axis} of size {size} has no {num_outputs} equal parts")
    sizes = np.full(num_outputs, size // num_outputs, np.int64)
    place = axis % data.rank
    parts = g.ops("Split", num_outputs, data, sizes, axis=place)
    return tuple(g.squeeze(each, [place]) if squeeze_axis else each for each in parts)


def concat(g: Builder, *data: Value, num_args: int, dim: int) -> Value:
    return g.op("Concat", *data, axis=dim % data[0].rank)


def stack(g: Builder, *data: Value, axis: int, num_args: int) -> Value:
    place = axis % (data[0].rank + 1)
    return g.op("Concat", *(g.unsqueeze(each, [place]) for each in data), axis=place)


def broadcast_axis(g: Builder, data: Value, *, axis: Shape, size: Shape) -> Value:
    wanted = {each % data.rank: wide for each, wide in zip(axis, size)}
    return _expanded(g, data, [wanted.get(i, 1) for i in range(data.rank)])


def broadcast_to(g: Builder, data: Value, *, shape: Shape) -> Value:
    return _expanded(g, data, [size or 1 for size in shape])


def broadcast_like(
    g: Builder,
    lhs: Value,
    rhs: Value,
    *,
    lhs_axes: Optional[Shape],
    rhs_axes: Optional[Shape],
) -> Value:
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
    """Data repeated along axes of size 1; a size of 1 leaves an axis as it is."""
    return g.op("Expand", data, np.array(sizes, np.int64))


def take(g: Builder, a: Value, indices: Value, *, axis: int, mode: str) -> Value:
    place, size = axis % a.rank, a.size(axis)
    # Fractions are cut off, which for indices that are below 0 comes to the same either way.
    whole = g.cast(indices, np.int64)
    if mode == "wrap":
        whole = g.op("Mod", whole, np.array(size, np.int64))
    else:
        whole = g.op("Clip", whole, np.array(0, np.int64), np.array(size - 1, np.int64))
    return g.op("Gather", a, whole, axis=place)


def full(g: Builder, *, shape: Optional[Shape], dtype: str, value: float, ctx: str) -> Value:
    return g.constant(np.full(shape or (1,), value).astype(dtype))


def zeros(g: Builder, *, shape: Shape, dtype: str, ctx: str) -> Value:
    return full(g, shape=shape, dtype=dtype, value=0.0, ctx=ctx)


def ones(g: Builder, *, shape: Shape, dtype: str, ctx: str) -> Value:
    return full(g, shape=shape, dtype=dtype, value=1.0, ctx=ctx)


def arange_like(
    g: Builder,
    data: Value,
    *,
    start: float,
    step: float,
    repeat: int,
    ctx: str,
    axis: Optional[int],
) -> Value:
    shape = data.fixed_shape if axis is None else (data.size(axis),)
    numbers = start + step * (np.arange(math.prod(shape)) // repeat)
    return g.constant(numbers.astype(data.dtype).reshape(shape))


FUNCTIONS: dict[str, Function] = {
    "Concat": concat,
    "Flatten": flatten,
    "Pad": pad,
    "Reshape": reshape,
    "SliceChannel": split,
    "SwapAxis": swap_axis,
    "_contrib_arange_like": arange_like,
    "_full": full,
    "_npx_reshape": npx_reshape,
    "_ones": ones,
    "_zeros": zeros,
    "broadcast_axis": broadcast_axis,
    "broadcast_like": broadcast_like,
    "broadcast_to": broadcast_to,
    "expand_dims": expand_dims,
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
