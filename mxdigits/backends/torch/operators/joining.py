"""Operators that join arrays, and the one that splits an array."""

from __future__ import annotations

import torch
from torch import Tensor

from .types import Function


def split(data: Tensor, *, num_outputs: int, axis: int, squeeze_axis: bool) -> tuple[Tensor, ...]:
    """The data in equal parts along an axis, which ``squeeze_axis`` removes: ``SliceChannel``.

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
    """Arrays joined along an existing axis.

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


FUNCTIONS: dict[str, Function] = {
    "Concat": concat,
    "SliceChannel": split,
    "stack": stack,
}
