"""Operators that give the same elements another shape, or another order of their axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ....backends.graphs.shapes import npx_codes
from ..code import Code, Emitter, Layers, Sizes, Value, kept, known_rank, tuple_of


def flatten(w: Layers, data: Value) -> Code:
    """The data with all axes but the first joined into one.

    Example:
        >>> flatten(Layers({}, {}), Value(rank=4)).text
        '@0.flatten(1)'
    """
    text = "@0.unsqueeze(1)" if data.rank == 1 else "@0.flatten(1)"
    return Code(text, data.dtype, 2)


def reshape(
    w: Layers,
    data: Value,
    *,
    shape: Sizes,
    reverse: bool,
    target_shape: Sizes,
    keep_highest: bool,
) -> Code:
    """The data in another shape, given in the codes of ``mx.sym.Reshape``.

    If ``shape`` is (), ``target_shape`` and ``keep_highest`` give the shape.

    Example:
        >>> more = {"reverse": False, "target_shape": (), "keep_highest": False}
        >>> reshape(Layers({}, {}), Value(rank=3), shape=(0, -1), **more).text
        '@0.flatten(1)'
    """
    if not shape:
        text = f"{w.helper('reshaped_to')}($0, {target_shape}, {keep_highest})"
        return Code(text, data.dtype, len(target_shape))
    return _reshaped(w, data, shape, reverse)


def npx_reshape(w: Layers, a: Value, *, newshape: Sizes, reverse: bool, order: str) -> Code:
    """The data in another shape, given in the codes of ``mx.npx.reshape``.

    Example:
        >>> layers = Layers({}, {})
        >>> npx_reshape(layers, Value(rank=3), newshape=(-2, -1), reverse=False, order="C").text
        '@0.flatten(1)'
    """
    return _reshaped(w, a, npx_codes(newshape), reverse)


def _reshaped(w: Layers, data: Value, codes: Sequence[int], reverse: bool) -> Code:
    rank = _rank_after(data.rank, codes)
    if min(codes) >= -1 and 0 not in codes:
        return Code(f"@0.reshape({', '.join(map(str, codes))})", data.dtype, rank)
    if tuple(codes) == (0, -1) and data.rank != 1 and not reverse:
        return Code("@0.flatten(1)", data.dtype, 2)
    more = ", reverse=True" if reverse else ""
    return Code(f"{w.helper('reshaped')}($0, {tuple(codes)}{more})", data.dtype, rank)


def _rank_after(rank: Optional[int], codes: Sequence[int]) -> Optional[int]:
    """The number of axes after a ``Reshape`` with these codes; None if it is not known."""
    made, used, todo = 0, 0, list(codes)
    while todo:
        code = todo.pop(0)
        if code == -2:
            if rank is None or todo:
                return None
            made, used = made + rank - used, rank
        elif code == -4:
            made, used, todo = made + 2, used + 1, todo[2:]
        else:
            made, used = made + (code != -6), used + (2 if code == -3 else 1)
    return made


def swap_axis(w: Layers, data: Value, *, dim1: int, dim2: int) -> Code:
    """The data with two axes swapped.

    Example:
        >>> swap_axis(Layers({}, {}), Value(rank=2), dim1=0, dim2=1).text
        '@0.transpose(0, 1)'
    """
    return kept(f"@0.transpose({dim1}, {dim2})", data)


def expand_dims(w: Layers, data: Value, *, axis: int) -> Code:
    """The data with a further axis of size 1.

    Example:
        >>> expand_dims(Layers({}, {}), Value(rank=2), axis=1).text
        '@0.unsqueeze(1)'
    """
    return Code(f"@0.unsqueeze({axis})", data.dtype, data.rank and data.rank + 1)


def squeeze(w: Layers, data: Value, *, axis: Optional[Sizes]) -> Code:
    """The data without axes of size 1; at least one axis stays.

    Example:
        >>> squeeze(Layers({}, {}), Value(rank=3), axis=(1,)).text
        '@0.squeeze(1)'
    """
    if axis is None:
        return Code(f"{w.helper('squeezed')}($0)", data.dtype)
    rank = data.rank and data.rank - len(axis)
    if rank == 0:
        return Code("@0.reshape(1)", data.dtype, 1)
    return Code(f"@0.squeeze({tuple_of(axis)})", data.dtype, rank)


def transpose(w: Layers, data: Value, *, axes: Sizes) -> Code:
    """The data with their axes in another order; () reverses the order.

    Example:
        >>> transpose(Layers({}, {}), Value(rank=3), axes=(2, 0, 1)).text
        '@0.permute(2, 0, 1)'
    """
    order = axes or range(known_rank(data))[::-1]
    return kept(f"@0.permute({', '.join(map(str, order))})", data)


EMITTERS: dict[str, Emitter] = {
    "Flatten": flatten,
    "Reshape": reshape,
    "SwapAxis": swap_axis,
    "_npx_reshape": npx_reshape,
    "expand_dims": expand_dims,
    "squeeze": squeeze,
    "transpose": transpose,
}
