"""Operators that change the shape of an array or the order of its axes."""

from __future__ import annotations

from typing import Optional

import torch

from ....arrays import Shape
from ...graphs.shapes import npx_codes, oriented, targeted
from .types import Function


def flatten(data: torch.Tensor) -> torch.Tensor:
    """The data with all axes but the first joined to one: (n, rest).

    Example:
        >>> tuple(flatten(torch.zeros((2, 3, 4))).shape)
        (2, 12)
    """
    return data.unsqueeze(1) if data.ndim == 1 else data.flatten(1)


def reshape(
    data: torch.Tensor, *, shape: Shape, reverse: bool, target_shape: Shape, keep_highest: bool
) -> torch.Tensor:
    """The data in another shape, given in the codes of ``mx.sym.Reshape``.

    If ``shape`` is (), ``target_shape`` and ``keep_highest`` give the shape.

    Example:
        >>> more = {"reverse": False, "target_shape": (), "keep_highest": False}
        >>> tuple(reshape(torch.zeros((2, 3, 4)), shape=(0, -1), **more).shape)
        (2, 12)
    """
    if not shape:
        return data.reshape(targeted(tuple(data.shape), target_shape, keep_highest))
    return data.reshape(oriented(tuple(data.shape), shape, reverse))


def npx_reshape(a: torch.Tensor, *, newshape: Shape, reverse: bool, order: str) -> torch.Tensor:
    """The data in another shape, given in the codes of ``mx.npx.reshape``.

    Example:
        >>> data = torch.zeros((2, 3, 4))
        >>> tuple(npx_reshape(data, newshape=(-5, 4), reverse=False, order="C").shape)
        (6, 4)
    """
    return a.reshape(oriented(tuple(a.shape), npx_codes(newshape), reverse))


def swap_axis(data: torch.Tensor, *, dim1: int, dim2: int) -> torch.Tensor:
    """The data with two axes swapped.

    Example:
        >>> tuple(swap_axis(torch.zeros((2, 3, 4)), dim1=0, dim2=2).shape)
        (4, 3, 2)
    """
    return data.transpose(dim1, dim2)


def expand_dims(data: torch.Tensor, *, axis: int) -> torch.Tensor:
    """The data with a new axis of size 1.

    Example:
        >>> tuple(expand_dims(torch.zeros((2, 3)), axis=1).shape)
        (2, 1, 3)
    """
    return data.unsqueeze(axis)


def squeeze(data: torch.Tensor, *, axis: Optional[Shape]) -> torch.Tensor:
    """The data without axes of size 1; at least one axis stays.

    Example:
        >>> tuple(squeeze(torch.zeros((2, 1, 3)), axis=None).shape)
        (2, 3)
    """
    if axis is None:
        squeezed = data.squeeze()
    else:
        # For reductions () means all axes, but here it means none.
        wrong = [each for each in axis if data.shape[each] != 1]
        if wrong:
            raise ValueError(f"its axis {wrong[0]} is of size {data.shape[wrong[0]]}, not 1")
        squeezed = data.squeeze(axis) if axis else data
    return squeezed if squeezed.ndim else squeezed.reshape(1)


def transpose(data: torch.Tensor, *, axes: Shape) -> torch.Tensor:
    """The data with their axes in another order; in reverse order for ().

    Example:
        >>> tuple(transpose(torch.zeros((2, 3, 4)), axes=()).shape)
        (4, 3, 2)
    """
    return data.permute(axes or tuple(range(data.ndim))[::-1])


FUNCTIONS: dict[str, Function] = {
    "Flatten": flatten,
    "Reshape": reshape,
    "SwapAxis": swap_axis,
    "_npx_reshape": npx_reshape,
    "expand_dims": expand_dims,
    "squeeze": squeeze,
    "transpose": transpose,
}
