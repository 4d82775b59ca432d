"""Operators that take elements by their places: slices, rows of a table, one-hot vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ..code import Code, Emitter, Layers, NotWritten, Sizes, Value, cast, kept, tuple_of


def reverse(w: Layers, data: Value, *, axis: Sizes) -> Code:
    """The data backwards along axes.

    Example:
        >>> reverse(Layers({}, {}), Value(rank=2), axis=(1,)).text
        '@0.flip(1)'
    """
    return kept(f"@0.flip({tuple_of(axis)})", data)


def slice_(
    w: Layers,
    data: Value,
    *,
    begin: Sequence[Optional[int]],
    end: Sequence[Optional[int]],
    step: Sequence[Optional[int]],
) -> Code:
    """A part of the data by the bounds of each axis, as Python's slices have them.

    Example:
        >>> slice_(Layers({}, {}), Value(rank=2), begin=(0, 1), end=(None, 3), step=()).text
        '@0[0:, 1:3]'
    """
    steps = [each or 1 for each in step] or [1] * len(begin)
    if min(steps) > 0:
        cuts = ", ".join(map(_cut, begin, end, steps))
        return kept(f"@0[{cuts}]", data)
    given = f"{tuple(begin)}, {tuple(end)}, {tuple(steps)}"
    return kept(f"{w.helper('sliced')}($0, {given})", data)


def _cut(begin: Optional[int], end: Optional[int], step: int = 1) -> str:
    first, last = ("" if each is None else each for each in (begin, end))
    return f"{first}:{last}" + (f":{step}" if step != 1 else "")


def slice_axis(w: Layers, data: Value, *, axis: int, begin: int, end: Optional[int]) -> Code:
    """A part of the data by its bounds along one axis.

    Example:
        >>> slice_axis(Layers({}, {}), Value(rank=2), axis=1, begin=1, end=None).text
        '@0[:, 1:]'
    """
    cut = _cut(begin or None, end)
    if axis < 0:
        return kept(f"@0[{', '.join(['...', cut, *[':'] * (-axis - 1)])}]", data)
    return kept(f"@0[{', '.join([':'] * axis + [cut])}]", data)


def slice_like(w: Layers, data: Value, shape_like: Value, *, axes: Sizes) -> Code:
    """The first part of the data, as long as another array along some axes; () means all axes.

    Example:
        >>> slice_like(Layers({}, {}), Value(rank=2), Value(rank=2), axes=(1,)).text
        'cut_like($0, $1, (1,))'
    """
    return kept(f"{w.helper('cut_like')}($0, $1, {tuple(axes)})", data)


def take(w: Layers, a: Value, indices: Value, *, axis: int, mode: str) -> Code:
    """The slices of ``a`` at whole numbers along an axis.

    A number outside the axis is moved to its nearest end by the mode ``clip``; ``wrap`` takes it
    modulo the length of the axis.

    Example:
        >>> take(Layers({}, {}), Value(rank=2), Value(rank=1), axis=0, mode="clip").text
        "taken($0, $1, 0, 'clip')"
    """
    rank = None if a.rank is None or indices.rank is None else a.rank + indices.rank - 1
    return Code(f"{w.helper('taken')}($0, $1, {axis}, {mode!r})", a.dtype, rank)


def pick(w: Layers, data: Value, index: Value, *, axis: int, keepdims: bool, mode: str) -> Code:
    """One number along an axis for each place, by an index of its own.

    Example:
        >>> wanted = {"axis": -1, "keepdims": False, "mode": "clip"}
        >>> pick(Layers({}, {}), Value(rank=2), Value(rank=1), **wanted).text
        "picked($0, $1, -1, 'clip').squeeze(-1)"
    """
    text = f"{w.helper('picked')}($0, $1, {axis}, {mode!r})"
    if keepdims:
        return kept(text, data)
    rank = None if data.rank is None else data.rank - 1
    return Code(f"{text}.squeeze({axis})", data.dtype, rank)


def embedding(w: Layers, data: Value, weight: Value, **_: object) -> Code:
    """A row of the weight for each number of the data: ``nn.Embedding``.

    Example:
        >>> import numpy as np
        >>> w = Layers({"w": np.zeros((10, 4), np.float32)}, {}, name="table")
        >>> embedding(w, Value(rank=2), Value(variable="w")).text
        'embedded($0, self.table)'
        >>> w.built
        {'table': 'nn.Embedding(10, 4)'}
    """
    array = w.array(weight)
    rows, numbers = array.shape
    layer = w.module(f"nn.Embedding({rows}, {numbers})", {"weight": array}, weight.variable)
    rank = None if data.rank is None else data.rank + 1
    return Code(f"{w.helper('embedded')}($0, {layer})", weight.dtype, rank)


def one_hot(
    w: Layers, indices: Value, *, depth: int, on_value: float, off_value: float, dtype: str
) -> Code:
    """A further axis, with one value at the place that a number says, and another elsewhere.

    Example:
        >>> wanted = {"depth": 3, "on_value": 1.0, "off_value": 0.0, "dtype": "float32"}
        >>> one_hot(Layers({}, {}), Value(rank=1), **wanted).text
        'one_hot($0, 3, 1.0, 0.0).to(torch.float32)'
    """
    if dtype == "bfloat16":
        raise NotWritten("NumPy has no bfloat16 to compare it in; write float32")
    made = cast(f"{w.helper('one_hot')}($0, {depth}, {on_value}, {off_value})", "float64", dtype)
    return Code(made, dtype, None if indices.rank is None else indices.rank + 1)


EMITTERS: dict[str, Emitter] = {
    "Embedding": embedding,
    "one_hot": one_hot,
    "pick": pick,
    "reverse": reverse,
    "slice": slice_,
    "slice_axis": slice_axis,
    "slice_like": slice_like,
    "take": take,
}
