"""Operators that change the shape of an array or the order of its axes."""

from __future__ import annotations

import math
from typing import Optional

import jax.numpy as jnp

from ....arrays import Shape
from ...graphs.shapes import npx_codes, oriented, targeted
from .types import Array, Function


def flatten(data: Array) -> Array:
    """The data with all axes but the first joined to one: (n, rest).

    Example:
        >>> flatten(jnp.zeros((2, 3, 4))).shape
        (2, 12)
    """
    return data.reshape((data.shape[0], math.prod(data.shape[1:])))


def reshape(
    data: Array, *, shape: Shape, reverse: bool, target_shape: Shape, keep_highest: bool
) -> Array:
    """The data in another shape, given in the codes of ``mx.sym.Reshape``.

    If ``shape`` is (), ``target_shape`` and ``keep_highest`` give the shape.

    Example:
        >>> more = {"reverse": False, "target_shape": (), "keep_highest": False}
        >>> reshape(jnp.zeros((2, 3, 4)), shape=(0, -1), **more).shape
        (2, 12)
    """
    if not shape:
        return data.reshape(targeted(data.shape, target_shape, keep_highest))
    return data.reshape(oriented(data.shape, shape, reverse))


def npx_reshape(a: Array, *, newshape: Shape, reverse: bool, order: str) -> Array:
    """The data in another shape, given in the codes of ``mx.npx.reshape``.

    Example:
        >>> npx_reshape(jnp.zeros((2, 3, 4)), newshape=(-5, 4), reverse=False, order="C").shape
        (6, 4)
    """
    return a.reshape(oriented(a.shape, npx_codes(newshape), reverse))


def swap_axis(data: Array, *, dim1: int, dim2: int) -> Array:
    """The data with two axes swapped.

    Example:
        >>> swap_axis(jnp.zeros((2, 3, 4)), dim1=0, dim2=2).shape
        (4, 3, 2)
    """
    return jnp.swapaxes(data, dim1, dim2)


def squeeze(data: Array, *, axis: Optional[Shape]) -> Array:
    """The data without axes of size 1; at least one axis stays.

    Example:
        >>> squeeze(jnp.zeros((2, 1, 3)), axis=None).shape
        (2, 3)
    """
    # For reductions () means all axes, but here it means none.
    squeezed = jnp.squeeze(data, axis)
    return squeezed if squeezed.ndim else squeezed.reshape((1,))


def transpose(data: Array, *, axes: Shape) -> Array:
    """The data with their axes in another order; in reverse order for ().

    Example:
        >>> transpose(jnp.zeros((2, 3, 4)), axes=()).shape
        (4, 3, 2)
    """
    return jnp.transpose(data, axes or None)


FUNCTIONS: dict[str, Function] = {
    "Flatten": flatten,
    "Reshape": reshape,
    "SwapAxis": swap_axis,
    "_npx_reshape": npx_reshape,
    "expand_dims": jnp.expand_dims,
    "squeeze": squeeze,
    "transpose": transpose,
}
