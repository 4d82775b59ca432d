"""Operators that sample images at computed places, as spatial transformers do."""

from __future__ import annotations

from typing import Optional

import numpy as np
import torch
from torch import Tensor

from ...graphs.windows import grid_places
from ..types import Number
from .types import Function, constant


def bilinear_sampler(data: Tensor, grid: Tensor, *, cudnn_off: Optional[bool]) -> Tensor:
    """Images (N, C, H, W) sampled at places (N, 2, h, w): x and y from -1 to 1.

    Between pixels, values are interpolated linearly; outside an image they are 0. PyTorch's own
    function is not used, because its gradient on a GPU is not repeatable.

    Example:
        >>> image, middle = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]]), torch.zeros((1, 2, 1, 1))
        >>> bilinear_sampler(image, middle, cudnn_off=None).tolist()
        [[[[1.5]]]]
    """
    height, width = data.shape[2:]
    x = (grid[:, 0] + 1) * (width - 1) / 2
    y = (grid[:, 1] + 1) * (height - 1) / 2
    left, top = x.floor(), y.floor()
    right_share, bottom_share = x - left, y - top
    result: Number = 0
    for row, row_share in ((top, 1 - bottom_share), (top + 1, bottom_share)):
        for column, column_share in ((left, 1 - right_share), (left + 1, right_share)):
            share = row_share * column_share
            result = result + _at(data, row, column) * share.unsqueeze(1).to(data.dtype)
    pixels: Tensor = result
    return pixels


def _at(data: Tensor, row: Tensor, column: Tensor) -> Tensor:
    """The pixels (N, C, h, w) at whole-numbered places (N, h, w); 0 outside the image."""
    size, channels, height, width = data.shape
    inside = (row >= 0) & (row <= height - 1) & (column >= 0) & (column <= width - 1)
    rows, columns = row.clamp(0, height - 1).long(), column.clamp(0, width - 1).long()
    place = (rows * width + columns).reshape((size, 1, -1)).expand((-1, channels, -1))
    pixels = data.reshape((size, channels, -1)).gather(2, place)
    pixels = pixels.reshape((size, channels, *row.shape[1:]))
    return torch.where(inside.unsqueeze(1), pixels, 0)


def grid_generator(data: Tensor, *, transform_type: str, target_shape: tuple[int, int]) -> Tensor:
    """Places for :func:`bilinear_sampler` from an affine map, or from a flow in pixels.

    Example:
        >>> same = torch.tensor([[1.0, 0.0, 0.0, 0.0, 1.0, 0.0]])
        >>> x, y = grid_generator(same, transform_type="affine", target_shape=(2, 3))[0]
        >>> x.tolist(), y.tolist()
        ([[-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]], [[-1.0, -1.0, -1.0], [1.0, 1.0, 1.0]])
    """
    if transform_type == "warp":
        height, width = data.shape[2:]
        pixels = np.stack(np.meshgrid(np.arange(width), np.arange(height)))
        middle = np.array([(width - 1) / 2, (height - 1) / 2]).reshape((1, 2, 1, 1))
        return (data + constant(pixels, data)) / constant(middle, data) - 1
    height, width = target_shape
    places = constant(grid_places(height, width), data)
    return torch.matmul(data.reshape((-1, 2, 3)), places).reshape((-1, 2, height, width))


def spatial_transformer(
    data: Tensor, loc: Tensor, *, target_shape: tuple[int, int], **_: object
) -> Tensor:
    """Images sampled by affine maps (N, 6), which give the source of each pixel of the result.

    Example:
        >>> image, same = torch.ones((1, 1, 3, 3)), torch.tensor([[1.0, 0.0, 0.0, 0.0, 1.0, 0.0]])
        >>> spatial_transformer(image, same, target_shape=(2, 2)).tolist()
        [[[[1.0, 1.0], [1.0, 1.0]]]]
    """
    grid = grid_generator(loc, transform_type="affine", target_shape=target_shape)
    return bilinear_sampler(data, grid, cudnn_off=None)


FUNCTIONS: dict[str, Function] = {
    "BilinearSampler": bilinear_sampler,
    "GridGenerator": grid_generator,
    "SpatialTransformer": spatial_transformer,
}
