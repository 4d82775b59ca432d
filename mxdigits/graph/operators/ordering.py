"""Operators that order numbers: sorted arrays, the largest of them, and their places."""

from __future__ import annotations

from ..attributes import boolean, choice, integer
from .table import op, table

_PLACES = choice("float16 float32 float64 int32 int64 uint8", "float32")

OPERATORS = table(
    op("argsort", "data", axis=integer(-1, optional=True), is_ascend=boolean(True), dtype=_PLACES),
    op("sort", "data", axis=integer(-1, optional=True), is_ascend=boolean(True)),
    op(
        "topk",
        "data",
        axis=integer(-1, optional=True),
        k=integer(1),
        ret_typ=choice("both indices mask value", "indices"),
        is_ascend=boolean(False),
        dtype=_PLACES,
    ),
)
