"""Shared by the functions of all families: types of arrays, and casts as in MXNet."""

from __future__ import annotations

from typing import Any, Callable, Union

import jax.numpy as jnp
from jax import Array, lax
from numpy.typing import DTypeLike

# The result of a function: one array, several arrays, or BatchNorm's pair.
Result = Any
Function = Callable[..., Result]
Outputs = Union[Array, tuple[Array, ...]]

__all__ = [
    "Array",
    "Function",
    "Outputs",
    "Result",
    "absolute",
    "cast",
    "floating",
    "is_floating",
    "keeps_type",
]


def is_floating(data: Array) -> bool:
    """Whether an array holds floating-point numbers of any width.

    Example:
        >>> is_floating(jnp.zeros(2)), is_floating(jnp.zeros(2, int))
        (True, False)
    """
    return bool(jnp.issubdtype(data.dtype, jnp.floating))


def floating(data: Array) -> Array:
    """An array of whole numbers as float32; any other array unchanged.

    Example:
        >>> floating(jnp.array([1, 2])).tolist()
        [1.0, 2.0]
    """
    return data if is_floating(data) else data.astype(jnp.float32)


def cast(data: Array, dtype: DTypeLike) -> Array:
    """An array cast to another type as in C: fractions are cut off, and small integers wrap.

    Example:
        >>> cast(jnp.array([1.7, 300.0]), "uint8").tolist()
        [1, 44]
    """
    target = jnp.dtype(dtype)
    if is_floating(data) and jnp.issubdtype(target, jnp.integer) and target.itemsize < 4:
        data = data.astype(jnp.int32)
    return data.astype(target)


def keeps_type(function: Callable[[Array], Array]) -> Function:
    """A function of one array whose result has the array's type, also for whole numbers.

    Example:
        >>> keeps_type(jnp.sqrt)(jnp.array([4, 10])).tolist()
        [2, 3]
    """

    def applied(data: Array) -> Array:
        return cast(function(floating(data)), data.dtype)

    return applied


def absolute(data: Array) -> Array:
    """Absolute values with gradient 0 at 0, where JAX's own gradient is 1.

    Example:
        >>> import jax
        >>> absolute(jnp.array([-2.0, 3.0])).tolist(), float(jax.grad(absolute)(0.0))
        ([2.0, 3.0], 0.0)
    """
    return data * lax.stop_gradient(jnp.sign(data))
