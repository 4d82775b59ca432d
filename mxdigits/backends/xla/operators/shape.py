"""Operators that move elements without changing them."""

from __future__ import annotations

import math
from typing import Optional

import jax.numpy as jnp

from ...graphs.shapes import axes_of, expect_rows, npx_codes, oriented, targeted
from .types import Array, Function

Shape = tuple[int, ...]


def flatten(data: Array) -> Array:
    """The data with all axes but the first in one: (n, everything else).

    Example:
        >>> flatten(jnp.zeros((2, 3, 4))).shape
        (2, 12)
    """
    return data.reshape((data.shape[0], math.prod(data.shape[1:])))


def reshape(
    data: Array, *, shape: Shape, reverse: bool, target_shape: Shape, keep_highest: bool
) -> Array:
    """The data in another shape, which is in the codes of ``mx.sym.Reshape``.

    ``target_shape`` and ``keep_highest`` say it where ``shape`` is ().

    Example:
        >>> more = {"reverse": False, "target_shape": (), "keep_highest": False}
        >>> reshape(jnp.zeros((2, 3, 4)), shape=(0, -1), **more).shape
        (2, 12)
    """
    if not shape:
        return data.reshape(targeted(data.shape, target_shape, keep_highest))
    return data.reshape(oriented(data.shape, shape, reverse))


def npx_reshape(a: Array, *, newshape: Shape, reverse: bool, order: str) -> Array:
    """The data in another shape, in the codes of ``mx.npx.reshape``.

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


def expand_dims(data: Array, *, axis: int) -> Array:
    """The data with a further axis of size 1.

    Example:
        >>> expand_dims(jnp.zeros((2, 3)), axis=1).shape
        (2, 1, 3)
    """
    return jnp.expand_dims(data, axis)


def squeeze(data: Array, *, axis: Optional[Shape]) -> Array:
    """The data without axes of size 1; at least one axis stays.

    Example:
        >>> squeeze(jnp.zeros((2, 1, 3)), axis=None).shape
        (2, 3)
    """
    # () is every axis for the reductions, and none here.
    squeezed = jnp.squeeze(data, axis)
    return squeezed if squeezed.ndim else squeezed.reshape((1,))


def transpose(data: Array, *, axes: Shape) -> Array:
    """The data with their axes in another order; in the opposite one for ().

    Example:
        >>> transpose(jnp.zeros((2, 3, 4)), axes=()).shape
        (4, 3, 2)
    """
    return jnp.transpose(data, axes or None)


def repeat(data: Array, *, repeats: int, axis: Optional[int]) -> Array:
    """Each element so many times in a row, along an axis or of the flattened data.

    Example:
        >>> repeat(jnp.array([1, 2]), repeats=2, axis=0).tolist()
        [1, 1, 2, 2]
    """
    return jnp.repeat(data, repeats, axis)


def reverse(data: Array, *, axis: Shape) -> Array:
    """The data backwards along axes.

    Example:
        >>> reverse(jnp.array([[1, 2], [3, 4]]), axis=(1,)).tolist()
        [[2, 1], [4, 3]]
    """
    return jnp.flip(data, axis)


def tile(data: Array, *, reps: Shape) -> Array:
    """The data so many times along each axis.

    Example:
        >>> tile(jnp.array([1, 2]), reps=(2,)).tolist()
        [1, 2, 1, 2]
    """
    return jnp.tile(data, reps)


def pad(data: Array, *, mode: str, pad_width: Shape, constant_value: float) -> Array:
    """The data with so many further elements before and behind each axis.

    ``pad_width`` has two numbers an axis; ``mode`` is ``constant``, ``edge`` or ``reflect``.

    Example:
        >>> pad(jnp.array([1, 2, 3]), mode="reflect", pad_width=(1, 1), constant_value=0.0).tolist()
        [2, 1, 2, 3, 2]
    """
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
    """A part of the data by the bounds of each axis, as Python's slices have them.

    Example:
        >>> slice_(jnp.arange(10), begin=(1,), end=(None,), step=(3,)).tolist()
        [1, 4, 7]
    """
    steps = step or (None,) * len(begin)
    return data[tuple(slice(*each) for each in zip(begin, end, steps))]


def slice_axis(data: Array, *, axis: int, begin: int, end: Optional[int]) -> Array:
    """A part of the data by its bounds along one axis.

    Example:
        >>> slice_axis(jnp.array([[1, 2, 3]]), axis=1, begin=1, end=None).tolist()
        [[2, 3]]
    """
    return data[(slice(None),) * (axis % data.ndim) + (slice(begin, end),)]


def slice_like(data: Array, shape_like: Array, *, axes: Shape) -> Array:
    """The first part of the data, as long as another array along axes; along all for ().

    Example:
        >>> slice_like(jnp.zeros((4, 5)), jnp.zeros((2, 3)), axes=(0,)).shape
        (2, 5)
    """
    ends = list(data.shape)
    for axis in axes_of(axes, data.ndim):
        ends[axis] = shape_like.shape[axis]
    return data[tuple(slice(end) for end in ends)]


def split(data: Array, *, num_outputs: int, axis: int, squeeze_axis: bool) -> tuple[Array, ...]:
    """The data in equal parts along an axis, which each part may lose: ``SliceChannel``.

    Example:
        >>> parts = split(jnp.array([[1, 2, 3, 4]]), num_outputs=2, axis=1, squeeze_axis=False)
        >>> [part.tolist() for part in parts]
        [[[1, 2]], [[3, 4]]]
    """
    pieces = jnp.split(data, num_outputs, axis)
    return tuple(jnp.squeeze(each, axis) if squeeze_axis else each for each in pieces)


def concat(*data: Array, num_args: int, dim: int) -> Array:
    """Arrays joined along an axis that they have.

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


