"""Operators that move elements, and leave them what they are."""

from __future__ import annotations

from typing import Literal, Optional

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ...graphs.shapes import axes_of, expect_rows, npx_codes, oriented, targeted
from .types import Function, constant, dtype_of

Shape = tuple[int, ...]
_Padding = Literal["constant", "edge", "reflect"]


def flatten(data: Tensor) -> Tensor:
    """The data with all axes but the first in one: (n, everything else).

    Example:
        >>> tuple(flatten(torch.zeros((2, 3, 4))).shape)
        (2, 12)
    """
    return data.unsqueeze(1) if data.ndim == 1 else data.flatten(1)


def reshape(
    data: Tensor, *, shape: Shape, reverse: bool, target_shape: Shape, keep_highest: bool
) -> Tensor:
    """The data in another shape, which is in the codes of ``mx.sym.Reshape``.

    ``target_shape`` and ``keep_highest`` say it where ``shape`` is ().

    Example:
        >>> more = {"reverse": False, "target_shape": (), "keep_highest": False}
        >>> tuple(reshape(torch.zeros((2, 3, 4)), shape=(0, -1), **more).shape)
        (2, 12)
    """
    if not shape:
        return data.reshape(targeted(tuple(data.shape), target_shape, keep_highest))
    return data.reshape(oriented(tuple(data.shape), shape, reverse))


def npx_reshape(a: Tensor, *, newshape: Shape, reverse: bool, order: str) -> Tensor:
    """The data in another shape, in the codes of ``mx.npx.reshape``.

    Example:
        >>> data = torch.zeros((2, 3, 4))
        >>> tuple(npx_reshape(data, newshape=(-5, 4), reverse=False, order="C").shape)
        (6, 4)
    """
    return a.reshape(oriented(tuple(a.shape), npx_codes(newshape), reverse))


def swap_axis(data: Tensor, *, dim1: int, dim2: int) -> Tensor:
    """The data with two axes swapped.

    Example:
        >>> tuple(swap_axis(torch.zeros((2, 3, 4)), dim1=0, dim2=2).shape)
        (4, 3, 2)
    """
    return data.transpose(dim1, dim2)


def expand_dims(data: Tensor, *, axis: int) -> Tensor:
    """The data with a further axis of size 1.

    Example:
        >>> tuple(expand_dims(torch.zeros((2, 3)), axis=1).shape)
        (2, 1, 3)
    """
    return data.unsqueeze(axis)


def squeeze(data: Tensor, *, axis: Optional[Shape]) -> Tensor:
    """The data without axes of size 1; at least one axis stays.

    Example:
        >>> tuple(squeeze(torch.zeros((2, 1, 3)), axis=None).shape)
        (2, 3)
    """
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
    """The data with their axes in another order; in the opposite one for ().

    Example:
        >>> tuple(transpose(torch.zeros((2, 3, 4)), axes=()).shape)
        (4, 3, 2)
    """
    return data.permute(axes or tuple(range(data.ndim))[::-1])


def repeat(data: Tensor, *, repeats: int, axis: Optional[int]) -> Tensor:
    """Each element so many times in a row, along an axis or of the flattened data.

    Example:
        >>> repeat(torch.tensor([1, 2]), repeats=2, axis=0).tolist()
        [1, 1, 2, 2]
    """
    if axis is None:
        data, axis = data.flatten(), 0
    axis %= data.ndim
    sizes = [*data.shape[: axis + 1], repeats, *data.shape[axis + 1 :]]
    return data.unsqueeze(axis + 1).expand(sizes).flatten(axis, axis + 1)


def reverse(data: Tensor, *, axis: Shape) -> Tensor:
    """The data backwards along axes.

    Example:
        >>> reverse(torch.tensor([[1, 2], [3, 4]]), axis=(1,)).tolist()
        [[2, 1], [4, 3]]
    """
    return data.flip(axis)


