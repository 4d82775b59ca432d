"""Operators that make arrays of nothing, or of a shape alone; some draw random numbers."""

from __future__ import annotations

from typing import Optional

import jax
import jax.numpy as jnp
import numpy as np

from .types import Array, Function

Shape = tuple[int, ...]


def full(*, shape: Optional[Shape], dtype: str, value: float, ctx: str) -> Array:
    return jnp.full(shape or (1,), np.asarray(value).astype(dtype))


def zeros(*, shape: Shape, dtype: str, ctx: str) -> Array:
    return full(shape=shape, dtype=dtype, value=0.0, ctx=ctx)


def ones(*, shape: Shape, dtype: str, ctx: str) -> Array:
    return full(shape=shape, dtype=dtype, value=1.0, ctx=ctx)


def arange_like(
    data: Array, *, start: float, step: float, repeat: int, ctx: str, axis: Optional[int]
) -> Array:
    count = data.size if axis is None else data.shape[axis]
    numbers = start + step * (np.arange(count) // repeat)
    return jnp.asarray(numbers.astype(data.dtype)).reshape(data.shape if axis is None else (count,))


def random_uniform(
    *, low: float, high: float, shape: Optional[Shape], dtype: Optional[str], ctx: str, key: Array
) -> Array:
    return jax.random.uniform(key, shape or (1,), dtype or "float32", low, high)


def random_normal(
    *, loc: float, scale: float, shape: Optional[Shape], dtype: Optional[str], ctx: str, key: Array
) -> Array:
    return jax.random.normal(key, shape or (1,), dtype or "float32") * scale + loc


def random_uniform_like(data: Array, *, low: float, high: float, key: Array) -> Array:
    return jax.random.uniform(key, data.shape, data.dtype, low, high)


def random_normal_like(data: Array, *, loc: float, scale: float, key: Array) -> Array:
    return jax.random.normal(key, data.shape, data.dtype) * scale + loc


FUNCTIONS: dict[str, Function] = {
    "_contrib_arange_like": arange_like,
    "_full": full,
    "_ones": ones,
    "_random_normal": random_normal,
    "_random_normal_like": random_normal_like,
    "_random_uniform": random_uniform,
    "_random_uniform_like": random_uniform_like,
    "_zeros": zeros,
}
