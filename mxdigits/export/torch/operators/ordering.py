"""Operators that order numbers: sorted arrays, the largest of them, and their places."""

from __future__ import annotations

from typing import Optional

from ..code import Code, Emitter, Layers, Value, cast


def sort(w: Layers, data: Value, *, axis: Optional[int], is_ascend: bool) -> Code:
    """The numbers along an axis in order; all numbers in one row for None.

    Example:
        >>> sort(Layers({}, {}), Value(rank=2), axis=-1, is_ascend=False).text
        '@0.sort(dim=-1, descending=True, stable=True).values'
    """
    return Code(f"{_sorted(axis, is_ascend)}.values", data.dtype, _rank(data, axis))


def argsort(w: Layers, data: Value, *, axis: Optional[int], is_ascend: bool, dtype: str) -> Code:
    """The places of the numbers along an axis in order; of all numbers in one row for None.

    Example:
        >>> given = {"axis": None, "is_ascend": True, "dtype": "float32"}
        >>> argsort(Layers({}, {}), Value(rank=2), **given).text
        '@0.flatten().sort(dim=0, stable=True).indices.to(torch.float32)'
    """
    places = cast(f"{_sorted(axis, is_ascend)}.indices", "int64", dtype)
    return Code(places, dtype, _rank(data, axis))


def topk(
    w: Layers,
    data: Value,
    *,
    axis: Optional[int],
    k: int,
    ret_typ: str,
    is_ascend: bool,
    dtype: str,
) -> Code:
    """The ``k`` largest numbers along an axis, or the smallest if ``is_ascend``.

    Example:
        >>> given = {"axis": -1, "k": 3, "is_ascend": False, "dtype": "float32"}
        >>> topk(Layers({}, {}), Value(rank=2), ret_typ="value", **given).text
        'first_of($0, 3, -1, True)[0]'
        >>> topk(Layers({}, {}), Value(rank=2), ret_typ="mask", **given).text
        'mask_of_first($0, 3, -1, True)'
    """
    given = f"($0, {k}, {axis}, {not is_ascend})"
    if ret_typ == "mask":
        w.helper("first_of")
        return Code(f"{w.helper('mask_of_first')}{given}", data.dtype, data.rank)
    first, rank = f"{w.helper('first_of')}{given}", _rank(data, axis)
    if ret_typ == "value":
        return Code(f"{first}[0]", data.dtype, rank)
    if ret_typ == "indices":
        return Code(cast(f"{first}[1]", "int64", dtype), dtype, rank)
    return Code(f"{first[:-1]}, torch.{dtype})", data.dtype, rank, outputs=2)


def _sorted(axis: Optional[int], ascending: bool) -> str:
    order = "" if ascending else ", descending=True"
    rows, dim = ("@0.flatten()", 0) if axis is None else ("@0", axis)
    return f"{rows}.sort(dim={dim}{order}, stable=True)"


def _rank(data: Value, axis: Optional[int]) -> Optional[int]:
    return 1 if axis is None else data.rank


EMITTERS: dict[str, Emitter] = {"argsort": argsort, "sort": sort, "topk": topk}
