"""Operators that sample images at computed places, as spatial transformers do."""

from __future__ import annotations

from typing import Optional

import numpy as np

from ...graphs.windows import grid_places
from .types import Builder, Function, Value

GRID_SAMPLE = 16  # the first opset that has GridSample
_RENAMED = 20  # the first opset with new names of its modes


def bilinear_sampler(g: Builder, data: Value, grid: Value, *, cudnn_off: Optional[bool]) -> Value:
    """Images (N, C, H, W) sampled at places (N, 2, h, w): x and y from -1 to 1.

    Example:
        >>> g = Builder(17)
        >>> image = g.input("image", np.float32, ((2, 1, 4, 4), (4, 1, 4, 4)))
        >>> grid = g.input("grid", np.float32, ((2, 2, 8, 8), (4, 2, 8, 8)))
        >>> result = bilinear_sampler(g, image, grid, cudnn_off=None)
        >>> result.shape, [node.op_type for node in g.nodes]
        ((None, 1, 8, 8), ['Transpose', 'GridSample'])
    """
    places = g.op("Transpose", grid, perm=[0, 2, 3, 1])
    return g.op(
        "GridSample",
        data,
        places,
        align_corners=1,
        mode="linear" if g.opset >= _RENAMED else "bilinear",
        padding_mode="zeros",
    )


def grid_generator(
    g: Builder, data: Value, *, transform_type: str, target_shape: tuple[int, int]
) -> Value:
    """Places for :func:`bilinear_sampler` from an affine map, or from a flow in pixels.

    Example:
        >>> g = Builder(17)
        >>> maps = g.input("maps", np.float32, ((2, 6), (4, 6)))
        >>> grid_generator(g, maps, transform_type="affine", target_shape=(8, 8)).shape
        (None, 2, 8, 8)
    """
    if transform_type == "warp":
        height, width = data.size(2), data.size(3)
        pixels = np.stack(np.meshgrid(np.arange(width), np.arange(height))).astype(data.dtype)
        middle = np.array([(width - 1) / 2, (height - 1) / 2]).reshape((1, 2, 1, 1))
        moved = g.op("Div", g.op("Add", data, pixels), middle.astype(data.dtype))
        return g.op("Sub", moved, 1.0)
    height, width = target_shape
    places = grid_places(height, width).astype(data.dtype)
    maps = g.reshape(data, [(shape[0], 2, 3) for shape in data.shapes])
    product = g.op("MatMul", maps, places)
    return g.reshape(product, [(shape[0], 2, height, width) for shape in data.shapes])


def spatial_transformer(
    g: Builder, data: Value, loc: Value, *, target_shape: tuple[int, int], **_: object
) -> Value:
    """Images sampled by affine maps (N, 6), which give the source of each pixel of the result.

    Example:
        >>> g = Builder(17)
        >>> image = g.input("image", np.float32, ((2, 1, 4, 4), (4, 1, 4, 4)))
        >>> maps = g.input("maps", np.float32, ((2, 6), (4, 6)))
        >>> spatial_transformer(g, image, maps, target_shape=(8, 8)).shape
        (None, 1, 8, 8)
    """
    grid = grid_generator(g, loc, transform_type="affine", target_shape=target_shape)
    return bilinear_sampler(g, data, grid, cudnn_off=None)


FUNCTIONS: dict[str, Function] = {
    "BilinearSampler": bilinear_sampler,
    "GridGenerator": grid_generator,
    "SpatialTransformer": spatial_transformer,
}