def tile(data: Tensor, *, reps: Shape) -> Tensor:
    """The data so many times along each axis.

    Example:
        >>> tile(torch.tensor([1, 2]), reps=(2,)).tolist()
        [1, 2, 1, 2]
    """
    return data.tile(reps)


def pad(data: Tensor, *, mode: _Padding, pad_width: Shape, constant_value: float) -> Tensor:
    """The data with so many further elements before and behind each axis.

    ``pad_width`` has two numbers an axis; ``mode`` is ``constant``, ``edge`` or ``reflect``.

    Example:
        >>> data = torch.tensor([1, 2, 3])
        >>> pad(data, mode="reflect", pad_width=(1, 1), constant_value=0.0).tolist()
        [2, 1, 2, 3, 2]
    """
    widths = list(zip(pad_width[::2], pad_width[1::2]))
    if mode == "constant":
        edges = [width for pair in widths[::-1] for width in pair]
        return F.pad(data, edges, value=constant_value)
    # By index: on a GPU the gradient of PyTorch's own function differs from time to time.
    for axis, width in enumerate(widths):
        if any(width):
            places = np.pad(np.arange(data.shape[axis]), width, mode=mode)
            data = data.index_select(axis, constant(places, data, torch.int64))
    return data


def slice_(
    data: Tensor,
    *,
    begin: tuple[Optional[int], ...],
    end: tuple[Optional[int], ...],
    step: tuple[Optional[int], ...],
) -> Tensor:
    """A part of the data by the bounds of each axis, as Python's slices have them.

    Example:
        >>> slice_(torch.arange(10), begin=(1,), end=(None,), step=(3,)).tolist()
        [1, 4, 7]
    """
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
    """A part of the data by its bounds along one axis.

    Example:
        >>> slice_axis(torch.tensor([[1, 2, 3]]), axis=1, begin=1, end=None).tolist()
        [[2, 3]]
    """
    return data[(slice(None),) * (axis % data.ndim) + (slice(begin, end),)]


def slice_like(data: Tensor, shape_like: Tensor, *, axes: Shape) -> Tensor:
    """The first part of the data, as long as another array along axes; along all for ().

    Example:
        >>> tuple(slice_like(torch.zeros((4, 5)), torch.zeros((2, 3)), axes=(0,)).shape)
        (2, 5)
    """
    for axis in axes_of(axes, data.ndim):
        data = data.narrow(axis, 0, shape_like.shape[axis])
    return data


def split(data: Tensor, *, num_outputs: int, axis: int, squeeze_axis: bool) -> tuple[Tensor, ...]:
    """The data in equal parts along an axis, which each part may lose: ``SliceChannel``.

    Example:
        >>> parts = split(torch.tensor([[1, 2, 3, 4]]), num_outputs=2, axis=1, squeeze_axis=False)
        >>> [part.tolist() for part in parts]
        [[[1, 2]], [[3, 4]]]
    """
    if data.shape[axis] % num_outputs:
        raise ValueError(f"its axis of {data.shape[axis]} has no {num_outputs} equal parts")
    parts = data.chunk(num_outputs, axis)
    return tuple(each.squeeze(axis) if squeeze_axis else each for each in parts)


def concat(*data: Tensor, num_args: int, dim: int) -> Tensor:
    """Arrays joined along an axis that they have.

    Example:
        >>> concat(torch.tensor([[1], [2]]), torch.tensor([[3], [4]]), num_args=2, dim=1).tolist()
        [[1, 3], [2, 4]]
    """
    return torch.cat(data, dim)


def stack(*data: Tensor, axis: int, num_args: int) -> Tensor:
    """Arrays of one shape joined along a new axis.

    Example:
        >>> stack(torch.tensor([1, 2]), torch.tensor([3, 4]), axis=1, num_args=2).tolist()
        [[1, 3], [2, 4]]
    """
    return torch.stack(data, axis)


