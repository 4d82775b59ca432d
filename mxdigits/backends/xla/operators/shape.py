"""Operators that move elements, and leave them what they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Optional

import jax.numpy as jnp

from .types import Array, Function, axes_of

Shape = tuple[int, ...]

# What ``npx.reshape`` writes for the codes of :func:`reshaped`.
_NPX_CODES = {-1: -1, -2: 0, -3: -6, -4: -2, -5: -3, -6: -4}


def flatten(data: Array) -> Array:
    return data.reshape((data.shape[0], math.prod(data.shape[1:])))


def reshape(
    data: Array, *, shape: Shape, reverse: bool, target_shape: Shape, keep_highest: bool
) -> Array:
    if not shape:
        return data.reshape(_target(data.shape, target_shape, keep_highest))
    return data.reshape(_oriented(data.shape, shape, reverse))


def npx_reshape(a: Array, *, newshape: Shape, reverse: bool, order: str) -> Array:
    codes = [_NPX_CODES.get(size, size) for size in newshape]
    return a.reshape(_oriented(a.shape, codes, reverse))


def _oriented(shape: Shape, codes: Sequence[int], reverse: bool) -> Shape:
    if reverse:
        return reshaped(shape[::-1], codes[::-1])[::-1]
    return reshaped(shape, codes)


def reshaped(shape: Shape, codes: Sequence[int]) -> Shape:
    """The shape that codes of ``Reshape`` make of another.

    0 keeps a size, -1 is inferred, -2 keeps all that remain, -3 joins two, and -4 splits one into
    the two that follow.  -6 drops a 1, which only ``npx.reshape`` can.

    Raises:
        ValueError: if the codes do not fit the shape.

    Example:
        >>> reshaped((2, 3, 4), (-3, 0))
        (6, 4)
    """
    sizes: list[int] = []
    left = list(shape)
    inferred: Optional[int] = None
    todo = list(codes)
    try:
        while todo:
            code = todo.pop(0)
            if code == 0:
                sizes.append(left.pop(0))
            elif code == -1:
                if inferred is not None:
                    raise ValueError("two sizes are -1")
                inferred = len(sizes)
                sizes.append(1)
                del left[:1]
            elif code == -2:
                sizes += left
                left = []
            elif code == -3:
                sizes.append(left.pop(0) * left.pop(0))
            elif code == -4:
                sizes += _split(left.pop(0), todo.pop(0), todo.pop(0))
            elif code == -6:
                if left.pop(0) != 1:
                    raise ValueError("a size is dropped that is not 1")
            else:
                sizes.append(code)
                del left[:1]
    except IndexError:
        raise ValueError(f"the shape {tuple(codes)} asks for more sizes than {shape} has") from None
    if inferred is not None:
        sizes[inferred] = math.prod(shape) // max(math.prod(sizes), 1)
    return tuple(sizes)


def _split(size: int, first: int, second: int) -> list[int]:
    if first == -1:
        first = size // second
    elif second == -1:
        second = size // first
    if first * second != size:
        raise ValueError(f"{size} is not {first} times {second}")
    return [first, second]


def _target(shape: Shape, target: Shape, keep_highest: bool) -> Shape:
    """What the older attributes say: 0 is inferred, and the first size may be kept."""
    sizes = list(target)
    if keep_highest:
        sizes[0] = shape[0]
    unknown = [i for i in range(int(keep_highest), len(sizes)) if sizes[i] == 0]
    if len(unknown) == 1:
        sizes[unknown[0]] = 1
        sizes[unknown[0]] = math.prod(shape) // math.prod(sizes)
    return tuple(sizes)


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
