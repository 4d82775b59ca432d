"""Pooling and resizing of images."""

from __future__ import annotations

from collections.abc import Mapping

from ..attributes import AttributeValue, boolean, choice, float32, integer, shape
from .table import op, table


def _without_like(attributes: Mapping[str, AttributeValue]) -> tuple[str, ...]:
    return () if attributes["mode"] == "like" else ("like",)


OPERATORS = table(
    op(
        "Pooling",
        "data",
        kernel=shape(()),
        pool_type=choice("avg lp max sum", "max"),
        global_pool=boolean(False),
        cudnn_off=boolean(False),
        pooling_convention=choice("full same valid", "valid"),
        stride=shape(()),
        pad=shape(()),
        p_value=integer(None),
        count_include_pad=boolean(None),
        layout=choice("NCDHW NCHW NCW NDHWC NHWC NWC", None),
    ),
    op("_contrib_AdaptiveAvgPooling2D", "data", output_size=shape(())),
    op(
        "UpSampling",
        "data...",
        scale=integer(),
        num_filter=integer(0),
        sample_type=choice("bilinear nearest"),
        multi_input_mode=choice("concat sum", "concat"),
        num_args=integer(),
        workspace=integer(512),
    ),
    op(
        "_contrib_BilinearResize2D",
        "data like",
        lacks=_without_like,
        height=integer(1),
        width=integer(1),
        scale_height=float32(None),
        scale_width=float32(None),
        mode=choice("like odd_scale size to_even_down to_even_up to_odd_down to_odd_up", "size"),
        align_corners=boolean(True),
    ),
)
