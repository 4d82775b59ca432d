"""Operators of two arrays, or of an array and a number; and products of matrices."""

from __future__ import annotations

from ..attributes import boolean, choice, float64, integer
from .table import alike, op, table

OPERATORS = table(
    op("add_n", "args...", num_args=integer()),
    *alike(
        "_div_scalar _equal_scalar _greater_equal_scalar _greater_scalar _hypot_scalar "
        "_lesser_equal_scalar _lesser_scalar _maximum_scalar _minimum_scalar _minus_scalar "
        "_mod_scalar _mul_scalar _not_equal_scalar _plus_scalar _power_scalar _rdiv_scalar "
        "_rminus_scalar _rmod_scalar _rpower_scalar",
        "data",
        scalar=float64(1.0),
        is_int=boolean(True),
    ),
    *alike(
        "_equal _greater _greater_equal _hypot _lesser _lesser_equal _maximum _minimum _mod "
        "_not_equal _power elemwise_add elemwise_div elemwise_mul elemwise_sub broadcast_add "
        "broadcast_div broadcast_equal broadcast_greater broadcast_greater_equal broadcast_hypot "
        "broadcast_lesser broadcast_lesser_equal broadcast_maximum broadcast_minimum "
        "broadcast_mod broadcast_mul broadcast_not_equal broadcast_power broadcast_sub",
        "lhs rhs",
    ),
    *alike(
        "batch_dot dot",
        "lhs rhs",
        transpose_a=boolean(False),
        transpose_b=boolean(False),
        forward_stype=choice("csr default row_sparse", None),
    ),
    op("where", "condition x y"),
)
