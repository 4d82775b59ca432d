"""Operators that make an array larger: repeated, broadcast or padded."""

from __future__ import annotations

from ..attributes import choice, float64, integer, shape
from .table import op, table

OPERATORS = table(
    op(
        "Pad",
        "data",
        mode=choice("constant edge reflect"),
        pad_width=shape(),
        constant_value=float64(0.0),
    ),
    op("repeat", "data", repeats=integer(), axis=integer(None)),
    op("tile", "data", reps=shape()),
    op("broadcast_like", "lhs rhs", lhs_axes=shape(None), rhs_axes=shape(None)),
    op("broadcast_axis", "data", axis=shape(()), size=shape(())),
    op("broadcast_to", "data", shape=shape(())),
)