def broadcast_axis(data: Array, *, axis: Shape, size: Shape) -> Array:
    """The data repeated along axes of size 1.

    Example:
        >>> broadcast_axis(jnp.array([[1], [2]]), axis=(1,), size=(3,)).tolist()
        [[1, 1, 1], [2, 2, 2]]
    """
    shape = list(data.shape)
    for each, wide in zip(axis, size):
        shape[each] = wide
    return jnp.broadcast_to(data, shape)


def broadcast_to(data: Array, *, shape: Shape) -> Array:
    """The data repeated to a shape, whose zeros keep a size.

    Example:
        >>> broadcast_to(jnp.array([[1], [2]]), shape=(0, 3)).tolist()
        [[1, 1, 1], [2, 2, 2]]
    """
    sizes = [size or data.shape[i] for i, size in enumerate(shape)]
    return jnp.broadcast_to(data, sizes)


def broadcast_like(
    lhs: Array, rhs: Array, *, lhs_axes: Optional[Shape], rhs_axes: Optional[Shape]
) -> Array:
    """The data repeated to the shape of another array, or along the axes that are named.

    Example:
        >>> broadcast_like(jnp.zeros((1, 3)), jnp.zeros((2, 3)), lhs_axes=None, rhs_axes=None).shape
        (2, 3)
    """
    if lhs_axes is None or rhs_axes is None:
        return jnp.broadcast_to(lhs, rhs.shape)
    sizes = tuple(rhs.shape[axis] for axis in rhs_axes)
    return broadcast_axis(lhs, axis=lhs_axes, size=sizes)


def take(a: Array, indices: Array, *, axis: int, mode: str) -> Array:
    """The slices of ``a`` at whole numbers along an axis.

    A number beyond an end is moved to it by the mode ``clip``, and counted on by ``wrap``.

    Example:
        >>> take(jnp.array([10, 20, 30]), jnp.array([2.0, 5.0]), axis=0, mode="clip").tolist()
        [30, 30]
    """
    return jnp.take(a, indices.astype(jnp.int32), axis=axis, mode=mode)


def embedding(data: Array, weight: Array, *, input_dim: int, output_dim: int, **_: object) -> Array:
    """A row of the weight (rows, numbers) for each number of the data.

    Example:
        >>> table = jnp.array([[1.0, 2.0], [3.0, 4.0]])
        >>> embedding(jnp.array([1.0, 7.0]), table, input_dim=2, output_dim=2).tolist()
        [[3.0, 4.0], [3.0, 4.0]]
    """
    expect_rows(weight.shape, input_dim, output_dim)
    return take(weight, data, axis=0, mode="clip")


def one_hot(indices: Array, *, depth: int, on_value: float, off_value: float, dtype: str) -> Array:
    """A further axis, with one value at the place that a number says, and another elsewhere.

    Example:
        >>> one_hot(jnp.array([1.0]), depth=3, on_value=1.0, off_value=0.0, dtype="int32").tolist()
        [[0, 1, 0]]
    """
    there = indices.astype(jnp.int32)[..., None] == jnp.arange(depth)
    return jnp.where(there, on_value, off_value).astype(dtype)


def cumsum(a: Array, *, axis: Optional[int], dtype: Optional[str]) -> Array:
    """The sums of all numbers up to each, along an axis; of all in a row for None.

    Example:
        >>> cumsum(jnp.array([1.0, 2.0, 3.0]), axis=0, dtype=None).tolist()
        [1.0, 3.0, 6.0]
    """
    return jnp.cumsum(a, axis=axis, dtype=dtype or a.dtype)


FUNCTIONS: dict[str, Function] = {
    "Concat": concat,
    "Embedding": embedding,
    "Flatten": flatten,
    "Pad": pad,
    "Reshape": reshape,
    "SliceChannel": split,
    "SwapAxis": swap_axis,
    "_np_cumsum": cumsum,
    "_npx_reshape": npx_reshape,
    "broadcast_axis": broadcast_axis,
    "broadcast_like": broadcast_like,
    "broadcast_to": broadcast_to,
    "expand_dims": expand_dims,
    "one_hot": one_hot,
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
