"""Operators that join arrays, and the one that splits an array."""

from __future__ import annotations

from ..attributes import boolean, integer
from .table import op, table

OPERATORS = table(
    op(
        "SliceChannel",
        "data",
        num_outputs=integer(),
        axis=integer(1),
        squeeze_axis=boolean(False),
    ),
    op("Concat", "data...", num_args=integer(), dim=integer(1)),
    op("stack", "data...", axis=integer(0), num_args=integer()),
)
