"""Operators that make an array larger: repeated, broadcast or padded."""

from __future__ import annotations

from typing import Literal, Optional

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ....arrays import Shape
from .types import Function, constant

_Padding = Literal["constant", "edge", "reflect"]


def repeat(data: Tensor, *, repeats: int, axis: Optional[int]) -> Tensor:
    """Each element repeated ``repeats`` times, along an axis or in the flattened data.

    Example:
        >>> repeat(torch.tensor([1, 2]), repeats=2, axis=0).tolist()
        [1, 1, 2, 2]
    """
    if axis is None:
        data, axis = data.flatten(), 0
    axis %= data.ndim
    sizes = [*data.shape[: axis + 1], repeats, *data.shape[axis + 1 :]]
    return data.unsqueeze(axis + 1).expand(sizes).flatten(axis, axis + 1)


def tile(data: Tensor, *, reps: Shape) -> Tensor:
    """The data repeated ``reps`` times along each axis.

    Example:
        >>> tile(torch.tensor([1, 2]), reps=(2,)).tolist()
        [1, 2, 1, 2]
    """
    return data.tile(reps)


def pad(data: Tensor, *, mode: _Padding, pad_width: Shape, constant_value: float) -> Tensor:
    """The data padded with elements before and after each axis.

    ``pad_width`` has two numbers per axis; ``mode`` is ``constant``, ``edge`` or ``reflect``.

    Example:
        >>> data = torch.tensor([1, 2, 3])
        >>> pad(data, mode="reflect", pad_width=(1, 1), constant_value=0.0).tolist()
        [2, 1, 2, 3, 2]
    """
    widths = list(zip(pad_width[::2], pad_width[1::2]))
    if mode == "constant":
        edges = [width for pair in widths[::-1] for width in pair]
        return F.pad(data, edges, value=constant_value)
    # By index, because the gradient of PyTorch's own function is not repeatable on a GPU.
    for axis, width in enumerate(widths):
        if any(width):
            places = np.pad(np.arange(data.shape[axis]), width, mode=mode)
            data = data.index_select(axis, constant(places, data, torch.int64))
    return data


def broadcast_axis(data: Tensor, *, axis: Shape, size: Shape) -> Tensor:
    """The data broadcast along axes of size 1.

    Example:
        >>> broadcast_axis(torch.tensor([[1], [2]]), axis=(1,), size=(3,)).tolist()
        [[1, 1, 1], [2, 2, 2]]
    """
    shape = list(data.shape)
    for each, wide in zip(axis, size):
        shape[each] = wide
    return data.expand(shape)


def broadcast_to(data: Tensor, *, shape: Shape) -> Tensor:
    """The data broadcast to a shape, in which 0 keeps a size.

    Example:
        >>> broadcast_to(torch.tensor([[1], [2]]), shape=(0, 3)).tolist()
        [[1, 1, 1], [2, 2, 2]]
    """
    return data.expand([size or data.shape[i] for i, size in enumerate(shape)])


def broadcast_like(
    lhs: Tensor, rhs: Tensor, *, lhs_axes: Optional[Shape], rhs_axes: Optional[Shape]
) -> Tensor:
    """The data broadcast to the shape of another array, or only along the named axes.

    Example:
        >>> lhs, rhs = torch.zeros((1, 3)), torch.zeros((2, 3))
        >>> tuple(broadcast_like(lhs, rhs, lhs_axes=None, rhs_axes=None).shape)
        (2, 3)
    """
    if lhs_axes is None or rhs_axes is None:
        return lhs.expand_as(rhs)
    sizes = tuple(rhs.shape[axis] for axis in rhs_axes)
    return broadcast_axis(lhs, axis=lhs_axes, size=sizes)


FUNCTIONS: dict[str, Function] = {
    "Pad": pad,
    "broadcast_axis": broadcast_axis,
    "broadcast_like": broadcast_like,
    "broadcast_to": broadcast_to,
    "repeat": repeat,
    "tile": tile,
}
