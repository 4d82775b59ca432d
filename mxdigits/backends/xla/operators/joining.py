"""Operators that join arrays, and the one that splits an array."""

from __future__ import annotations

import jax.numpy as jnp

from .types import Array, Function


def split(data: Array, *, num_outputs: int, axis: int, squeeze_axis: bool) -> tuple[Array, ...]:
    """The data in equal parts along an axis, which ``squeeze_axis`` removes: ``SliceChannel``.

    Example:
        >>> parts = split(jnp.array([[1, 2, 3, 4]]), num_outputs=2, axis=1, squeeze_axis=False)
        >>> [part.tolist() for part in parts]
        [[[1, 2]], [[3, 4]]]
    """
    pieces = jnp.split(data, num_outputs, axis)
    return tuple(jnp.squeeze(each, axis) if squeeze_axis else each for each in pieces)


def concat(*data: Array, num_args: int, dim: int) -> Array:
    """Arrays joined along an existing axis.

    Example:
        >>> concat(jnp.array([[1], [2]]), jnp.array([[3], [4]]), num_args=2, dim=1).tolist()
        [[1, 3], [2, 4]]
    """
    return jnp.concatenate(data, dim)


def stack(*data: Array, axis: int, num_args: int) -> Array:
    """Arrays of one shape joined along a new axis.

    Example:
        >>> stack(jnp.array([1, 2]), jnp.array([3, 4]), axis=1, num_args=2).tolist()
        [[1, 3], [2, 4]]
    """
    return jnp.stack(data, axis)


FUNCTIONS: dict[str, Function] = {
    "Concat": concat,
    "SliceChannel": split,
    "stack": stack,
}
