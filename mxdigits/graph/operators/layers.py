"""Layers with weights, and the layers between them, such as activations."""

from __future__ import annotations

from collections.abc import Mapping

from ..attributes import AttributeValue, boolean, choice, float32, integer, shape
from .table import op, table

_TUNING = {
    "cudnn_tune": choice("fastest limited_workspace off", None),
    "cudnn_off": boolean(False),
}
_LAYOUT = choice("NCDHW NCHW NCW NDHWC NHWC", None)


def _without_bias(attributes: Mapping[str, AttributeValue]) -> tuple[str, ...]:
    return ("bias",) if attributes["no_bias"] else ()


def _without_slope(attributes: Mapping[str, AttributeValue]) -> tuple[str, ...]:
    return () if attributes["act_type"] == "prelu" else ("gamma",)


OPERATORS = table(
    op(
        "Convolution",
        "data weight bias",
        lacks=_without_bias,
        kernel=shape(),
        stride=shape(()),
        dilate=shape(()),
        pad=shape(()),
        num_filter=integer(),
        num_group=integer(1),
        workspace=integer(1024),
        no_bias=boolean(False),
        **_TUNING,
        layout=_LAYOUT,
    ),
    op(
        "Deconvolution",
        "data weight bias",
        lacks=_without_bias,
        kernel=shape(),
        stride=shape(()),
        dilate=shape(()),
        pad=shape(()),
        adj=shape(()),
        target_shape=shape(()),
        num_filter=integer(),
        num_group=integer(1),
        workspace=integer(512),
        no_bias=boolean(True),
        **_TUNING,
        layout=_LAYOUT,
    ),
    op(
        "FullyConnected",
        "data weight bias",
        lacks=_without_bias,
        num_hidden=integer(),
        no_bias=boolean(False),
        flatten=boolean(True),
    ),
    op(
        "LeakyReLU",
        "data gamma",
        lacks=_without_slope,
        act_type=choice("elu gelu leaky prelu rrelu selu", "leaky"),
        slope=float32(0.25),
        lower_bound=float32(0.125),
        upper_bound=float32(0.334),
    ),
    op(
        "Dropout",
        "data",
        p=float32(0.5),
        mode=choice("always training", "training"),
        axes=shape(()),
        cudnn_off=boolean(False, optional=True),
    ),
)
