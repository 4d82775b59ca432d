"""Operators that sample images between their pixels."""

from __future__ import annotations

from ..attributes import boolean, choice, shape
from .table import op, table

OPERATORS = table(
    op("BilinearSampler", "data grid", cudnn_off=boolean(None)),
    op(
        "GridGenerator",
        "data",
        transform_type=choice("affine warp"),
        target_shape=shape((0, 0)),
    ),
    op(
        "SpatialTransformer",
        "data loc",
        target_shape=shape((0, 0)),
        transform_type=choice("affine"),
        sampler_type=choice("bilinear"),
        cudnn_off=boolean(None),
    ),
)
