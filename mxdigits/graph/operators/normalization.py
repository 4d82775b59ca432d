"""Normalisations of batches, groups, layers and channels."""

from __future__ import annotations

from ..attributes import boolean, choice, float32, float64, integer
from .table import op, table

OPERATORS = table(
    op(
        "BatchNorm",
        "data gamma beta | moving_mean moving_var",
        # The double nearest to the float 0.001.
        eps=float64(0.0010000000474974513),
        momentum=float32(0.9),
        fix_gamma=boolean(True),
        use_global_stats=boolean(False),
        output_mean_var=boolean(False),
        axis=integer(1),
        cudnn_off=boolean(False),
        min_calib_range=float32(None),
        max_calib_range=float32(None),
    ),
    op(
        "GroupNorm",
        "data gamma beta",
        num_groups=integer(1),
        eps=float32(1e-05),
        output_mean_var=boolean(False),
    ),
    op("InstanceNorm", "data gamma beta", eps=float32(0.001)),
    op(
        "LayerNorm",
        "data gamma beta",
        axis=integer(-1),
        eps=float32(1e-05),
        output_mean_var=boolean(False),
    ),
    op(
        "L2Normalization",
        "data",
        eps=float32(1e-10),
        mode=choice("channel instance spatial", "instance"),
    ),
    op(
        "LRN",
        "data",
        alpha=float32(0.0001),
        beta=float32(0.75),
        knorm=float32(2.0),
        nsize=integer(),
    ),
)
