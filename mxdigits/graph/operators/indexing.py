"""Operators that take elements by index: slices, rows of a table, one-hot indices."""

from __future__ import annotations

from ..attributes import boolean, choice, float64, integer, shape
from .table import op, table

OPERATORS = table(
    op(
        "Embedding",
        "data weight",
        input_dim=integer(),
        output_dim=integer(),
        dtype=choice("bfloat16 float16 float32 float64 int32 int64 int8 uint8", "float32"),
        sparse_grad=boolean(False),
    ),
    op(
        "pick",
        "data index",
        axis=integer(-1, optional=True),
        keepdims=boolean(False),
        mode=choice("clip wrap", "clip"),
    ),
    op("reverse", "data", axis=shape()),
    op("slice", "data", begin=shape(), end=shape(), step=shape(())),
    op("slice_axis", "data", axis=integer(), begin=integer(), end=integer(optional=True)),
    op("take", "a indices", axis=integer(0), mode=choice("clip raise wrap", "clip")),
    op("slice_like", "data shape_like", axes=shape(())),
    op(
        "one_hot",
        "indices",
        depth=integer(),
        on_value=float64(1.0),
        off_value=float64(0.0),
        dtype=choice("bfloat16 float16 float32 float64 int32 int64 int8 uint8", "float32"),
    ),
)
