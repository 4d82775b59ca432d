"""Operators that move elements, and leave them what they are."""

from __future__ import annotations

import math
from typing import Optional

import jax.numpy as jnp

from ...shapes import npx_codes, oriented, targeted
from .types import Array, Function, axes_of

Shape = tuple[int, ...]


def flatten(data: Array) -> Array:
    return data.reshape((data.shape[0], math.prod(data.shape[1:])))


def reshape(
    data: Array, *, shape: Shape, reverse: bool, target_shape: Shape, keep_highest: bool
) -> Array:
    if not shape:
        return data.reshape(targeted(data.shape, target_shape, keep_highest))
    return data.reshape(oriented(data.shape, shape, reverse))


def npx_reshape(a: Array, *, newshape: Shape, reverse: bool, order: str) -> Array:
    return a.reshape(oriented(a.shape, npx_codes(newshape), reverse))


def swap_axis(data: Array, *, dim1: int, dim2: int) -> Array:
    return jnp.swapaxes(data, dim1, dim2)


def expand_dims(data: Array, *, axis: int) -> Array:
    return jnp.expand_dims(data, axis)


def squeeze(data: Array, *, axis: Optional[Shape]) -> Array:
    # () is every axis for the reductions, and none here.
    squeezed = jnp.squeeze(data, axis)
    return squeezed if squeezed.ndim else squeezed.reshape((1,))


def transpose(data: Array, *, axes: Shape) -> Array:
    return jnp.transpose(data, axes or None)


def repeat(data: Array, *, repeats: int, axis: Optional[int]) -> Array:
    return jnp.repeat(data, repeats, axis)


def reverse(data: Array, *, axis: Shape) -> Array:
    return jnp.flip(data, axis)


def tile(data: Array, *, reps: Shape) -> Array:
    return jnp.tile(data, reps)


def pad(data: Array, *, mode: str, pad_width: Shape, constant_value: float) -> Array:
    widths = list(zip(pad_width[::2], pad_width[1::2]))
    if mode == "constant":
        return jnp.pad(data, widths, constant_values=constant_value)
    return jnp.pad(data, widths, mode=mode)


def slice_(
    data: Array,
    *,
    begin: tuple[Optional[int], ...],
    end: tuple[Optional[int], ...],
    step: tuple[Optional[int], ...],
) -> Array:
    steps = step or (None,) * len(begin)
    return data[tuple(slice(*each) for each in zip(begin, end, steps))]


def slice_axis(data: Array, *, axis: int, begin: int, end: Optional[int]) -> Array:
    return data[(slice(None),) * (axis % data.ndim) + (slice(begin, end),)]


def slice_like(data: Array, shape_like: Array, *, axes: Shape) -> Array:
    ends = list(data.shape)
    for axis in axes_of(axes, data.ndim):
        ends[axis] = shape_like.shape[axis]
    return data[tuple(slice(end) for end in ends)]


def split(data: Array, *, num_outputs: int, axis: int, squeeze_axis: bool) -> tuple[Array, ...]:
    pieces = jnp.split(data, num_outputs, axis)
    return tuple(jnp.squeeze(each, axis) if squeeze_axis else each for each in pieces)


def concat(*data: Array, num_args: int, dim: int) -> Array:
    return jnp.concatenate(data, dim)


def stack(*data: Array, axis: int, num_args: int) -> Array:
    return jnp.stack(data, axis)


def broadcast_axis(data: Array, *, axis: Shape, size: Shape) -> Array:
    shape = list(data.shape)
    for each, wide in zip(axis, size):
        shape[each] = wide
    return jnp.broadcast_to(data, shape)


def broadcast_to(data: Array, *, shape: Shape) -> Array:
    sizes = [size or data.shape[i] for i, size in enumerate(shape)]
    return jnp.broadcast_to(data, sizes)


def broadcast_like(
    lhs: Array, rhs: Array, *, lhs_axes: Optional[Shape], rhs_axes: Optional[Shape]
) -> Array:
    if lhs_axes is None or rhs_axes is None:
        return jnp.broadcast_to(lhs, rhs.shape)
    sizes = tuple(rhs.shape[axis] for axis in rhs_axes)
    return broadcast_axis(lhs, axis=lhs_axes, size=sizes)


def take(a: Array, indices: Array, *, axis: int, mode: str) -> Array:
    return jnp.take(a, indices.astype(jnp.int32), axis=axis, mode=mode)


FUNCTIONS: dict[str, Function] = {
    "Concat": concat,
    "Flatten": flatten,
    "Pad": pad,
    "Reshape": reshape,
    "SliceChannel": split,
    "SwapAxis": swap_axis,
    "_npx_reshape": npx_reshape,
    "broadcast_axis": broadcast_axis,
    "broadcast_like": broadcast_like,
    "broadcast_to": broadcast_to,
    "expand_dims": expand_dims,
    "repeat": repeat,
    "reverse": reverse,
    "slice": slice_,
    "slice_axis": slice_axis,
    "slice_like": slice_like,
    "squeeze": squeeze,
    "stack": stack,
    "take": take,
    "tile": tile,
    "transpose": transpose,
}
