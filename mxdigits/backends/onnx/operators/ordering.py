"""Operators that order numbers, by ``TopK``: among equal numbers the first comes first."""

from __future__ import annotations

from typing import Optional

import numpy as np

from ...graphs.shapes import expect_top
from .types import Builder, Function, Outputs, Value, cast, whole


def sort(g: Builder, data: Value, *, axis: Optional[int], is_ascend: bool) -> Value:
    """The numbers along an axis in order; all numbers in one row for None.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> sort(g, data, axis=-1, is_ascend=True).shape, [node.op_type for node in g.nodes]
        ((None, 3), ['TopK'])
    """
    data, along = _rows(g, data, axis)
    return g.cast(_ordered(g, data, along, data.size(along), is_ascend)[0], data.dtype)


def argsort(g: Builder, data: Value, *, axis: Optional[int], is_ascend: bool, dtype: str) -> Value:
    """The places of the numbers along an axis in order; of all numbers in one row for None.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> argsort(g, data, axis=-1, is_ascend=True, dtype="float32").dtype
        dtype('float32')
    """
    data, along = _rows(g, data, axis)
    return cast(g, _ordered(g, data, along, data.size(along), is_ascend)[1], dtype)


def topk(
    g: Builder,
    data: Value,
    *,
    axis: Optional[int],
    k: int,
    ret_typ: str,
    is_ascend: bool,
    dtype: str,
) -> Outputs:
    """The ``k`` largest numbers along an axis, or the smallest if ``is_ascend``.

    ``ret_typ`` says what comes out: their places (``indices``), the numbers (``value``), ``both``,
    or a ``mask`` of the data's shape that is 1 where they are.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> wanted = {"axis": -1, "k": 2, "is_ascend": False, "dtype": "float32"}
        >>> topk(g, data, ret_typ="value", **wanted).shape
        (None, 2)
        >>> topk(g, data, ret_typ="mask", **wanted).shape
        (None, 3)
    """
    shapes = data.shapes
    data, along = _rows(g, data, axis)
    for shape in data.shapes:
        expect_top(shape, along, k)
    if ret_typ == "mask":
        places = _ordered(g, data, along, data.size(along), is_ascend)[1]
        ranks = _ordered(g, places, along, data.size(along), ascending=True)[1]
        chosen = g.op("Less", ranks, np.array(k if k > 0 else data.size(along), np.int64))
        return g.reshape(g.cast(chosen, data.dtype), shapes)
    values, places = _ordered(g, data, along, k if k > 0 else data.size(along), is_ascend)
    values, places = g.cast(values, data.dtype), cast(g, places, dtype)
    if ret_typ == "both":
        return values, places
    return values if ret_typ == "value" else places


def _rows(g: Builder, data: Value, axis: Optional[int]) -> tuple[Value, int]:
    if axis is not None:
        return data, axis
    return g.reshape(data, [(int(np.prod(shape)),) for shape in data.shapes]), 0


def _ordered(
    g: Builder, data: Value, axis: int, count: int, ascending: bool
) -> tuple[Value, Value]:
    """The first numbers along an axis in order, and their places."""
    known = g.cast(data, np.float32) if data.dtype == np.float16 else whole(g, data)
    values, places = g.ops(
        "TopK",
        2,
        known,
        np.array([count], np.int64),
        axis=axis,
        largest=int(not ascending),
        sorted=1,
    )
    return values, places


FUNCTIONS: dict[str, Function] = {"argsort": argsort, "sort": sort, "topk": topk}
