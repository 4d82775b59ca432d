"""Operators that look up the pixels of images at given places."""

from __future__ import annotations

import math

from ..code import Code, Emitter, Layers, NotWritten, Sizes, Value, kept


def bilinear_sampler(w: Layers, data: Value, grid: Value, **_: object) -> Code:
    """The pixels of images at given places, x and y from -1 to 1: ``F.grid_sample``.

    Example:
        >>> bilinear_sampler(Layers({}, {}), Value(rank=4), Value(rank=4)).text
        'F.grid_sample($0, @1.permute(0, 2, 3, 1), align_corners=True)'
    """
    return kept("F.grid_sample($0, @1.permute(0, 2, 3, 1), align_corners=True)", data)


def grid_generator(w: Layers, data: Value, *, transform_type: str, target_shape: Sizes) -> Code:
    """Places for :func:`bilinear_sampler`, from an affine map or from a flow in pixels.

    Example:
        >>> layers = Layers({}, {})
        >>> grid_generator(layers, Value(rank=2), transform_type="affine", target_shape=(8, 8)).text
        'affine_grid($0, (8, 8))'
    """
    if transform_type == "warp":
        return Code(f"{w.helper('warped_grid')}($0)", data.dtype, 4)
    if math.prod(each - 1 for each in target_shape) <= 0:
        raise NotWritten("its target_shape has an axis of one pixel; write at least two")
    return Code(f"{w.helper('affine_grid')}($0, {tuple(target_shape)})", data.dtype, 4)


def spatial_transformer(
    w: Layers, data: Value, loc: Value, *, target_shape: Sizes, **_: object
) -> Code:
    """Images transformed by affine maps: ``F.affine_grid`` and ``F.grid_sample``.

    Example:
        >>> layers = Layers({}, {})
        >>> spatial_transformer(layers, Value(rank=4), Value(rank=2), target_shape=(8, 8)).text
        'transformed($0, $1, (8, 8))'
    """
    if math.prod(each - 1 for each in target_shape) <= 0:
        raise NotWritten("its target_shape has an axis of one pixel; write at least two")
    return kept(f"{w.helper('transformed')}($0, $1, {tuple(target_shape)})", data)


EMITTERS: dict[str, Emitter] = {
    "BilinearSampler": bilinear_sampler,
    "GridGenerator": grid_generator,
    "SpatialTransformer": spatial_transformer,
}
