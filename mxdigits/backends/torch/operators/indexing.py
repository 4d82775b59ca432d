"""Operators that take elements by index: slices, rows of a table, one-hot indices."""

from __future__ import annotations

from typing import Optional

import torch
from torch import Tensor

from ....arrays import Shape
from ...graphs.shapes import axes_of, expect_one_along, expect_rows
from .types import Function, dtype_of


def reverse(data: Tensor, *, axis: Shape) -> Tensor:
    """The data reversed along axes.

    Example:
        >>> reverse(torch.tensor([[1, 2], [3, 4]]), axis=(1,)).tolist()
        [[2, 1], [4, 3]]
    """
    return data.flip(axis)


def slice_(
    data: Tensor,
    *,
    begin: tuple[Optional[int], ...],
    end: tuple[Optional[int], ...],
    step: tuple[Optional[int], ...],
) -> Tensor:
    """A part of the data by the bounds and steps of each axis, as in Python's slices.

    Example:
        >>> slice_(torch.arange(10), begin=(1,), end=(None,), step=(3,)).tolist()
        [1, 4, 7]
    """
    steps = step or (None,) * len(begin)
    for axis, bounds in enumerate(zip(begin, end, steps)):
        places = range(*slice(*bounds).indices(data.shape[axis]))
        turned = places.step < 0
        # PyTorch can slice forwards only.
        forwards = places[::-1] if turned else places
        part = slice(forwards.start, forwards.stop, forwards.step)
        data = data[(slice(None),) * axis + (part,)]
        if turned:
            data = data.flip(axis)
    return data


def slice_axis(data: Tensor, *, axis: int, begin: int, end: Optional[int]) -> Tensor:
    """A part of the data by bounds along one axis.

    Example:
        >>> slice_axis(torch.tensor([[1, 2, 3]]), axis=1, begin=1, end=None).tolist()
        [[2, 3]]
    """
    return data[(slice(None),) * (axis % data.ndim) + (slice(begin, end),)]


def slice_like(data: Tensor, shape_like: Tensor, *, axes: Shape) -> Tensor:
    """The data cut to the sizes of another array along the given axes; along all for ().

    Example:
        >>> tuple(slice_like(torch.zeros((4, 5)), torch.zeros((2, 3)), axes=(0,)).shape)
        (2, 5)
    """
    for axis in axes_of(axes, data.ndim):
        data = data.narrow(axis, 0, shape_like.shape[axis])
    return data


def take(a: Tensor, indices: Tensor, *, axis: int, mode: str) -> Tensor:
    """The slices of ``a`` at the indices along an axis.

    The mode ``clip`` moves an index out of range to the nearest end; ``wrap`` wraps it around.

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


def pick(data: Tensor, index: Tensor, *, axis: int, keepdims: bool, mode: str) -> Tensor:
    """One number along an axis for each place, by an index of its own.

    The mode ``clip`` moves an index out of range to the nearest end; ``wrap`` wraps it around.

    Example:
        >>> rows = torch.tensor([[1, 2, 3], [4, 5, 6]])
        >>> pick(rows, torch.tensor([0.0, 9.0]), axis=-1, keepdims=False, mode="clip").tolist()
        [1, 6]
    """
    expect_one_along(data.shape, index.shape, axis)
    size, places = data.shape[axis], index.long()
    if index.dim() < data.dim():
        places = places.unsqueeze(axis)
    places = places % size if mode == "wrap" else places.clamp(0, size - 1)
    found = data.gather(axis, places)
    return found if keepdims else found.squeeze(axis)


def embedding(
    data: Tensor, weight: Tensor, *, input_dim: int, output_dim: int, **_: object
) -> Tensor:
    """The row of the weight (rows, numbers) for each index in the data.

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
    """A new last axis with ``on_value`` at each index, and ``off_value`` elsewhere.

    Example:
        >>> places = torch.tensor([1.0])
        >>> one_hot(places, depth=3, on_value=1.0, off_value=0.0, dtype="int32").tolist()
        [[0, 1, 0]]
    """
    there = indices.long().unsqueeze(-1) == torch.arange(depth, device=indices.device)
    values = torch.tensor([off_value, on_value], dtype=torch.float64, device=indices.device)
    return torch.where(there, values[1], values[0]).to(dtype_of(dtype))


FUNCTIONS: dict[str, Function] = {
    "Embedding": embedding,
    "one_hot": one_hot,
    "pick": pick,
    "reverse": reverse,
    "slice": slice_,
    "slice_axis": slice_axis,
    "slice_like": slice_like,
    "take": take,
}
