"""Operators that make constant arrays, without an input or in the shape of one."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Optional

import numpy as np

from ....arrays import Shape
from ...graphs.shapes import for_batch
from .types import Builder, Function, Value


def full(g: Builder, *, shape: Optional[Shape], dtype: str, value: float, ctx: str) -> Value:
    """An array of one value; of the shape (1,) if none is given.

    Example:
        >>> full(Builder(17), shape=(2,), dtype="float32", value=0.5, ctx="").constant.tolist()
        [0.5, 0.5]
    """
    return g.constant(np.full(shape or (1,), value).astype(dtype))


def zeros(
    g: Builder, batch: Optional[Value] = None, *, shape: Shape, dtype: str, ctx: str
) -> Value:
    """An array of zeros; a size of 0 stands for the batch size.

    Example:
        >>> zeros(Builder(17), shape=(2,), dtype="int32", ctx="").constant.tolist()
        [0, 0]
        >>> g = Builder(17)
        >>> images = g.input("images", np.float32, ((2, 1, 28, 28), (4, 1, 28, 28)))
        >>> zeros(g, images, shape=(0, 3), dtype="float32", ctx="").shape
        (None, 3)
    """
    if batch is None or 0 not in shape:
        fixed = for_batch(shape, None)
        return full(g, shape=fixed, dtype=dtype, value=0.0, ctx=ctx)
    if batch.shape[0] is not None:
        return full(g, shape=for_batch(shape, batch.size(0)), dtype=dtype, value=0.0, ctx=ctx)
    column = g.slice(g.op("Flatten", batch, axis=1), [1], [0], [1])
    # No number is less than itself, not even NaN.
    nothing = g.cast(g.op("Less", column, column), dtype)
    narrow = [tuple(1 if size else counts[0] for size in shape) for counts in batch.shapes]
    spread = np.zeros([size or 1 for size in shape], dtype)
    return replace(g.op("Add", g.reshape(nothing, narrow), spread), is_zero=True)


def ones(g: Builder, *, shape: Shape, dtype: str, ctx: str) -> Value:
    """An array of ones.

    Example:
        >>> ones(Builder(17), shape=(2,), dtype="int32", ctx="").constant.tolist()
        [1, 1]
    """
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
    """Numbers in equal steps, each ``repeat`` times, to the size of the data or one of its axes.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> numbers = arange_like(g, data, start=0.0, step=1.0, repeat=1, ctx="", axis=1)
        >>> numbers.constant.tolist()
        [0.0, 1.0, 2.0]
    """
    shape = data.fixed_shape if axis is None else (data.size(axis),)
    numbers = start + step * (np.arange(math.prod(shape)) // repeat)
    return g.constant(numbers.astype(data.dtype).reshape(shape))


FUNCTIONS: dict[str, Function] = {
    "_contrib_arange_like": arange_like,
    "_full": full,
    "_ones": ones,
    "_zeros": zeros,
}