def broadcast_axis(data: Tensor, *, axis: Shape, size: Shape) -> Tensor:
    """The data repeated along axes of size 1.

    Example:
        >>> broadcast_axis(torch.tensor([[1], [2]]), axis=(1,), size=(3,)).tolist()
        [[1, 1, 1], [2, 2, 2]]
    """
    shape = list(data.shape)
    for each, wide in zip(axis, size):
        shape[each] = wide
    return data.expand(shape)


def broadcast_to(data: Tensor, *, shape: Shape) -> Tensor:
    """The data repeated to a shape, whose zeros keep a size.

    Example:
        >>> broadcast_to(torch.tensor([[1], [2]]), shape=(0, 3)).tolist()
        [[1, 1, 1], [2, 2, 2]]
    """
    return data.expand([size or data.shape[i] for i, size in enumerate(shape)])


def broadcast_like(
    lhs: Tensor, rhs: Tensor, *, lhs_axes: Optional[Shape], rhs_axes: Optional[Shape]
) -> Tensor:
    """The data repeated to the shape of another array, or along the axes that are named.

    Example:
        >>> lhs, rhs = torch.zeros((1, 3)), torch.zeros((2, 3))
        >>> tuple(broadcast_like(lhs, rhs, lhs_axes=None, rhs_axes=None).shape)
        (2, 3)
    """
    if lhs_axes is None or rhs_axes is None:
        return lhs.expand_as(rhs)
    sizes = tuple(rhs.shape[axis] for axis in rhs_axes)
    return broadcast_axis(lhs, axis=lhs_axes, size=sizes)


def take(a: Tensor, indices: Tensor, *, axis: int, mode: str) -> Tensor:
    """The slices of ``a`` at whole numbers along an axis.

    A number beyond an end is moved to it by the mode ``clip``, and counted on by ``wrap``.

    Example:
        >>> take(torch.tensor([10, 20, 30]), torch.tensor([2.0, 5.0]), axis=0, mode="clip").tolist()
        [30, 30]
    """
    size = a.shape[axis]
    places = indices.long()
    places = places % size if mode == "wrap" else places.clamp(0, size - 1)
    axis %= a.ndim
    found = a.index_select(axis, places.flatten())
    return found.reshape((*a.shape[:axis], *places.shape, *a.shape[axis + 1 :]))


def embedding(
    data: Tensor, weight: Tensor, *, input_dim: int, output_dim: int, **_: object
) -> Tensor:
    """A row of the weight (rows, numbers) for each number of the data.

    Example:
        >>> table = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> embedding(torch.tensor([1.0, 7.0]), table, input_dim=2, output_dim=2).tolist()
        [[3.0, 4.0], [3.0, 4.0]]
    """
    expect_rows(tuple(weight.shape), input_dim, output_dim)
    return take(weight, data, axis=0, mode="clip")


def one_hot(
    indices: Tensor, *, depth: int, on_value: float, off_value: float, dtype: str
) -> Tensor:
    """A further axis, with one value at the place that a number says, and another elsewhere.

    Example:
        >>> places = torch.tensor([1.0])
        >>> one_hot(places, depth=3, on_value=1.0, off_value=0.0, dtype="int32").tolist()
        [[0, 1, 0]]
    """
    there = indices.long().unsqueeze(-1) == torch.arange(depth, device=indices.device)
    values = torch.tensor([off_value, on_value], dtype=torch.float64, device=indices.device)
    return torch.where(there, values[1], values[0]).to(dtype_of(dtype))


def cumsum(a: Tensor, *, axis: Optional[int], dtype: Optional[str]) -> Tensor:
    """The sums of all numbers up to each, along an axis; of all in a row for None.

    Example:
        >>> cumsum(torch.tensor([1.0, 2.0, 3.0]), axis=0, dtype=None).tolist()
        [1.0, 3.0, 6.0]
    """
    wanted = a.dtype if dtype is None else dtype_of(dtype)
    return a.flatten().cumsum(0, dtype=wanted) if axis is None else a.cumsum(axis, dtype=wanted)


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
