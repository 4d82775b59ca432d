"""Operators that order numbers: sorted arrays, the largest of them, and their places.

Among equal numbers the first comes first. MXNet's order of equal numbers is its own, except in
arrays of at most 16 numbers, where it is the same.
"""

from __future__ import annotations

from typing import Optional

from torch import Tensor

from ...graphs.shapes import expect_top
from .types import Function, Outputs, cast, dtype_of


def sort(data: Tensor, *, axis: Optional[int], is_ascend: bool) -> Tensor:
    """The numbers along an axis in order; all numbers in one row for None.

    Example:
        >>> import torch
        >>> sort(torch.tensor([[3, 1, 2]]), axis=-1, is_ascend=False).tolist()
        [[3, 2, 1]]
    """
    return _ordered(data, axis, is_ascend)[0]


def argsort(data: Tensor, *, axis: Optional[int], is_ascend: bool, dtype: str) -> Tensor:
    """The places of the numbers along an axis in order; of all numbers in one row for None.

    Example:
        >>> import torch
        >>> given = torch.tensor([[3, 1, 2]])
        >>> argsort(given, axis=-1, is_ascend=True, dtype="float32").tolist()
        [[1.0, 2.0, 0.0]]
    """
    return cast(_ordered(data, axis, is_ascend)[1], dtype_of(dtype))


def topk(
    data: Tensor, *, axis: Optional[int], k: int, ret_typ: str, is_ascend: bool, dtype: str
) -> Outputs:
    """The ``k`` largest numbers along an axis, or the smallest if ``is_ascend``.

    ``ret_typ`` says what comes out: their places (``indices``), the numbers (``value``), ``both``,
    or a ``mask`` of the data's shape that is 1 where they are.

    Example:
        >>> import torch
        >>> wanted = {"axis": -1, "k": 2, "is_ascend": False, "dtype": "float32"}
        >>> topk(torch.tensor([[3, 1, 2]]), ret_typ="mask", **wanted).tolist()
        [[1, 0, 1]]
    """
    along = 0 if axis is None else axis
    values, places = _ordered(data, axis, is_ascend)
    k = expect_top(places.shape, along, k)
    if ret_typ == "mask":
        return (places.argsort(along) < k).to(data.dtype).reshape(data.shape)
    values, places = values.narrow(along, 0, k), places.narrow(along, 0, k)
    if ret_typ == "value":
        return values
    return (
        (values, cast(places, dtype_of(dtype)))
        if ret_typ == "both"
        else cast(places, dtype_of(dtype))
    )


def _ordered(data: Tensor, axis: Optional[int], ascending: bool) -> tuple[Tensor, Tensor]:
    data, along = (data.reshape(-1), 0) if axis is None else (data, axis)
    values, places = data.sort(dim=along, descending=not ascending, stable=True)
    return values, places


FUNCTIONS: dict[str, Function] = {"argsort": argsort, "sort": sort, "topk": topk}
