"""Operators that take elements by index: slices, rows of a table, one-hot indices."""

from __future__ import annotations

from typing import Optional

import jax.numpy as jnp

from ....arrays import Shape
from ...graphs.shapes import axes_of, expect_one_along, expect_rows
from .types import Array, Function


def slice_(
    data: Array,
    *,
    begin: tuple[Optional[int], ...],
    end: tuple[Optional[int], ...],
    step: tuple[Optional[int], ...],
) -> Array:
    """A part of the data by the bounds and steps of each axis, as in Python's slices.

    Example:
        >>> slice_(jnp.arange(10), begin=(1,), end=(None,), step=(3,)).tolist()
        [1, 4, 7]
    """
    steps = step or (None,) * len(begin)
    return data[tuple(slice(*each) for each in zip(begin, end, steps))]


def slice_axis(data: Array, *, axis: int, begin: int, end: Optional[int]) -> Array:
    """A part of the data by bounds along one axis.

    Example:
        >>> slice_axis(jnp.array([[1, 2, 3]]), axis=1, begin=1, end=None).tolist()
        [[2, 3]]
    """
    return data[(slice(None),) * (axis % data.ndim) + (slice(begin, end),)]


def slice_like(data: Array, shape_like: Array, *, axes: Shape) -> Array:
    """The data cut to the sizes of another array along the given axes; along all for ().

    Example:
        >>> slice_like(jnp.zeros((4, 5)), jnp.zeros((2, 3)), axes=(0,)).shape
        (2, 5)
    """
    ends = list(data.shape)
    for axis in axes_of(axes, data.ndim):
        ends[axis] = shape_like.shape[axis]
    return data[tuple(slice(end) for end in ends)]


def take(a: Array, indices: Array, *, axis: int, mode: str) -> Array:
    """The slices of ``a`` at the indices along an axis.

    The mode ``clip`` moves an index out of range to the nearest end; ``wrap`` wraps it around.

    Example:
        >>> take(jnp.array([10, 20, 30]), jnp.array([2.0, 5.0]), axis=0, mode="clip").tolist()
        [30, 30]
    """
    return jnp.take(a, indices.astype(jnp.int32), axis=axis, mode=mode)


def pick(data: Array, index: Array, *, axis: int, keepdims: bool, mode: str) -> Array:
    """One number along an axis for each place, by an index of its own.

    The mode ``clip`` moves an index out of range to the nearest end; ``wrap`` wraps it around.

    Example:
        >>> rows = jnp.array([[1, 2, 3], [4, 5, 6]])
        >>> pick(rows, jnp.array([0.0, 9.0]), axis=-1, keepdims=False, mode="clip").tolist()
        [1, 6]
    """
    expect_one_along(data.shape, index.shape, axis)
    size, places = data.shape[axis], index.astype(jnp.int32)
    if index.ndim < data.ndim:
        places = jnp.expand_dims(places, axis)
    places = places % size if mode == "wrap" else jnp.clip(places, 0, size - 1)
    found = jnp.take_along_axis(data, places, axis=axis)
    return found if keepdims else jnp.squeeze(found, axis)


def embedding(data: Array, weight: Array, *, input_dim: int, output_dim: int, **_: object) -> Array:
    """The row of the weight (rows, numbers) for each index in the data.

    Example:
        >>> table = jnp.array([[1.0, 2.0], [3.0, 4.0]])
        >>> embedding(jnp.array([1.0, 7.0]), table, input_dim=2, output_dim=2).tolist()
        [[3.0, 4.0], [3.0, 4.0]]
    """
    expect_rows(weight.shape, input_dim, output_dim)
    return take(weight, data, axis=0, mode="clip")


def one_hot(indices: Array, *, depth: int, on_value: float, off_value: float, dtype: str) -> Array:
    """A new last axis with ``on_value`` at each index, and ``off_value`` elsewhere.

    Example:
        >>> one_hot(jnp.array([1.0]), depth=3, on_value=1.0, off_value=0.0, dtype="int32").tolist()
        [[0, 1, 0]]
    """
    there = indices.astype(jnp.int32)[..., None] == jnp.arange(depth)
    return jnp.where(there, on_value, off_value).astype(dtype)


FUNCTIONS: dict[str, Function] = {
    "Embedding": embedding,
    "one_hot": one_hot,
    "pick": pick,
    "reverse": jnp.flip,
    "slice": slice_,
    "slice_axis": slice_axis,
    "slice_like": slice_like,
    "take": take,
}
