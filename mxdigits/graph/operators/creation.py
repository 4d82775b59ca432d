"""Operators that make constant or random arrays, without an input or in the shape of one."""

from __future__ import annotations

from ..attributes import choice, float32, float64, integer, shape, string
from .table import DTYPES, FLOATS, op, table

OPERATORS = table(
    op(
        "_contrib_arange_like",
        "data",
        start=float64(0.0),
        step=float64(1.0),
        repeat=integer(1),
        ctx=string(""),
        axis=integer(None),
    ),
    op("_random_uniform_like", "data", low=float32(0.0), high=float32(1.0)),
    op("_random_normal_like", "data", loc=float32(0.0), scale=float32(1.0)),
    op(
        "_random_uniform",
        "",
        low=float32(0.0),
        high=float32(1.0),
        shape=shape(None),
        ctx=string(""),
        dtype=FLOATS,
    ),
    op(
        "_random_normal",
        "",
        loc=float32(0.0),
        scale=float32(1.0),
        shape=shape(None),
        ctx=string(""),
        dtype=FLOATS,
    ),
    *(
        op(name, "", shape=shape(()), ctx=string(""), dtype=choice(DTYPES, "float32"))
        for name in ("_zeros", "_ones")
    ),
    op(
        "_full",
        "",
        shape=shape(None),
        ctx=string(""),
        dtype=choice(DTYPES, "float32"),
        value=float64(),
    ),
)
