"""Operators that make an array larger: repeated, broadcast or padded."""

from __future__ import annotations

from typing import Optional

import jax.numpy as jnp

from ....arrays import Shape
from .types import Array, Function


def pad(data: Array, *, mode: str, pad_width: Shape, constant_value: float) -> Array:
    """The data padded with elements before and after each axis.

    ``pad_width`` has two numbers per axis; ``mode`` is ``constant``, ``edge`` or ``reflect``.

    Example:
        >>> pad(jnp.array([1, 2, 3]), mode="reflect", pad_width=(1, 1), constant_value=0.0).tolist()
        [2, 1, 2, 3, 2]
    """
    widths = list(zip(pad_width[::2], pad_width[1::2]))
    if mode == "constant":
        return jnp.pad(data, widths, constant_values=constant_value)
    return jnp.pad(data, widths, mode=mode)


def broadcast_axis(data: Array, *, axis: Shape, size: Shape) -> Array:
    """The data broadcast along axes of size 1.

    Example:
        >>> broadcast_axis(jnp.array([[1], [2]]), axis=(1,), size=(3,)).tolist()
        [[1, 1, 1], [2, 2, 2]]
    """
    shape = list(data.shape)
    for each, wide in zip(axis, size):
        shape[each] = wide
    return jnp.broadcast_to(data, shape)


def broadcast_to(data: Array, *, shape: Shape) -> Array:
    """The data broadcast to a shape, in which 0 keeps a size.

    Example:
        >>> broadcast_to(jnp.array([[1], [2]]), shape=(0, 3)).tolist()
        [[1, 1, 1], [2, 2, 2]]
    """
    sizes = [size or data.shape[i] for i, size in enumerate(shape)]
    return jnp.broadcast_to(data, sizes)


def broadcast_like(
    lhs: Array, rhs: Array, *, lhs_axes: Optional[Shape], rhs_axes: Optional[Shape]
) -> Array:
    """The data broadcast to the shape of another array, or only along the named axes.

    Example:
        >>> broadcast_like(jnp.zeros((1, 3)), jnp.zeros((2, 3)), lhs_axes=None, rhs_axes=None).shape
        (2, 3)
    """
    if lhs_axes is None or rhs_axes is None:
        return jnp.broadcast_to(lhs, rhs.shape)
    sizes = tuple(rhs.shape[axis] for axis in rhs_axes)
    return broadcast_axis(lhs, axis=lhs_axes, size=sizes)


FUNCTIONS: dict[str, Function] = {
    "Pad": pad,
    "broadcast_axis": broadcast_axis,
    "broadcast_like": broadcast_like,
    "broadcast_to": broadcast_to,
    "repeat": jnp.repeat,
    "tile": jnp.tile,
}
