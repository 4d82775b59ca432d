"""What the functions of all families share: the type of arrays, and casts as MXNet makes them."""

from __future__ import annotations

from typing import Any, Callable, Optional, Union

import jax.numpy as jnp
from jax import Array, lax
from numpy.typing import DTypeLike

# What a function gives: an array, several, or what BatchNorm does.
Result = Any
Function = Callable[..., Result]
Outputs = Union[Array, tuple[Array, ...]]

__all__ = [
    "Array",
    "Function",
    "Outputs",
    "Result",
    "absolute",
    "axes_of",
    "cast",
    "floating",
    "is_floating",
    "keeps_type",
]


def is_floating(data: Array) -> bool:
    """Whether an array holds floating-point numbers of any width."""
    return bool(jnp.issubdtype(data.dtype, jnp.floating))


def floating(data: Array) -> Array:
    """An array of whole numbers as float32; any other as it is."""
    return data if is_floating(data) else data.astype(jnp.float32)


def cast(data: Array, dtype: DTypeLike) -> Array:
    """An array in another type, as C casts: fractions are cut off, and small integers wrap."""
    target = jnp.dtype(dtype)
    if is_floating(data) and jnp.issubdtype(target, jnp.integer) and target.itemsize < 4:
        data = data.astype(jnp.int32)
    return data.astype(target)


def keeps_type(function: Callable[[Array], Array]) -> Function:
    """A function of one array that answers in the array's type, whole numbers included."""

    def applied(data: Array) -> Array:
        return cast(function(floating(data)), data.dtype)

    return applied


def absolute(data: Array) -> Array:
    """Absolute values whose gradient is 0 at 0, where JAX's own is 1."""
    return data * lax.stop_gradient(jnp.sign(data))


def axes_of(axis: Optional[tuple[int, ...]], dimensions: int) -> tuple[int, ...]:
    """Axes counted from 0; all of them for None and ()."""
    if not axis:
        return tuple(range(dimensions))
    return tuple(sorted(each % dimensions for each in axis))
