"""Operators that sample images at computed places, as spatial transformers do."""

from __future__ import annotations

from typing import Optional

import jax.numpy as jnp
import numpy as np

from ...graphs.windows import grid_places
from .types import Array, Function


def bilinear_sampler(data: Array, grid: Array, *, cudnn_off: Optional[bool]) -> Array:
    """Images (N, C, H, W) sampled at places (N, 2, h, w): x and y from -1 to 1.

    Between pixels, values are interpolated linearly; outside an image they are 0.

    Example:
        >>> image, middle = jnp.array([[[[0.0, 1.0], [2.0, 3.0]]]]), jnp.zeros((1, 2, 1, 1))
        >>> bilinear_sampler(image, middle, cudnn_off=None).tolist()
        [[[[1.5]]]]
    """
    height, width = data.shape[2:]
    x = (grid[:, 0] + 1) * (width - 1) / 2
    y = (grid[:, 1] + 1) * (height - 1) / 2
    left, top = jnp.floor(x), jnp.floor(y)
    right_share, bottom_share = x - left, y - top
    result = jnp.zeros((), data.dtype)
    for row, row_share in ((top, 1 - bottom_share), (top + 1, bottom_share)):
        for column, column_share in ((left, 1 - right_share), (left + 1, right_share)):
            share = row_share * column_share
            result = result + _at(data, row, column) * share[:, None].astype(data.dtype)
    return result


def _at(data: Array, row: Array, column: Array) -> Array:
    """The pixels (N, C, h, w) at whole-numbered places (N, h, w); 0 outside the image."""
    size, channels, height, width = data.shape
    inside = (row >= 0) & (row <= height - 1) & (column >= 0) & (column <= width - 1)
    rows = jnp.clip(row, 0, height - 1).astype(jnp.int32)
    columns = jnp.clip(column, 0, width - 1).astype(jnp.int32)
    place = (rows * width + columns).reshape((size, 1, -1))
    flat = data.reshape((size, channels, height * width))
    pixels = jnp.take_along_axis(flat, place, axis=2).reshape((size, channels, *row.shape[1:]))
    return jnp.where(inside[:, None], pixels, jnp.zeros_like(pixels))


def grid_generator(data: Array, *, transform_type: str, target_shape: tuple[int, int]) -> Array:
    """Places for :func:`bilinear_sampler` from an affine map, or from a flow in pixels.

    Example:
        >>> same = jnp.array([[1.0, 0.0, 0.0, 0.0, 1.0, 0.0]])
        >>> x, y = grid_generator(same, transform_type="affine", target_shape=(2, 3))[0]
        >>> x.tolist(), y.tolist()
        ([[-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]], [[-1.0, -1.0, -1.0], [1.0, 1.0, 1.0]])
    """
    if transform_type == "warp":
        height, width = data.shape[2:]
        pixels = np.stack(np.meshgrid(np.arange(width), np.arange(height)))
        middle = np.array([(width - 1) / 2, (height - 1) / 2]).reshape((1, 2, 1, 1))
        return (data + jnp.asarray(pixels, data.dtype)) / jnp.asarray(middle, data.dtype) - 1
    height, width = target_shape
    places = jnp.asarray(grid_places(height, width), data.dtype)
    return jnp.matmul(data.reshape((-1, 2, 3)), places).reshape((-1, 2, height, width))


def spatial_transformer(
    data: Array, loc: Array, *, target_shape: tuple[int, int], **_: object
) -> Array:
    """Images sampled by affine maps (N, 6), which give the source of each pixel of the result.

    Example:
        >>> image, same = jnp.ones((1, 1, 3, 3)), jnp.array([[1.0, 0.0, 0.0, 0.0, 1.0, 0.0]])
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
