"""Operators that order numbers: sorted arrays, the largest of them, and their places.

Among equal numbers the first comes first. MXNet's order of equal numbers is its own, except in
arrays of at most 16 numbers, where it is the same.
"""

from __future__ import annotations

from typing import Optional

import jax.numpy as jnp

from ...graphs.shapes import expect_top
from .types import Array, Function, Outputs, cast


def sort(data: Array, *, axis: Optional[int], is_ascend: bool) -> Array:
    """The numbers along an axis in order; all numbers in one row for None.

    Example:
        >>> sort(jnp.array([[3, 1, 2]]), axis=-1, is_ascend=False).tolist()
        [[3, 2, 1]]
    """
    data, along = (data.reshape(-1), 0) if axis is None else (data, axis)
    return jnp.take_along_axis(data, _places(data, along, is_ascend), axis=along)


def argsort(data: Array, *, axis: Optional[int], is_ascend: bool, dtype: str) -> Array:
    """The places of the numbers along an axis in order; of all numbers in one row for None.

    Example:
        >>> given = jnp.array([[3, 1, 2]])
        >>> argsort(given, axis=-1, is_ascend=True, dtype="float32").tolist()
        [[1.0, 2.0, 0.0]]
    """
    data, along = (data.reshape(-1), 0) if axis is None else (data, axis)
    return cast(_places(data, along, is_ascend), dtype)


def topk(
    data: Array, *, axis: Optional[int], k: int, ret_typ: str, is_ascend: bool, dtype: str
) -> Outputs:
    """The ``k`` largest numbers along an axis, or the smallest if ``is_ascend``.

    ``ret_typ`` says what comes out: their places (``indices``), the numbers (``value``), ``both``,
    or a ``mask`` of the data's shape that is 1 where they are.

    Example:
        >>> wanted = {"axis": -1, "k": 2, "is_ascend": False, "dtype": "float32"}
        >>> topk(jnp.array([[3, 1, 2]]), ret_typ="mask", **wanted).tolist()
        [[1, 0, 1]]
    """
    shape = data.shape
    data, along = (data.reshape(-1), 0) if axis is None else (data, axis)
    k = expect_top(data.shape, along, k)
    places = _places(data, along, is_ascend)
    if ret_typ == "mask":
        ranks = jnp.argsort(places, axis=along)
        return (ranks < k).astype(data.dtype).reshape(shape)
    first = jnp.take(places, jnp.arange(k), axis=along)
    if ret_typ == "indices":
        return cast(first, dtype)
    values = jnp.take_along_axis(data, first, axis=along)
    return values if ret_typ == "value" else (values, cast(first, dtype))


def _places(data: Array, axis: int, ascending: bool) -> Array:
    if ascending:
        return jnp.argsort(data, axis=axis)
    # From the end, so that the first of equal numbers stays the first.
    backwards = jnp.argsort(jnp.flip(data, axis), axis=axis)
    return data.shape[axis] - 1 - jnp.flip(backwards, axis)


FUNCTIONS: dict[str, Function] = {"argsort": argsort, "sort": sort, "topk": topk}
