"""Reductions, such as sums over axes, and softmax.

MXNet has no arrays without dimensions: a reduction of all axes gives the shape (1,).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Optional

import numpy as np

from .types import Builder, Function, Value, cast, floating, whole

Axes = tuple[int, ...]


def _reducing(kind: str) -> Function:
    def applied(
        g: Builder, data: Value, *, axis: Optional[Axes], keepdims: bool, exclude: bool
    ) -> Value:
        axes = data.axes(axis)
        if exclude and axis:
            axes = tuple(i for i in range(data.rank) if i not in axes)
        if data.is_floating:
            reduced = g.reduce(kind, data, axes)
        elif kind == "ReduceMean":
            reduced = cast(g, g.reduce(kind, floating(g, data), axes), data.dtype)
        else:
            reduced = cast(g, g.reduce(kind, whole(g, data), axes), data.dtype)
        return _without(g, reduced, axes, keepdims)

    return applied


def _without(g: Builder, kept: Value, axes: Sequence[int], keepdims: bool) -> Value:
    """An array whose reduced axes have size 1; these axes are removed unless ``keepdims``."""
    if keepdims:
        return kept
    if len(axes) == kept.rank:
        return g.reshape(kept, [(1,), (1,)])
    return g.squeeze(kept, axes)


def _place_of(kind: str) -> Function:
    def applied(g: Builder, data: Value, *, axis: Optional[int], keepdims: bool) -> Value:
        given = whole(g, data)
        if axis is None:
            flat = g.reshape(given, [(int(np.prod(shape)),) for shape in data.shapes])
            place = g.op(kind, flat, axis=0, keepdims=1)
            place = g.reshape(place, [(1,) * (data.rank if keepdims else 1)] * 2)
        else:
            place = g.op(kind, given, axis=axis, keepdims=1)
            place = _without(g, place, (axis % data.rank,), keepdims)
        return cast(g, place, data.dtype)

    return applied


def norm(
    g: Builder,
    data: Value,
    *,
    ord: int,
    axis: Optional[Axes],
    out_dtype: Optional[str],
    keepdims: bool,
) -> Value:
    """The L1 norm or the L2 norm along axes, or of all elements; ``ord`` is 1 or 2.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> result = norm(g, data, ord=2, axis=(1,), out_dtype=None, keepdims=False)
        >>> result.shape, [node.op_type for node in g.nodes]
        ((None,), ['ReduceL2', 'Squeeze'])
    """
    axes = data.axes(axis)
    kind = "ReduceL1" if ord == 1 else "ReduceL2"
    total = g.reduce(kind, floating(g, data), axes)
    return cast(g, _without(g, total, axes, keepdims), out_dtype or data.dtype)


def softmax(
    g: Builder,
    data: Value,
    length: Optional[Value] = None,
    *,
    axis: int,
    temperature: Optional[float],
    dtype: Optional[str],
    use_length: Optional[bool],
) -> Value:
    """Softmax along an axis; places from ``length`` on get 0.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> result = softmax(g, data, axis=1, temperature=2.0, dtype=None, use_length=False)
        >>> result.shape, [node.op_type for node in g.nodes]
        ((None, 3), ['Div', 'Softmax'])
    """
    data = _scaled(g, data, temperature, dtype)
    if length is None:
        return g.op("Softmax", data, axis=axis)
    places = np.arange(data.size(axis)).reshape(
        [-1 if i == axis % data.rank else 1 for i in range(data.rank)]
    )
    ends = g.cast(g.unsqueeze(length, [axis % data.rank]), np.int64)
    counted = g.op("Less", g.constant(places.astype(np.int64)), ends)
    lowest = g.constant(np.array(np.finfo(data.dtype).min, data.dtype))
    shares = g.op("Softmax", g.op("Where", counted, data, lowest), axis=axis)
    return g.op("Where", counted, shares, g.constant(np.zeros((), data.dtype)))


def log_softmax(
    g: Builder,
    data: Value,
    *,
    axis: int,
    temperature: Optional[float],
    dtype: Optional[str],
    **_: object,
) -> Value:
    """The logarithm of :func:`softmax`.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> result = log_softmax(g, data, axis=1, temperature=None, dtype=None)
        >>> result.shape, [node.op_type for node in g.nodes]
        ((None, 3), ['LogSoftmax'])
    """
    return g.op("LogSoftmax", _scaled(g, data, temperature, dtype), axis=axis)


def softmin(
    g: Builder,
    data: Value,
    *,
    axis: int,
    temperature: Optional[float],
    dtype: Optional[str],
    **_: object,
) -> Value:
    """:func:`softmax` of the negated data.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> result = softmin(g, data, axis=1, temperature=None, dtype=None)
        >>> result.shape, [node.op_type for node in g.nodes]
        ((None, 3), ['Neg', 'Softmax'])
    """
    scaled = _scaled(g, data, temperature, dtype)
    return g.op("Softmax", g.op("Neg", scaled), axis=axis)


def _scaled(g: Builder, data: Value, temperature: Optional[float], dtype: Optional[str]) -> Value:
    data = g.cast(data, dtype or data.dtype)
    return data if temperature is None else g.op("Div", data, temperature)


def cumsum(g: Builder, a: Value, *, axis: Optional[int], dtype: Optional[str]) -> Value:
    """The cumulative sums along an axis; of the flattened data for None.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> cumsum(g, data, axis=1, dtype=None).shape, [node.op_type for node in g.nodes]
        ((None, 3), ['CumSum'])
    """
    a = g.cast(a, dtype or a.dtype)
    if axis is None:
        a = g.reshape(a, [(math.prod(shape),) for shape in a.shapes])
    return g.op("CumSum", a, np.array((axis or 0) % a.rank, np.int64))


FUNCTIONS: dict[str, Function] = {
    **{name: _reducing(f"Reduce{name.title()}") for name in ("max", "mean", "min", "prod", "sum")},
    "_np_cumsum": cumsum,
    "argmax": _place_of("ArgMax"),
    "argmin": _place_of("ArgMin"),
    "log_softmax": log_softmax,
    "norm": norm,
    "softmax": softmax,
    "softmin": softmin,
}
