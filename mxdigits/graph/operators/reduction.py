"""Reductions, such as sums over axes, and softmax."""

from __future__ import annotations

from collections.abc import Mapping

from ..attributes import AttributeValue, boolean, choice, float64, integer, shape
from .table import FLOATS, alike, op, table

_SOFTMAX = {
    "axis": integer(-1),
    "temperature": float64(None),
    "dtype": FLOATS,
    "use_length": boolean(False, optional=True),
}


def _without_length(attributes: Mapping[str, AttributeValue]) -> tuple[str, ...]:
    return () if attributes["use_length"] else ("length",)


OPERATORS = table(
    *alike("argmax argmin", "data", axis=integer(None), keepdims=boolean(False)),
    *alike(
        "max mean min prod sum",
        "data",
        axis=shape(None),
        keepdims=boolean(False),
        exclude=boolean(False),
    ),
    op(
        "norm",
        "data",
        ord=integer(2),
        axis=shape(None),
        out_dtype=choice("float16 float32 float64 int32 int64 int8", None),
        keepdims=boolean(False),
    ),
    op("softmax", "data length", lacks=_without_length, **_SOFTMAX),
    *alike("log_softmax softmin", "data", **_SOFTMAX),
    op(
        "_np_cumsum",
        "a",
        axis=integer(None),
        dtype=choice("float16 float32 float64 int32 int64 int8", None),
    ),
)
