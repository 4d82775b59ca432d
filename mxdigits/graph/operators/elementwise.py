"""Operators that map each number to one number."""

from __future__ import annotations

from ..attributes import choice, float32
from .table import DTYPES, alike, op, table

OPERATORS = table(
    op("Activation", "data", act_type=choice("relu sigmoid softrelu softsign tanh")),
    *alike(
        "BlockGrad _copy abs arccos arccosh arcsin arcsinh arctan arctanh cbrt ceil cos cosh "
        "degrees erf erfinv exp expm1 fix floor gamma gammaln log log10 log1p log2 logical_not "
        "negative ones_like radians rcbrt reciprocal relu rint round rsqrt sigmoid sign sin sinh "
        "softsign sqrt square tan tanh trunc zeros_like _contrib_div_sqrt_dim",
        "data",
    ),
    op("Cast", "data", dtype=choice(DTYPES)),
    op("clip", "data", a_min=float32(), a_max=float32()),
    op("hard_sigmoid", "data", alpha=float32(0.2), beta=float32(0.5)),
    op("smooth_l1", "data", scalar=float32(1.0)),
    op(
        "_contrib_dequantize",
        "data min_range max_range",
        out_type=choice("float32", "float32"),
    ),
)
