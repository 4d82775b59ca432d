"""Operators that make constant or random arrays, without an input or in the shape of one."""

from __future__ import annotations

from typing import Optional

import jax
import jax.numpy as jnp
import numpy as np

from ....arrays import Shape
from ...graphs.shapes import for_batch
from .types import Array, Function


def full(*, shape: Optional[Shape], dtype: str, value: float, ctx: str) -> Array:
    """An array of one value; of the shape (1,) if none is given.

    Example:
        >>> full(shape=(2, 2), dtype="float32", value=0.5, ctx="").tolist()
        [[0.5, 0.5], [0.5, 0.5]]
    """
    return jnp.full(shape or (1,), np.asarray(value).astype(dtype))


def zeros(batch: Optional[Array] = None, *, shape: Shape, dtype: str, ctx: str) -> Array:
    """An array of zeros; a size of 0 stands for the batch size.

    Example:
        >>> zeros(shape=(3,), dtype="int32", ctx="").tolist()
        [0, 0, 0]
        >>> zeros(jnp.ones((2, 1, 28, 28)), shape=(0, 3), dtype="float32", ctx="").shape
        (2, 3)
    """
    shape = for_batch(shape, None if batch is None else batch.shape[0])
    return full(shape=shape, dtype=dtype, value=0.0, ctx=ctx)


def ones(*, shape: Shape, dtype: str, ctx: str) -> Array:
    """An array of ones.

    Example:
        >>> ones(shape=(3,), dtype="int32", ctx="").tolist()
        [1, 1, 1]
    """
    return full(shape=shape, dtype=dtype, value=1.0, ctx=ctx)


def arange_like(
    data: Array, *, start: float, step: float, repeat: int, ctx: str, axis: Optional[int]
) -> Array:
    """Numbers in equal steps, each ``repeat`` times, to the size of the data or one of its axes.

    Example:
        >>> data = jnp.zeros((2, 3))
        >>> arange_like(data, start=0.0, step=1.0, repeat=1, ctx="", axis=1).tolist()
        [0.0, 1.0, 2.0]
    """
    count = data.size if axis is None else data.shape[axis]
    numbers = start + step * (np.arange(count) // repeat)
    return jnp.asarray(numbers.astype(data.dtype)).reshape(data.shape if axis is None else (count,))


def random_uniform(
    *, low: float, high: float, shape: Optional[Shape], dtype: Optional[str], ctx: str, key: Array
) -> Array:
    """Uniform random numbers from ``low`` to ``high``.

    Example:
        >>> key = jax.random.key(0)
        >>> drawn = random_uniform(low=0.0, high=1.0, shape=(5,), dtype=None, ctx="", key=key)
        >>> drawn.shape, bool(((drawn >= 0) & (drawn < 1)).all())
        ((5,), True)
    """
    return jax.random.uniform(key, shape or (1,), dtype or "float32", low, high)


def random_normal(
    *, loc: float, scale: float, shape: Optional[Shape], dtype: Optional[str], ctx: str, key: Array
) -> Array:
    """Normal random numbers with mean ``loc`` and standard deviation ``scale``.

    Example:
        >>> key = jax.random.key(0)
        >>> random_normal(loc=5.0, scale=0.0, shape=(3,), dtype=None, ctx="", key=key).tolist()
        [5.0, 5.0, 5.0]
    """
    return jax.random.normal(key, shape or (1,), dtype or "float32") * scale + loc


def random_uniform_like(data: Array, *, low: float, high: float, key: Array) -> Array:
    """Uniform random numbers in the shape and type of the data.

    Example:
        >>> random_uniform_like(jnp.zeros((2, 3)), low=0.0, high=1.0, key=jax.random.key(0)).shape
        (2, 3)
    """
    return jax.random.uniform(key, data.shape, data.dtype, low, high)


def random_normal_like(data: Array, *, loc: float, scale: float, key: Array) -> Array:
    """Normal random numbers in the shape and type of the data.

    Example:
        >>> random_normal_like(jnp.zeros(3), loc=5.0, scale=0.0, key=jax.random.key(0)).tolist()
        [5.0, 5.0, 5.0]
    """
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
