"""Reductions, such as sums over axes, and softmax.

MXNet has no arrays without dimensions: a reduction of all axes gives the shape (1,).
"""

from __future__ import annotations

import math
from typing import Callable, Optional

import jax
import jax.numpy as jnp

from ...graphs.shapes import axes_of
from .types import Array, Function, absolute, cast, floating

Axes = tuple[int, ...]
Reduction = Callable[[Array, Axes], Array]


def _extreme_value(data: Array, axes: Axes, largest: bool) -> Array:
    return (jnp.max if largest else jnp.min)(data, axes, keepdims=True)


def _extreme_forward(data: Array, axes: Axes, largest: bool) -> tuple[Array, tuple[Array, Array]]:
    result = _extreme_value(data, axes, largest)
    return result, (data, result)


def _extreme_backward(
    axes: Axes, largest: bool, saved: tuple[Array, Array], gradient: Array
) -> tuple[Array]:
    data, result = saved
    return (jnp.where(data == result, gradient, jnp.zeros_like(gradient)),)


# The largest or smallest; if several are equal, each gets the whole gradient.
_extreme = jax.custom_vjp(_extreme_value, nondiff_argnums=(1, 2))
_extreme.defvjp(_extreme_forward, _extreme_backward)


def _mean(data: Array, axes: Axes) -> Array:
    count = math.prod(data.shape[axis] for axis in axes)
    return cast(_sum(data, axes) / count, data.dtype)


def _sum(data: Array, axes: Axes) -> Array:
    return jnp.sum(data, axes, dtype=data.dtype, keepdims=True)


def _product(data: Array, axes: Axes) -> Array:
    return jnp.prod(data, axes, dtype=data.dtype, keepdims=True)


_REDUCTIONS: dict[str, Reduction] = {
    "max": lambda data, axes: _extreme(data, axes, True),
    "mean": _mean,
    "min": lambda data, axes: _extreme(data, axes, False),
    "prod": _product,
    "sum": _sum,
}


def _reducing(reduce: Reduction) -> Function:
    def applied(data: Array, *, axis: Optional[Axes], keepdims: bool, exclude: bool) -> Array:
        axes = axes_of(axis, data.ndim)
        if exclude and axis:
            axes = tuple(i for i in range(data.ndim) if i not in axes)
        return _without(reduce(data, axes), axes, keepdims)

    return applied


def _without(kept: Array, axes: Axes, keepdims: bool) -> Array:
    """An array whose reduced axes have size 1; these axes are removed unless ``keepdims``."""
    if keepdims:
        return kept
    result = jnp.squeeze(kept, axes)
    return result if result.ndim else result.reshape((1,))


def _place_of(find: Callable[..., Array]) -> Function:
    def applied(data: Array, *, axis: Optional[int], keepdims: bool) -> Array:
        if axis is None:
            place = find(data.ravel(), 0).reshape((1,) * (data.ndim if keepdims else 1))
        else:
            place = _without(find(data, axis, keepdims=True), (axis % data.ndim,), keepdims)
        return place.astype(data.dtype)

    return applied


def norm(
    data: Array, *, ord: int, axis: Optional[Axes], out_dtype: Optional[str], keepdims: bool
) -> Array:
    """The L1 norm or the L2 norm along axes, or of all elements; ``ord`` is 1 or 2.

    Example:
        >>> norm(jnp.array([3.0, 4.0]), ord=2, axis=None, out_dtype=None, keepdims=False).tolist()
        [5.0]
    """
    axes = axes_of(axis, data.ndim)
    numbers = floating(data)
    if ord == 1:
        total = jnp.sum(absolute(numbers), axes, keepdims=True)
    else:
        total = jnp.sqrt(jnp.sum(jnp.square(numbers), axes, keepdims=True))
    return cast(_without(total, axes, keepdims), out_dtype or data.dtype)


def softmax(
    data: Array,
    length: Optional[Array] = None,
    *,
    axis: int,
    temperature: Optional[float],
    dtype: Optional[str],
    use_length: Optional[bool],
) -> Array:
    """Softmax along an axis; places from ``length`` on get 0.

    Example:
        >>> data, length = jnp.zeros((1, 4)), jnp.array([2])
        >>> softmax(data, length, axis=1, temperature=None, dtype=None, use_length=True).tolist()
        [[0.5, 0.5, 0.0, 0.0]]
    """
    data = _scaled(data, temperature, dtype)
    if length is None:
        return jax.nn.softmax(data, axis)
    places = jnp.arange(data.shape[axis])
    places = places.reshape([-1 if i == axis % data.ndim else 1 for i in range(data.ndim)])
    counted = places < jnp.expand_dims(length, axis)
    shares = jax.nn.softmax(jnp.where(counted, data, jnp.finfo(data.dtype).min), axis)
    return jnp.where(counted, shares, jnp.zeros_like(shares))


def log_softmax(
    data: Array, *, axis: int, temperature: Optional[float], dtype: Optional[str], **_: object
) -> Array:
    """The logarithm of :func:`softmax`.

    Example:
        >>> log_softmax(jnp.zeros((1, 1)), axis=-1, temperature=None, dtype=None).tolist()
        [[0.0]]
    """
    return jax.nn.log_softmax(_scaled(data, temperature, dtype), axis)


def softmin(
    data: Array, *, axis: int, temperature: Optional[float], dtype: Optional[str], **_: object
) -> Array:
    """:func:`softmax` of the negated data.

    Example:
        >>> softmin(jnp.zeros((1, 4)), axis=-1, temperature=None, dtype=None).tolist()
        [[0.25, 0.25, 0.25, 0.25]]
    """
    return jax.nn.softmax(-_scaled(data, temperature, dtype), axis)


def _scaled(data: Array, temperature: Optional[float], dtype: Optional[str]) -> Array:
    data = data.astype(dtype or data.dtype)
    return data if temperature is None else data / temperature


def cumsum(a: Array, *, axis: Optional[int], dtype: Optional[str]) -> Array:
    """The cumulative sums along an axis; of the flattened data for None.

    Example:
        >>> cumsum(jnp.array([1.0, 2.0, 3.0]), axis=0, dtype=None).tolist()
        [1.0, 3.0, 6.0]
    """
    return jnp.cumsum(a, axis=axis, dtype=dtype or a.dtype)


FUNCTIONS: dict[str, Function] = {
    **{name: _reducing(reduce) for name, reduce in _REDUCTIONS.items()},
    "_np_cumsum": cumsum,
    "argmax": _place_of(jnp.argmax),
    "argmin": _place_of(jnp.argmin),
    "log_softmax": log_softmax,
    "norm": norm,
    "softmax": softmax,
    "softmin": softmin,
}
