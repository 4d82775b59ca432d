"""Operators whose gradient is that of a loss instead of their output."""

from __future__ import annotations

from ..attributes import boolean, choice, float32
from .table import op, table

OPERATORS = table(
    op(
        "SoftmaxOutput",
        "data label",
        grad_scale=float32(1.0),
        ignore_label=float32(-1.0),
        multi_output=boolean(False),
        use_ignore=boolean(False),
        preserve_shape=boolean(False),
        normalization=choice("batch null valid", "null"),
        out_grad=boolean(False),
        smooth_alpha=float32(0.0),
    ),
)
