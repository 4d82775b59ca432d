"""Operators of two arrays, or of an array and a number; and products of matrices."""

from __future__ import annotations

from typing import Callable

import jax.numpy as jnp

from ...graphs.arithmetic import arithmetic_table
from .types import Array, Function, cast, floating, is_floating

Binary = Callable[[Array, Array], Array]


def _modulo(lhs: Array, rhs: Array) -> Array:
    # MXNet gives 0 for division by zero. The inner where keeps NaN out of the gradient.
    nonzero = jnp.where(rhs == 0, jnp.ones_like(rhs), rhs)
    return jnp.where(rhs == 0, jnp.zeros_like(lhs), jnp.mod(lhs, nonzero))


def maximum(lhs: Array, rhs: Array) -> Array:
    """The element-wise maximum; if both are equal, the first gets the gradient.

    Example:
        >>> maximum(jnp.array([1.0, 4.0]), jnp.array([3.0, 2.0])).tolist()
        [3.0, 4.0]
    """
    return jnp.where((lhs >= rhs) | jnp.isnan(lhs), lhs, rhs)


def _minimum(lhs: Array, rhs: Array) -> Array:
    return jnp.where((lhs <= rhs) | jnp.isnan(lhs), lhs, rhs)


def _hypotenuse(lhs: Array, rhs: Array) -> Array:
    return jnp.sqrt(lhs * lhs + rhs * rhs)


_ARITHMETIC: dict[str, Binary] = {
    "add": jnp.add,
    "div": jnp.divide,
    "hypot": _hypotenuse,
    "maximum": maximum,
    "minimum": _minimum,
    "mod": _modulo,
    "mul": jnp.multiply,
    "power": jnp.power,
    "sub": jnp.subtract,
}
_COMPARISONS: dict[str, Binary] = {
    "equal": jnp.equal,
    "greater": jnp.greater,
    "greater_equal": jnp.greater_equal,
    "lesser": jnp.less,
    "lesser_equal": jnp.less_equal,
    "not_equal": jnp.not_equal,
}
_ALL = {**_ARITHMETIC, **_COMPARISONS}


def _of_arrays(name: str) -> Function:
    function = _ALL[name]

    def applied(lhs: Array, rhs: Array) -> Array:
        if name in _COMPARISONS:
            return function(lhs, rhs).astype(lhs.dtype)
        # Sums of whole numbers stay exact; all other results of whole numbers are float32.
        exact = is_floating(lhs) or name in ("add", "mul", "sub")
        result = function(lhs, rhs) if exact else function(floating(lhs), floating(rhs))
        return cast(result, lhs.dtype)

    return applied


def _of_scalar(name: str, reverse: bool = False) -> Function:
    function = _of_arrays(name)

    def applied(data: Array, *, scalar: float, is_int: bool) -> Array:
        if not is_int and not is_floating(data):
            raise TypeError("it gives float64 for whole numbers, which this backend lacks")
        number = cast(jnp.asarray(scalar), data.dtype)
        return function(number, data) if reverse else function(data, number)

    return applied


def dot(lhs: Array, rhs: Array, *, transpose_a: bool, transpose_b: bool, **_: object) -> Array:
    """The product over the last axis of ``lhs`` and the first of ``rhs``.

    The product of two vectors has the shape (1,).

    Example:
        >>> rows, columns = jnp.array([[1.0, 2.0], [3.0, 4.0]]), jnp.array([[1.0], [10.0]])
        >>> dot(rows, columns, transpose_a=False, transpose_b=False).tolist()
        [[21.0], [43.0]]
    """
    axes = (0 if transpose_a else -1, -1 if transpose_b else 0)
    product = jnp.tensordot(lhs, rhs, axes=axes)
    return product.reshape((1,)) if product.ndim == 0 else product


def batch_dot(
    lhs: Array, rhs: Array, *, transpose_a: bool, transpose_b: bool, **_: object
) -> Array:
    """The products of matrices (..., n, k) and (..., k, m), pair by pair: (..., n, m).

    Example:
        >>> rows, columns = jnp.ones((5, 2, 3)), jnp.ones((5, 4, 3))
        >>> batch_dot(rows, columns, transpose_a=False, transpose_b=True).shape
        (5, 2, 4)
    """
    if transpose_a:
        lhs = jnp.swapaxes(lhs, -1, -2)
    if transpose_b:
        rhs = jnp.swapaxes(rhs, -1, -2)
    return jnp.matmul(lhs, rhs)


def add_n(*args: Array, num_args: int) -> Array:
    """The sum of any number of arrays of one shape.

    Example:
        >>> add_n(jnp.array([1, 2]), jnp.array([10, 20]), num_args=2).tolist()
        [11, 22]
    """
    total = args[0]
    for each in args[1:]:
        total = total + each
    return total


def where(condition: Array, x: Array, y: Array) -> Array:
    """Elements of ``x`` where ``condition`` is not 0, and of ``y`` elsewhere.

    A ``condition`` of one axis chooses whole rows.

    Example:
        >>> x, y = jnp.array([[1, 2], [3, 4]]), jnp.zeros((2, 2), int)
        >>> where(jnp.array([1, 0]), x, y).tolist()
        [[1, 2], [0, 0]]
    """
    if condition.ndim == 1:  # it chooses whole rows
        condition = condition.reshape((-1,) + (1,) * (x.ndim - 1))
    return jnp.where(condition != 0, x, y)


FUNCTIONS: dict[str, Function] = {
    **arithmetic_table(_of_arrays, _of_scalar),
    "add_n": add_n,
    "batch_dot": batch_dot,
    "dot": dot,
    "where": where,
}
