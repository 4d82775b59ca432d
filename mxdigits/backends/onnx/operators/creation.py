"""Operators that make constant arrays, without an input or in the shape of one."""

from __future__ import annotations

import math
from typing import Optional

import numpy as np

from ...graphs.shapes import Shape
from .types import Builder, Function, Value


def full(g: Builder, *, shape: Optional[Shape], dtype: str, value: float, ctx: str) -> Value:
    """An array of one value; of the shape (1,) if none is given.

    Example:
        >>> full(Builder(17), shape=(2,), dtype="float32", value=0.5, ctx="").constant.tolist()
        [0.5, 0.5]
    """
    return g.constant(np.full(shape or (1,), value).astype(dtype))


def zeros(g: Builder, *, shape: Shape, dtype: str, ctx: str) -> Value:
    """An array of zeros.

    Example:
        >>> zeros(Builder(17), shape=(2,), dtype="int32", ctx="").constant.tolist()
        [0, 0]
    """
    return full(g, shape=shape, dtype=dtype, value=0.0, ctx=ctx)


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
    """Numbers in equal steps, each ``repeat`` times: as many as the data, or one of its axes, have.

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
