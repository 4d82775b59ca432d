"""Operators that change the shape of an array or the order of its axes."""

from __future__ import annotations

from ..attributes import boolean, integer, shape, string
from .table import op, table

OPERATORS = table(
    op("Flatten", "data"),
    op(
        "Reshape",
        "data",
        shape=shape(()),
        reverse=boolean(False),
        target_shape=shape(()),
        keep_highest=boolean(False),
    ),
    op("SwapAxis", "data", dim1=integer(0), dim2=integer(0)),
    op("expand_dims", "data", axis=integer()),
    op("squeeze", "data", axis=shape(None)),
    op("transpose", "data", axes=shape(())),
    op("_npx_reshape", "a", newshape=shape(), reverse=boolean(False), order=string("C")),
)
