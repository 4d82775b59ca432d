"""The table of operators: their inputs, attributes and defaults.

It says what MXNet 1.9.1 says; a test compares it with an installed MXNet. A graph that MXNet has
traced may hold operators that are not in the table; their attributes stay texts.

To add an operator, add its line to :data:`OPERATORS`; whether a file from anybody may use it stands
in :mod:`mxdigits.graph.limits`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable

from .attributes import (
    Attribute,
    AttributeValue,
    boolean,
    choice,
    float32,
    float64,
    integer,
    shape,
    string,
)
from .operator import Operator


def _unless(condition: object, *names: str) -> tuple[str, ...]:
    return () if condition else names


def _without_bias(attributes: Mapping[str, AttributeValue]) -> tuple[str, ...]:
    return _unless(not attributes["no_bias"], "bias")


def _not_of_rnn(attributes: Mapping[str, AttributeValue]) -> tuple[str, ...]:
    return (
        *_unless(attributes["mode"] == "lstm", "state_cell"),
        *_unless(attributes["use_sequence_length"], "sequence_length"),
    )


# The inputs that are not there, where that depends on the attributes.
_LACKS: dict[str, Callable[[Mapping[str, AttributeValue]], tuple[str, ...]]] = {
    **dict.fromkeys(["Convolution", "Deconvolution", "FullyConnected"], _without_bias),
    "RNN": _not_of_rnn,
    "softmax": lambda attributes: _unless(attributes["use_length"], "length"),
    "LeakyReLU": lambda attributes: _unless(attributes["act_type"] == "prelu", "gamma"),
    "_contrib_BilinearResize2D": lambda attributes: _unless(attributes["mode"] == "like", "like"),
}


def _op(name: str, inputs: str, /, **attributes: Attribute) -> Operator:
    """A line of the table; auxiliary inputs stand after a bar, and ... means any number."""
    names, _, auxiliary = inputs.partition(" | ")
    return Operator(
        name,
        tuple(names.replace("...", "").split() + auxiliary.split()),
        attributes,
        auxiliary=tuple(auxiliary.split()),
        variadic=inputs.endswith("..."),
        lacks=_LACKS.get(name),
    )


def _table(*operators: Operator) -> dict[str, Operator]:
    return {operator.name: operator for operator in operators}


def _alike(names: str, inputs: str, **attributes: Attribute) -> dict[str, Operator]:
    return _table(*(_op(name, inputs, **attributes) for name in names.split()))


_TUNING = {
    "cudnn_tune": choice("fastest limited_workspace off", None),
    "cudnn_off": boolean(False),
}
_LAYOUT = choice("NCDHW NCHW NCW NDHWC NHWC", None)
_FLOATS = choice("float16 float32 float64", None)
_SOFTMAX = {
    "axis": integer(-1),
    "temperature": float64(None),
    "dtype": _FLOATS,
    "use_length": boolean(False, optional=True),
}
_DTYPES = "bfloat16 bool float16 float32 float64 int32 int64 int8 uint8"

_LAYERS = _table(
    _op(
        "Convolution",
        "data weight bias",
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
    _op(
        "Deconvolution",
        "data weight bias",
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
    _op(
        "FullyConnected",
        "data weight bias",
        num_hidden=integer(),
        no_bias=boolean(False),
        flatten=boolean(True),
    ),
    _op(
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
    _op(
        "Embedding",
        "data weight",
        input_dim=integer(),
        output_dim=integer(),
        dtype=choice("bfloat16 float16 float32 float64 int32 int64 int8 uint8", "float32"),
        sparse_grad=boolean(False),
    ),
    _op("BilinearSampler", "data grid", cudnn_off=boolean(None)),
    _op(
        "GridGenerator",
        "data",
        transform_type=choice("affine warp"),
        target_shape=shape((0, 0)),
    ),
    _op(
        "SpatialTransformer",
        "data loc",
        target_shape=shape((0, 0)),
        transform_type=choice("affine"),
        sampler_type=choice("bilinear"),
        cudnn_off=boolean(None),
    ),
    _op("_contrib_AdaptiveAvgPooling2D", "data", output_size=shape(())),
    _op(
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
    _op(
        "GroupNorm",
        "data gamma beta",
        num_groups=integer(1),
        eps=float32(1e-05),
        output_mean_var=boolean(False),
    ),
    _op("InstanceNorm", "data gamma beta", eps=float32(0.001)),
    _op(
        "LayerNorm",
        "data gamma beta",
        axis=integer(-1),
        eps=float32(1e-05),
        output_mean_var=boolean(False),
    ),
    _op(
        "L2Normalization",
        "data",
        eps=float32(1e-10),
        mode=choice("channel instance spatial", "instance"),
    ),
    _op(
        "LRN",
        "data",
        alpha=float32(0.0001),
        beta=float32(0.75),
        knorm=float32(2.0),
        nsize=integer(),
    ),
    _op("Activation", "data", act_type=choice("relu sigmoid softrelu softsign tanh")),
    _op(
        "LeakyReLU",
        "data gamma",
        act_type=choice("elu gelu leaky prelu rrelu selu", "leaky"),
        slope=float32(0.25),
        lower_bound=float32(0.125),
        upper_bound=float32(0.334),
    ),
    _op(
        "Dropout",
        "data",
        p=float32(0.5),
        mode=choice("always training", "training"),
        axes=shape(()),
        cudnn_off=boolean(False, optional=True),
    ),
    _op(
        "RNN",
        "data parameters state state_cell sequence_length",
        state_size=integer(),
        num_layers=integer(),
        bidirectional=boolean(False),
        mode=choice("gru lstm rnn_relu rnn_tanh"),
        p=float32(0.0),
        state_outputs=boolean(False),
        projection_size=integer(None),
        lstm_state_clip_min=float64(None),
        lstm_state_clip_max=float64(None),
        lstm_state_clip_nan=boolean(False),
        use_sequence_length=boolean(False),
    ),
    _op("_rnn_param_concat", "data...", num_args=integer(), dim=integer(1)),
    _op(
        "UpSampling",
        "data...",
        scale=integer(),
        num_filter=integer(0),
        sample_type=choice("bilinear nearest"),
        multi_input_mode=choice("concat sum", "concat"),
        num_args=integer(),
        workspace=integer(512),
    ),
    _op(
        "_contrib_BilinearResize2D",
        "data like",
        height=integer(1),
        width=integer(1),
        scale_height=float32(None),
        scale_width=float32(None),
        mode=choice("like odd_scale size to_even_down to_even_up to_odd_down to_odd_up", "size"),
        align_corners=boolean(True),
    ),
)

_SHAPES = _table(
    _op("Flatten", "data"),
    _op(
        "Pad",
        "data",
        mode=choice("constant edge reflect"),
        pad_width=shape(),
        constant_value=float64(0.0),
    ),
    _op(
        "Reshape",
        "data",
        shape=shape(()),
        reverse=boolean(False),
        target_shape=shape(()),
        keep_highest=boolean(False),
    ),
    _op(
        "SliceChannel",
        "data",
        num_outputs=integer(),
        axis=integer(1),
        squeeze_axis=boolean(False),
    ),
    _op("SwapAxis", "data", dim1=integer(0), dim2=integer(0)),
    _op("expand_dims", "data", axis=integer()),
    _op("repeat", "data", repeats=integer(), axis=integer(None)),
    _op("reverse", "data", axis=shape()),
    _op("slice", "data", begin=shape(), end=shape(), step=shape(())),
    _op("slice_axis", "data", axis=integer(), begin=integer(), end=integer(optional=True)),
    _op("squeeze", "data", axis=shape(None)),
    _op("tile", "data", reps=shape()),
    _op("take", "a indices", axis=integer(0), mode=choice("clip raise wrap", "clip")),
    _op("transpose", "data", axes=shape(())),
    _op("broadcast_like", "lhs rhs", lhs_axes=shape(None), rhs_axes=shape(None)),
    _op("slice_like", "data shape_like", axes=shape(())),
    _op("broadcast_axis", "data", axis=shape(()), size=shape(())),
    _op("broadcast_to", "data", shape=shape(())),
    _op("Concat", "data...", num_args=integer(), dim=integer(1)),
    _op("add_n", "args...", num_args=integer()),
    _op("stack", "data...", axis=integer(0), num_args=integer()),
)

_REDUCTIONS = {
    **_alike("argmax argmin", "data", axis=integer(None), keepdims=boolean(False)),
    **_alike(
        "max mean min prod sum",
        "data",
        axis=shape(None),
        keepdims=boolean(False),
        exclude=boolean(False),
    ),
    **_table(
        _op(
            "norm",
            "data",
            ord=integer(2),
            axis=shape(None),
            out_dtype=choice("float16 float32 float64 int32 int64 int8", None),
            keepdims=boolean(False),
        ),
    ),
    **_alike("softmax", "data length", **_SOFTMAX),
    **_alike("log_softmax softmin", "data", **_SOFTMAX),
}

_ARITHMETIC = {
    **_alike(
        "BlockGrad _copy abs arccos arccosh arcsin arcsinh arctan arctanh cbrt ceil cos cosh "
        "degrees erf erfinv exp expm1 fix floor gamma gammaln log log10 log1p log2 logical_not "
        "negative ones_like radians rcbrt reciprocal relu rint round rsqrt sigmoid sign sin sinh "
        "softsign sqrt square tan tanh trunc zeros_like _contrib_div_sqrt_dim",
        "data",
    ),
    **_alike(
        "_div_scalar _equal_scalar _greater_equal_scalar _greater_scalar _hypot_scalar "
        "_lesser_equal_scalar _lesser_scalar _maximum_scalar _minimum_scalar _minus_scalar "
        "_mod_scalar _mul_scalar _not_equal_scalar _plus_scalar _power_scalar _rdiv_scalar "
        "_rminus_scalar _rmod_scalar _rpower_scalar",
        "data",
        scalar=float64(1.0),
        is_int=boolean(True),
    ),
    **_alike(
        "_equal _greater _greater_equal _hypot _lesser _lesser_equal _maximum _minimum _mod "
        "_not_equal _power elemwise_add elemwise_div elemwise_mul elemwise_sub broadcast_add "
        "broadcast_div broadcast_equal broadcast_greater broadcast_greater_equal broadcast_hypot "
        "broadcast_lesser broadcast_lesser_equal broadcast_maximum broadcast_minimum "
        "broadcast_mod broadcast_mul broadcast_not_equal broadcast_power broadcast_sub",
        "lhs rhs",
    ),
    **_alike(
        "batch_dot dot",
        "lhs rhs",
        transpose_a=boolean(False),
        transpose_b=boolean(False),
        forward_stype=choice("csr default row_sparse", None),
    ),
    **_table(
        _op("Cast", "data", dtype=choice(_DTYPES)),
        _op(
            "_np_cumsum",
            "a",
            axis=integer(None),
            dtype=choice("float16 float32 float64 int32 int64 int8", None),
        ),
        _op(
            "one_hot",
            "indices",
            depth=integer(),
            on_value=float64(1.0),
            off_value=float64(0.0),
            dtype=choice("bfloat16 float16 float32 float64 int32 int64 int8 uint8", "float32"),
        ),
        _op("where", "condition x y"),
        _op("clip", "data", a_min=float32(), a_max=float32()),
        _op("hard_sigmoid", "data", alpha=float32(0.2), beta=float32(0.5)),
        _op("smooth_l1", "data", scalar=float32(1.0)),
    ),
}

# Seldom in networks, but in training steps, augmentations and rewritten graphs.
AROUND_NETWORKS = _table(
    _op(
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
    _op(
        "_contrib_arange_like",
        "data",
        start=float64(0.0),
        step=float64(1.0),
        repeat=integer(1),
        ctx=string(""),
        axis=integer(None),
    ),
    _op("_random_uniform_like", "data", low=float32(0.0), high=float32(1.0)),
    _op("_random_normal_like", "data", loc=float32(0.0), scale=float32(1.0)),
    _op(
        "_random_uniform",
        "",
        low=float32(0.0),
        high=float32(1.0),
        shape=shape(None),
        ctx=string(""),
        dtype=_FLOATS,
    ),
    _op(
        "_random_normal",
        "",
        loc=float32(0.0),
        scale=float32(1.0),
        shape=shape(None),
        ctx=string(""),
        dtype=_FLOATS,
    ),
    *(
        _op(name, "", shape=shape(()), ctx=string(""), dtype=choice(_DTYPES, "float32"))
        for name in ("_zeros", "_ones")
    ),
    _op(
        "_full",
        "",
        shape=shape(None),
        ctx=string(""),
        dtype=choice(_DTYPES, "float32"),
        value=float64(),
    ),
    _op(
        "_contrib_dequantize",
        "data min_range max_range",
        out_type=choice("float32", "float32"),
    ),
    _op("_npx_reshape", "a", newshape=shape(), reverse=boolean(False), order=string("C")),
)

OPERATORS: Mapping[str, Operator] = {
    **_LAYERS,
    **_SHAPES,
    **_REDUCTIONS,
    **_ARITHMETIC,
    **AROUND_NETWORKS,
}
