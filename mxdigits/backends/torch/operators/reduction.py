"""Reductions, such as sums over axes, and softmax.

MXNet has no arrays without dimensions: a reduction of all axes gives the shape (1,).
"""

from __future__ import annotations

import math
from typing import Callable, Optional

import torch
from torch import Tensor

from ...graphs.shapes import axes_of
from .types import Function, Saved, cast, dtype_of, floating

Axes = tuple[int, ...]
Reduction = Callable[[Tensor, Axes], Tensor]


class _Extreme(torch.autograd.Function):
    """The largest or smallest; if several are equal, each gets the whole gradient."""

    @staticmethod
    def forward(context: Saved, data: Tensor, axes: Axes, largest: bool) -> Tensor:
        result = (torch.amax if largest else torch.amin)(data, axes, keepdim=True)
        context.save_for_backward(data, result)
        return result

    @staticmethod
    def backward(context: Saved, gradient: Tensor) -> tuple[Tensor, None, None]:
        data, result = context.saved_tensors
        return torch.where(data == result, gradient, 0), None, None


def _mean(data: Tensor, axes: Axes) -> Tensor:
    count = math.prod(data.shape[axis] for axis in axes)
    return cast(_sum(data, axes) / count, data.dtype)


def _sum(data: Tensor, axes: Axes) -> Tensor:
    return data.sum(axes, keepdim=True, dtype=data.dtype)


def _product(data: Tensor, axes: Axes) -> Tensor:
    for axis in axes:
        data = data.prod(axis, keepdim=True, dtype=data.dtype)
    return data


_REDUCTIONS: dict[str, Reduction] = {
    "max": lambda data, axes: _Extreme.apply(data, axes, True),
    "mean": _mean,
    "min": lambda data, axes: _Extreme.apply(data, axes, False),
    "prod": _product,
    "sum": _sum,
}


def _reducing(reduce: Reduction) -> Function:
    def applied(data: Tensor, *, axis: Optional[Axes], keepdims: bool, exclude: bool) -> Tensor:
        axes = axes_of(axis, data.ndim)
        if exclude and axis:
            axes = tuple(i for i in range(data.ndim) if i not in axes)
        # For PyTorch, no axes mean all axes.
        return _without(reduce(data, axes) if axes else data, axes, keepdims)

    return applied


def _without(kept: Tensor, axes: Axes, keepdims: bool) -> Tensor:
    """An array whose reduced axes have size 1; these axes are removed unless ``keepdims``."""
    if keepdims or not axes:
        return kept
    result = kept.squeeze(axes)
    return result if result.ndim else result.reshape(1)


def _place_of(find: Callable[..., Tensor]) -> Function:
    def applied(data: Tensor, *, axis: Optional[int], keepdims: bool) -> Tensor:
        if axis is None:
            place = find(data.flatten(), 0).reshape((1,) * (data.ndim if keepdims else 1))
        else:
            place = _without(find(data, axis, keepdim=True), (axis % data.ndim,), keepdims)
        return place.to(data.dtype)

    return applied


def norm(
    data: Tensor, *, ord: int, axis: Optional[Axes], out_dtype: Optional[str], keepdims: bool
) -> Tensor:
    """The L1 norm or the L2 norm along axes, or of all elements; ``ord`` is 1 or 2.

    Example:
        >>> data = torch.tensor([3.0, 4.0])
        >>> norm(data, ord=2, axis=None, out_dtype=None, keepdims=False).tolist()
        [5.0]
    """
    axes = axes_of(axis, data.ndim)
    numbers = floating(data)
    if ord == 1:
        total = numbers.abs().sum(axes, keepdim=True)
    else:
        total = numbers.square().sum(axes, keepdim=True).sqrt()
    dtype = dtype_of(out_dtype) if out_dtype else data.dtype
    return cast(_without(total, axes, keepdims), dtype)


def softmax(
    data: Tensor,
    length: Optional[Tensor] = None,
    *,
    axis: int,
    temperature: Optional[float],
    dtype: Optional[str],
    use_length: Optional[bool],
) -> Tensor:
    """Softmax along an axis; places from ``length`` on get 0.

    Example:
        >>> data, length = torch.zeros((1, 4)), torch.tensor([2])
        >>> softmax(data, length, axis=1, temperature=None, dtype=None, use_length=True).tolist()
        [[0.5, 0.5, 0.0, 0.0]]
    """
    data = _scaled(data, temperature, dtype)
    if length is None:
        return data.softmax(axis)
    places = torch.arange(data.shape[axis], device=data.device)
    places = places.reshape([-1 if i == axis % data.ndim else 1 for i in range(data.ndim)])
    counted = places < length.unsqueeze(axis)
    shares = torch.where(counted, data, torch.finfo(data.dtype).min).softmax(axis)
    return torch.where(counted, shares, 0)


def log_softmax(
    data: Tensor, *, axis: int, temperature: Optional[float], dtype: Optional[str], **_: object
) -> Tensor:
    """The logarithm of :func:`softmax`.

    Example:
        >>> log_softmax(torch.zeros((1, 1)), axis=-1, temperature=None, dtype=None).tolist()
        [[0.0]]
    """
    return _scaled(data, temperature, dtype).log_softmax(axis)


def softmin(
    data: Tensor, *, axis: int, temperature: Optional[float], dtype: Optional[str], **_: object
) -> Tensor:
    """:func:`softmax` of the negated data.

    Example:
        >>> softmin(torch.zeros((1, 4)), axis=-1, temperature=None, dtype=None).tolist()
        [[0.25, 0.25, 0.25, 0.25]]
    """
    return (-_scaled(data, temperature, dtype)).softmax(axis)


def _scaled(data: Tensor, temperature: Optional[float], dtype: Optional[str]) -> Tensor:
    data = data.to(dtype_of(dtype)) if dtype else data
    return data if temperature is None else data / temperature


def cumsum(a: Tensor, *, axis: Optional[int], dtype: Optional[str]) -> Tensor:
    """The cumulative sums along an axis; of the flattened data for None.

    Example:
        >>> cumsum(torch.tensor([1.0, 2.0, 3.0]), axis=0, dtype=None).tolist()
        [1.0, 3.0, 6.0]
    """
    wanted = a.dtype if dtype is None else dtype_of(dtype)
    return a.flatten().cumsum(0, dtype=wanted) if axis is None else a.cumsum(axis, dtype=wanted)


FUNCTIONS: dict[str, Function] = {
    **{name: _reducing(reduce) for name, reduce in _REDUCTIONS.items()},
    "_np_cumsum": cumsum,
    "argmax": _place_of(torch.argmax),
    "argmin": _place_of(torch.argmin),
    "log_softmax": log_softmax,
    "norm": norm,
    "softmax": softmax,
    "softmin": softmin,
}
