"""Operators that move elements, and leave them what they are."""

from __future__ import annotations

from typing import Any, Optional

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ...shapes import npx_codes, oriented, targeted
from .types import Function, axes_of, constant

Shape = tuple[int, ...]


def flatten(data: Tensor) -> Tensor:
    return data.unsqueeze(1) if data.ndim == 1 else data.flatten(1)


def reshape(
    data: Tensor, *, shape: Shape, reverse: bool, target_shape: Shape, keep_highest: bool
) -> Tensor:
    if not shape:
        return data.reshape(targeted(tuple(data.shape), target_shape, keep_highest))
    return data.reshape(oriented(tuple(data.shape), shape, reverse))


def npx_reshape(a: Tensor, *, newshape: Shape, reverse: bool, order: str) -> Tensor:
    return a.reshape(oriented(tuple(a.shape), npx_codes(newshape), reverse))


def swap_axis(data: Tensor, *, dim1: int, dim2: int) -> Tensor:
    return data.transpose(dim1, dim2)


def expand_dims(data: Tensor, *, axis: int) -> Tensor:
    return data.unsqueeze(axis)


def squeeze(data: Tensor, *, axis: Optional[Shape]) -> Tensor:
    if axis is None:
        squeezed = data.squeeze()
    else:
        # () is every axis for the reductions, and none here.
        wrong = [each for each in axis if data.shape[each] != 1]
        if wrong:
            raise ValueError(f"its axis {wrong[0]} is of size {data.shape[wrong[0]]}, not 1")
        squeezed = data.squeeze(axis) if axis else data
    return squeezed if squeezed.ndim else squeezed.reshape(1)


def transpose(data: Tensor, *, axes: Shape) -> Tensor:
    return data.permute(axes or tuple(range(data.ndim))[::-1])


def repeat(data: Tensor, *, repeats: int, axis: Optional[int]) -> Tensor:
    if axis is None:
        data, axis = data.flatten(), 0
    axis %= data.ndim
    sizes = [*data.shape[: axis + 1], repeats, *data.shape[axis + 1 :]]
    return data.unsqueeze(axis + 1).expand(sizes).flatten(axis, axis + 1)


def reverse(data: Tensor, *, axis: Shape) -> Tensor:
    return data.flip(axis)


def tile(data: Tensor, *, reps: Shape) -> Tensor:
    return data.tile(reps)


def pad(data: Tensor, *, mode: str, pad_width: Shape, constant_value: float) -> Tensor:
    widths = list(zip(pad_width[::2], pad_width[1::2]))
    if mode == "constant":
        edges = [width for pair in widths[::-1] for width in pair]
        return F.pad(data, edges, value=constant_value)
    # By index: on a GPU the gradient of PyTorch's own function differs from time to time.
    options: Any = {"mode": mode}
    for axis, width in enumerate(widths):
        if any(width):
            places = np.pad(np.arange(data.shape[axis]), width, **options)
            data = data.index_select(axis, constant(places, data, torch.int64))
    return data


def slice_(
    data: Tensor,
    *,
    begin: tuple[Optional[int], ...],
    end: tuple[Optional[int], ...],
    step: tuple[Optional[int], ...],
) -> Tensor:
    steps = step or (None,) * len(begin)
    for axis, bounds in enumerate(zip(begin, end, steps)):
        places = range(*slice(*bounds).indices(data.shape[axis]))
        turned = places.step < 0
        # PyTorch slices forwards alone.
        forwards = places[::-1] if turned else places
        part = slice(forwards.start, forwards.stop, forwards.step)
        data = data[(slice(None),) * axis + (part,)]
        if turned:
            data = data.flip(axis)
    return data


def slice_axis(data: Tensor, *, axis: int, begin: int, end: Optional[int]) -> Tensor:
    return data[(slice(None),) * (axis % data.ndim) + (slice(begin, end),)]


def slice_like(data: Tensor, shape_like: Tensor, *, axes: Shape) -> Tensor:
    for axis in axes_of(axes, data.ndim):
        data = data.narrow(axis, 0, shape_like.shape[axis])
    return data


def split(data: Tensor, *, num_outputs: int, axis: int, squeeze_axis: bool) -> tuple[Tensor, ...]:
    if data.shape[axis] % num_outputs:
        raise ValueError(f"its axis of {data.shape[axis]} has no {num_outputs} equal parts")
    parts = data.chunk(num_outputs, axis)
    return tuple(each.squeeze(axis) if squeeze_axis else each for each in parts)


def concat(*data: Tensor, num_args: int, dim: int) -> Tensor:
    return torch.cat(data, dim)


def stack(*data: Tensor, axis: int, num_args: int) -> Tensor:
    return torch.stack(data, axis)


def broadcast_axis(data: Tensor, *, axis: Shape, size: Shape) -> Tensor:
    shape = list(data.shape)
    for each, wide in zip(axis, size):
        shape[each] = wide
    return data.expand(shape)


def broadcast_to(data: Tensor, *, shape: Shape) -> Tensor:
    return data.expand([size or data.shape[i] for i, size in enumerate(shape)])


def broadcast_like(
    lhs: Tensor, rhs: Tensor, *, lhs_axes: Optional[Shape], rhs_axes: Optional[Shape]
) -> Tensor:
    if lhs_axes is None or rhs_axes is None:
        return lhs.expand_as(rhs)
    sizes = tuple(rhs.shape[axis] for axis in rhs_axes)
    return broadcast_axis(lhs, axis=lhs_axes, size=sizes)


def take(a: Tensor, indices: Tensor, *, axis: int, mode: str) -> Tensor:
    size = a.shape[axis]
    places = indices.long()
    places = places % size if mode == "wrap" else places.clamp(0, size - 1)
    axis %= a.ndim
    found = a.index_select(axis, places.flatten())
    return found.reshape((*a.shape[:axis], *places.shape, *a.shape[axis + 1 :]))


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
