"""The cases that every backend's operators are tested with, in one table, in terms of no backend.

``tests/backends/<backend>/`` runs all of them and compares outputs, gradients and auxiliary states
with MXNet's. To add an operator, add its cases to :data:`CASES`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from backends.cases import (
    Case,
    between,
    case,
    distinct,
    exactly,
    normal,
    some_equal,
    still,
    whole,
    words,
)

# Element by element

_DOMAINS: dict[str, tuple[float, float]] = {
    **dict.fromkeys(words("arccos arcsin arctanh erfinv"), (-0.9, 0.9)),
    "arccosh": (1.1, 4),
    **dict.fromkeys(words("log log10 log2 sqrt rsqrt cbrt rcbrt reciprocal"), (0.2, 5)),
    "gamma": (0.3, 4),
    "gammaln": (0.3, 6),
    "log1p": (-0.8, 5),
    "tan": (-1.2, 1.2),
}
_SMOOTH = words(
    "_contrib_div_sqrt_dim _copy abs arccos arccosh arcsin arcsinh arctan arctanh cbrt cos cosh "
    "degrees erf erfinv exp expm1 gamma gammaln log log10 log1p log2 negative radians rcbrt "
    "reciprocal relu rsqrt sigmoid sin sinh softsign sqrt square tan tanh"
)
_STEPS = words("BlockGrad ceil fix floor logical_not ones_like rint round sign trunc zeros_like")
_HALVES = exactly(-2.5, -1.5, -0.5, -0.0, 0.0, 0.49999997, 0.5, 1.5, 2.5, 3.0, 1e7)

_UNARY = [
    *(case(name, between(*_DOMAINS.get(name, (-3, 3)), 4, 6)) for name in _SMOOTH),
    *(case(name, between(*_DOMAINS.get(name, (-3, 3)), 2, 3, 2, 2)) for name in _SMOOTH),
    *(still(name, _HALVES) for name in _STEPS),
    *(case(name, normal(3, 4)) for name in _STEPS if name != "ones_like"),
    *(still(n, whole(-4, 5, 6)) for n in words("abs negative relu sign square logical_not")),
    *(still(n, whole(1, 9, 6)) for n in words("exp sqrt floor")),
    case("gamma", exactly(-0.5, -1.5, -2.3)),
    case("abs", some_equal(3, 4)),
    case("relu", some_equal(3, 4)),
    *(case("Activation", normal(3, 5), act_type=kind) for kind in words("relu sigmoid tanh")),
    *(case("Activation", between(-30, 30, 3, 5), act_type=k) for k in ("softrelu", "softsign")),
    case("Activation", some_equal(2, 3, 2, 2), act_type="relu"),
    case("clip", some_equal(4, 5), a_min=-1.0, a_max=1.0),
    case("clip", normal(4, 5), a_min=-0.3, a_max=0.7),
    still("clip", whole(-5, 6, 7), a_min=-0.5, a_max=2.5),
    case("hard_sigmoid", between(-4, 4, 3, 7)),
    case("hard_sigmoid", some_equal(3, 4), alpha=0.5, beta=0.5),
    case("smooth_l1", between(-3, 3, 3, 7)),
    case("smooth_l1", some_equal(3, 7), scalar=2.0),
    *(still("Cast", between(-3, 300, 5), dtype=t) for t in ("uint8", "int32", "bool", "float16")),
    still("Cast", whole(0, 256, 5, dtype="uint8"), dtype="float32"),
    still("Cast", between(-3, 300, 5), dtype="int8"),
    case("Cast", normal(4), dtype="float32"),
]

_SCALARS = words("_plus _minus _rminus _mul _div _rdiv _hypot _maximum _minimum")
_COMPARISONS = words("equal not_equal greater greater_equal lesser lesser_equal")
_BINARY = words("hypot maximum minimum mod power")
_EVERY = ["add", "sub", "mul", "div", *_BINARY]
_SCALAR = [
    *(case(f"{name}_scalar", between(0.3, 3, 3, 4), scalar=1.7) for name in _SCALARS),
    *(case(f"{name}_scalar", some_equal(3, 4), scalar=1.0) for name in ("_maximum", "_minimum")),
    *(
        case(f"{name}_scalar", between(-5, 5, 3, 4), scalar=s)
        for name in ("_mod",)
        for s in (3, -3)
    ),
    *(case("_rmod_scalar", between(0.5, 3, 3, 4), scalar=s) for s in (4.0, -4.0)),
    still("_mod_scalar", normal(4), scalar=0.0),
    *(case("_power_scalar", between(0.3, 3, 3, 4), scalar=s) for s in (2.0, 0.5, -1.5, 0.0)),
    case("_power_scalar", normal(3, 4), scalar=2.0),
    case("_rpower_scalar", normal(3, 4), scalar=1.7),
    *(case(f"_{name}_scalar", some_equal(3, 4), scalar=1.0) for name in _COMPARISONS),
    *(still(f"{n}_scalar", whole(1, 9, 5), scalar=2.6) for n in ("_plus", "_mul", "_div", "_mod")),
    still("_plus_scalar", whole(0, 256, 5, dtype="uint8"), scalar=100.0),
    case("_mul_scalar", normal(4), scalar=0.5, is_int=False),
]
_PAIRS = [
    *(case(f"_{name}", between(0.3, 3, 3, 4), between(0.3, 3, 3, 4)) for name in _BINARY),
    *(case(f"_{name}", some_equal(3, 4), some_equal(3, 4)) for name in ("maximum", "minimum")),
    *(case(f"_{name}", some_equal(3, 4), some_equal(3, 4)) for name in _COMPARISONS),
    *(
        case(f"elemwise_{name}", normal(2, 3), between(0.5, 2, 2, 3))
        for name in ("add", "sub", "mul", "div")
    ),
    *(
        case(f"broadcast_{name}", between(0.3, 3, *left), between(0.3, 3, *right))
        for name in _EVERY
        for left, right in [((2, 3, 4), (1, 3, 1)), ((1, 4), (3, 1)), ((5,), (5,))]
    ),
    *(case(f"broadcast_{name}", some_equal(3, 1), some_equal(1, 4)) for name in _COMPARISONS),
    *(
        case(f"broadcast_{name}", some_equal(3, 4), some_equal(1, 4))
        for name in ("maximum", "minimum")
    ),
    case("broadcast_mod", between(-5, 5, 4, 3), exactly([2.0, -2.0, 0.7])),
    still("broadcast_mod", whole(-9, 9, 6), whole(1, 5, 6)),
    still("elemwise_add", whole(0, 256, 6, dtype="uint8"), whole(0, 256, 6, dtype="uint8")),
    case("add_n", normal(2, 3)),
    case("add_n", normal(2, 3), normal(2, 3), normal(2, 3)),
    Case("where", (some_equal(3, 4), normal(3, 4), normal(3, 4)), fixed=(0,)),
    Case("where", (exactly(0, 1, 1), normal(3, 4), normal(3, 4)), fixed=(0,)),
]
_PRODUCTS = [
    case("dot", normal(3, 4), normal(4, 5)),
    case("dot", normal(4, 3), normal(4, 5), transpose_a=True),
    case("dot", normal(3, 4), normal(5, 4), transpose_b=True),
    case("dot", normal(4, 3), normal(5, 4), transpose_a=True, transpose_b=True),
    case("dot", normal(6), normal(6)),
    case("dot", normal(4), normal(4, 5)),
    still("dot", normal(2, 3, 4), normal(4, 5)),
    still("dot", normal(4, 2, 3), normal(4, 5), transpose_a=True),
    case("batch_dot", normal(2, 3, 4), normal(2, 4, 5)),
    case("batch_dot", normal(2, 4, 3), normal(2, 5, 4), transpose_a=True, transpose_b=True),
]

# Shapes

_MOVES = [
    case("Flatten", normal(2, 3, 4)),
    case("Flatten", normal(5)),
    *(
        case("Pad", normal(2, 3, 4, 5), mode=mode, pad_width=(0, 0, 0, 0, 1, 2, 3, 1))
        for mode in ("constant", "edge", "reflect")
    ),
    case(
        "Pad",
        normal(1, 2, 2, 2),
        mode="constant",
        pad_width=(0,) * 4 + (1,) * 4,
        constant_value=2.5,
    ),
    case("Pad", normal(1, 2, 3, 3, 3), mode="edge", pad_width=(0,) * 4 + (1, 0, 2, 1, 0, 1)),
    *(
        case("Reshape", normal(2, 3, 4), shape=shape)
        for shape in [
            (6, 4),
            (-1,),
            (0, -1),
            (4, 0, 2),
            (-2,),
            (2, -2),
            (-2, 1, 1),
            (-3, 4),
            (-3, -2),
            (0, -3),
            (-4, 1, 2, -2),
            (2, -4, -1, 3, 4),
            (-4, -1, 1, 0, 0),
        ]
    ),
    case("Reshape", normal(8, 3, 4), shape=(-4, 2, -1, 0, 0)),
    case("Reshape", normal(10, 5, 4), shape=(-1, 0), reverse=True),
    case("Reshape", normal(2, 3, 4), shape=(0, 0, -1, 2, -4), reverse=True),
    case("Reshape", normal(2, 3, 4), target_shape=(0, 12), keep_highest=True),
    case("Reshape", normal(2, 3, 4), target_shape=(6, 0)),
    *(
        case("_npx_reshape", normal(2, 3, 1, 8), newshape=shape)
        for shape in [(6, 8), (-2, -1), (-2, -2, -3, 8), (-4,), (-5, -4), (-2, -2, -2, -6, 2, -1)]
    ),
    case("_npx_reshape", normal(10, 5, 4), newshape=(-1, -2), reverse=True),
    case("SliceChannel", normal(2, 6, 3), num_outputs=3),
    case("SliceChannel", normal(2, 6, 3), num_outputs=3, axis=2, squeeze_axis=True),
    case("SliceChannel", normal(2, 4), num_outputs=2, axis=-1),
    case("SwapAxis", normal(2, 3, 4), dim1=0, dim2=2),
    *(case("expand_dims", normal(2, 3), axis=axis) for axis in (0, 1, 2, -1)),
    case("repeat", normal(2, 3), repeats=2),
    *(case("repeat", normal(2, 3), repeats=3, axis=axis) for axis in (0, 1, -1)),
    case("reverse", normal(2, 3, 4), axis=(1,)),
    case("reverse", normal(2, 3, 4), axis=(0, 2)),
    case("slice", normal(4, 5), begin=(1,), end=(3,)),
    case("slice", normal(4, 5), begin=(1, None), end=(None, -1)),
    case("slice", normal(4, 5), begin=(-3, 0), end=(100, 5), step=(1, 2)),
    case("slice", normal(4, 5), begin=(None, 4), end=(None, 0), step=(-1, -2)),
    *(
        case("slice_axis", normal(4, 5), axis=axis, begin=begin, end=end)
        for axis, begin, end in [(0, 1, 3), (1, -3, None), (-1, 0, -2)]
    ),
    Case("slice_like", (normal(4, 5), normal(2, 3)), fixed=(1,)),
    Case("slice_like", (normal(4, 5), normal(2, 3, 9)), {"axes": (0,)}, fixed=(1,)),
    Case("slice_like", (normal(4, 5), normal(2, 3)), {"axes": (-1,)}, fixed=(1,)),
    case("squeeze", normal(1, 3, 1, 2)),
    case("squeeze", normal(1, 3, 1, 2), axis=(2,)),
    case("squeeze", normal(1, 3, 1, 2), axis=(0, -2)),
    case("squeeze", normal(1, 1)),
    case("tile", normal(2, 3), reps=(2, 2)),
    case("tile", normal(2, 3), reps=(2, 1, 2)),
    case("tile", normal(2, 3), reps=(2,)),
    case("transpose", normal(2, 3, 4)),
    case("transpose", normal(2, 3, 4), axes=(1, 2, 0)),
    Case("broadcast_like", (normal(2, 1, 3), normal(2, 4, 3)), fixed=(1,)),
    Case(
        "broadcast_like",
        (normal(1, 2, 1), normal(5, 7)),
        {"lhs_axes": (0, 2), "rhs_axes": (0, -1)},
        fixed=(1,),
    ),
    case("broadcast_axis", normal(2, 1, 3, 1), axis=(1, 3), size=(4, 5)),
    case("broadcast_to", normal(2, 1, 3), shape=(2, 4, 3)),
    case("broadcast_to", normal(2, 1, 1), shape=(0, 3, 0)),
    case("Concat", normal(2, 3), normal(2, 4), normal(2, 1)),
    case("Concat", normal(2, 3, 1), normal(4, 3, 1), dim=0),
    case("Concat", normal(2, 3), normal(2, 3), dim=-1),
    case("stack", normal(2, 3), normal(2, 3)),
    case("stack", normal(2, 3), normal(2, 3), normal(2, 3), axis=1),
    case("stack", normal(2, 3), axis=-1),
    *(
        Case("take", (normal(5, 3), whole(-9, 9, 4)), {"mode": mode, "axis": axis}, fixed=(1,))
        for mode in ("clip", "wrap")
        for axis in (0, 1, -1)
    ),
    Case("take", (normal(5, 3), exactly([0.0, 2.9], [4.2, 0.0])), fixed=(1,)),
    still("take", whole(0, 256, 5, 2, dtype="uint8"), whole(0, 5, 4)),
]

# Reductions

_AXES = [
    {},
    {"axis": (1,)},
    {"axis": (0, -1)},
    {"axis": (1,), "keepdims": True},
    {"keepdims": True},
]
_AXES += [{"axis": (1,), "exclude": True}, {"axis": (0, 1, 2)}, {"axis": (), "exclude": True}]
_LESS = [
    *(
        case(name, between(0.4, 2, 2, 3, 4), **axes)
        for name in ("mean", "prod", "sum")
        for axes in _AXES
    ),
    *(case(name, distinct(2, 3, 4), **axes) for name in ("max", "min") for axes in _AXES),
    *(case(name, some_equal(3, 5), axis=(1,)) for name in ("max", "min")),
    case("sum", normal(2, 3), axis=(0, 1), exclude=True),
    *(still(name, whole(-5, 9, 2, 4), axis=(1,)) for name in ("mean", "sum", "max", "min")),
    *(
        still(name, draw(3, 4), **axes)
        for name in ("argmax", "argmin")
        for draw in (distinct, some_equal)
        for axes in [
            {},
            {"axis": 0},
            {"axis": -1},
            {"axis": 1, "keepdims": True},
            {"keepdims": True},
        ]
    ),
    *(
        case("norm", draw(2, 3, 4), ord=ord, **axes)
        for draw, ord in [(normal, 1), (normal, 2), (some_equal, 1)]
        for axes in [{}, {"axis": (1,)}, {"axis": (0, 2)}, {"axis": (-1,), "keepdims": True}]
    ),
    *(
        case(name, normal(3, 4, 2), **options)
        for name in ("softmax", "log_softmax", "softmin")
        for options in [{}, {"axis": 1}, {"axis": 0, "temperature": 2.5}]
    ),
    still("softmax", between(-200, 200, 3, 4)),
    Case("log_softmax", (between(-200, 200, 3, 4),)),
    still("softmax", normal(3, 4), dtype="float16"),
    Case("softmax", (normal(3, 4), whole(1, 5, 3)), {"use_length": True, "axis": 1}, fixed=(1,)),
    Case(
        "softmax", (normal(2, 4, 3), whole(0, 5, 2, 3)), {"use_length": True, "axis": 1}, fixed=(1,)
    ),
]

# Layers


def _convolution(
    shape: tuple[int, ...], filters: int, kernel: tuple[int, ...], **more: Any
) -> Case:
    group = more.get("num_group", 1)
    inputs = [normal(*shape), normal(filters, shape[1] // group, *kernel)]
    if not more.get("no_bias"):
        inputs.append(normal(filters))
    return case("Convolution", *inputs, kernel=kernel, num_filter=filters, **more)


def _deconvolution(
    shape: tuple[int, ...], filters: int, kernel: tuple[int, ...], **more: Any
) -> Case:
    group = more.get("num_group", 1)
    inputs = [normal(*shape), normal(shape[1], filters // group, *kernel)]
    if not more.get("no_bias", True):
        inputs.append(normal(filters))
    return case("Deconvolution", *inputs, kernel=kernel, num_filter=filters, **more)


_WEIGHTED = [
    case("FullyConnected", normal(3, 4), normal(5, 4), normal(5), num_hidden=5),
    case("FullyConnected", normal(3, 2, 2), normal(5, 4), normal(5), num_hidden=5),
    case("FullyConnected", normal(3, 4), normal(5, 4), num_hidden=5, no_bias=True),
    case("FullyConnected", normal(2, 3, 4), normal(5, 4), normal(5), num_hidden=5, flatten=False),
    _convolution((2, 3, 7, 6), 4, (3, 3)),
    _convolution((2, 3, 7, 6), 4, (3, 2), stride=(2, 1), pad=(1, 0), no_bias=True),
    _convolution((2, 4, 9, 9), 6, (3, 3), dilate=(2, 2), num_group=2),
    _convolution((2, 4, 5, 5), 8, (3, 3), pad=(1, 1), num_group=4),
    _convolution((2, 4, 5, 5), 4, (1, 1), layout="NCHW"),
    _convolution((2, 3, 9), 4, (3,), stride=(2,), pad=(2,), dilate=(2,)),
    _convolution((2, 3, 5, 4, 6), 4, (2, 3, 2), pad=(1, 1, 0), stride=(1, 2, 1)),
    _deconvolution((2, 4, 5, 4), 3, (3, 3)),
    _deconvolution((2, 4, 5, 4), 3, (3, 2), stride=(2, 3), pad=(1, 0), adj=(1, 2), no_bias=False),
    _deconvolution((2, 4, 4, 4), 6, (3, 3), stride=(2, 2), num_group=2),
    _deconvolution((2, 4, 4, 4), 6, (3, 3), dilate=(2, 2), pad=(1, 1)),
    # MXNet on a CPU wants the padding that the target asks for.
    _deconvolution((2, 4, 4, 4), 2, (4, 4), stride=(2, 2), pad=(1, 1), target_shape=(8, 9)),
    _deconvolution((2, 4, 4, 4), 2, (4, 4), stride=(2, 2), pad=(2, 2), target_shape=(7, 7)),
    _deconvolution((2, 4, 6), 3, (3,), stride=(2,), pad=(1,), adj=(1,)),
    *(
        Case("LeakyReLU", (draw(3, 4, 2, 2),), {"act_type": kind})
        for kind in ("leaky", "elu", "gelu", "selu")
        for draw in (normal, some_equal)
    ),
    case("LeakyReLU", between(-90, 95, 3, 4), act_type="elu", slope=0.7),
    case("LeakyReLU", normal(3, 4), act_type="leaky", slope=0.01),
    case("LeakyReLU", normal(3, 4, 2), between(0.1, 0.5, 4), act_type="prelu"),
    case("LeakyReLU", normal(3, 4, 2), between(0.1, 0.5, 1), act_type="prelu"),
    case("LeakyReLU", normal(3, 4), between(0.1, 0.5, 4), act_type="prelu"),
    Case("LeakyReLU", (normal(3, 4),), {"act_type": "rrelu"}, training=False, gradients=False),
    Case("Dropout", (normal(3, 4),), {"p": 0.5}, training=False, gradients=False),
    case("Dropout", normal(3, 4), p=0.0),
]

_POOLED = [
    *(
        case("Pooling", distinct(2, 2, 7, 8), pool_type=kind, **options)
        for kind in ("max", "avg", "sum")
        for options in [
            {"kernel": (2, 2), "stride": (2, 2)},
            {"kernel": (3, 2), "stride": (2, 1), "pad": (1, 0)},
            {"kernel": (3, 3), "stride": (2, 2), "pad": (1, 1), "pooling_convention": "full"},
            {"kernel": (2, 2), "stride": (3, 3), "pooling_convention": "full"},
            {"kernel": (2, 2), "global_pool": True, "pad": (1, 1)},
            {"global_pool": True, "kernel": (1, 1)},
        ]
    ),
    *(
        case("Pooling", distinct(2, 2, 7, 8), pool_type="avg", count_include_pad=counted, **options)
        for counted in (True, False)
        for options in [
            {"kernel": (3, 3), "stride": (2, 2), "pad": (1, 1)},
            {"kernel": (3, 4), "stride": (2, 3), "pad": (1, 2), "pooling_convention": "full"},
        ]
    ),
    case("Pooling", some_equal(2, 2, 6, 6), kernel=(2, 2), stride=(2, 2)),
    case("Pooling", some_equal(2, 2, 7, 7), kernel=(3, 3), stride=(2, 2), pad=(1, 1)),
    case("Pooling", some_equal(2, 2, 4, 4), kernel=(1, 1), global_pool=True),
    *(
        case("Pooling", distinct(2, 3, 9), kernel=(3,), stride=(2,), pool_type=kind, **options)
        for kind in ("max", "avg", "sum")
        for options in [{}, {"pad": (1,)}, {"pooling_convention": "full"}]
    ),
    # MXNet looks at three sizes of padding, whatever the kernel, and has sums alone.
    case(
        "Pooling",
        distinct(2, 3, 7),
        kernel=(3,),
        stride=(2,),
        pad=(0, 0, 0),
        pool_type="sum",
        pooling_convention="same",
    ),
    *(
        case("Pooling", distinct(1, 2, 5, 6, 4), kernel=(2, 3, 2), stride=(2, 1, 1), pool_type=kind)
        for kind in ("max", "avg")
    ),
    *(
        case(
            "Pooling",
            between(0.2, 2, 2, 2, 6, 6),
            kernel=(2, 2),
            stride=(2, 2),
            pool_type="lp",
            p_value=p,
        )
        for p in (1, 2, 3)
    ),
    *(
        case(
            "Pooling",
            distinct(2, 6, 5, 3),
            kernel=(2, 2),
            stride=(2, 2),
            pool_type=kind,
            layout="NHWC",
        )
        for kind in ("max", "avg")
    ),
    still("Pooling", normal(1, 1, 5, 5), kernel=(1, 1), stride=(3, 3), pooling_convention="full"),
    *(
        case("_contrib_AdaptiveAvgPooling2D", normal(2, 3, 7, 5), **size)
        for size in [{}, {"output_size": (3,)}, {"output_size": (2, 4)}, {"output_size": (9, 5)}]
    ),
    *(
        case("_contrib_BilinearResize2D", normal(2, 2, 5, 6), align_corners=aligned, **size)
        for aligned in (True, False)
        for size in [
            {"height": 8, "width": 9},
            {"height": 3, "width": 1},
            {"height": 5, "width": 6},
            {"scale_height": 1.5, "scale_width": 2.0},
            {"scale_height": 2.0, "scale_width": 1.5, "mode": "odd_scale"},
            *(
                {"mode": f"to_{parity}_{way}"}
                for parity in ("even", "odd")
                for way in ("up", "down")
            ),
        ]
    ),
    Case(
        "_contrib_BilinearResize2D",
        (normal(2, 2, 5, 6), normal(2, 3, 7, 4)),
        {"mode": "like"},
        fixed=(1,),
    ),
    case("UpSampling", normal(2, 3, 4, 5), scale=2, sample_type="nearest"),
    case("UpSampling", normal(2, 3, 4, 4), normal(2, 2, 2, 2), scale=2, sample_type="nearest"),
    case(
        "UpSampling",
        normal(2, 3, 4, 4),
        normal(2, 3, 2, 2),
        scale=2,
        sample_type="nearest",
        multi_input_mode="sum",
    ),
    *(
        case(
            "UpSampling",
            normal(2, 3, 4, 4),
            normal(3, 1, kernel, kernel),
            scale=scale,
            sample_type="bilinear",
            num_filter=3,
        )
        for scale, kernel in [(2, 4), (3, 5)]
    ),
]


def _batch_norm(shape: tuple[int, ...], axis: int = 1, training: bool = True, **more: Any) -> Case:
    channels = shape[axis]
    inputs = (
        normal(*shape),
        between(0.5, 2, channels),
        normal(channels),
        normal(channels),
        between(0.5, 2, channels),
    )
    attributes = {"axis": axis, "fix_gamma": False, **more}
    return Case("BatchNorm", inputs, attributes, training=training)


_NORMALIZED = [
    # The gradients of a normalised batch are small differences of large numbers.
    *(
        _batch_norm((4, 3, 5, 5), training=training, **options)
        for training in (True, False)
        for options in [
            {},
            {"fix_gamma": True},
            {"use_global_stats": True},
            {"eps": 0.01, "momentum": 0.7},
        ]
    ),
    _batch_norm((6, 4)),
    _batch_norm((4, 3, 5)),
    _batch_norm((2, 3, 2, 3, 2)),
    _batch_norm((4, 5, 3), axis=-1),
    _batch_norm((4, 5, 5, 3), axis=3, momentum=0.5),
    *(
        Case(
            "BatchNorm",
            (normal(4, 3, 2), between(0.5, 2, 3), normal(3), normal(3), between(0.5, 2, 3)),
            {"output_mean_var": True},
            training=training,
        )
        for training in (True, False)
    ),
    case("GroupNorm", normal(3, 4, 5), between(0.5, 2, 2), normal(2), num_groups=2),
    case("GroupNorm", normal(3, 6, 3, 3), between(0.5, 2, 3), normal(3), num_groups=3, eps=0.01),
    case(
        "GroupNorm",
        normal(3, 4, 5),
        between(0.5, 2, 2),
        normal(2),
        num_groups=2,
        output_mean_var=True,
    ),
    case("InstanceNorm", normal(3, 4, 5), between(0.5, 2, 4), normal(4)),
    case("InstanceNorm", normal(3, 2, 4, 4), between(0.5, 2, 2), normal(2), eps=0.01),
    case("LayerNorm", normal(3, 4, 5), between(0.5, 2, 5), normal(5)),
    case("LayerNorm", normal(3, 4, 5), between(0.5, 2, 4), normal(4), axis=1, eps=0.01),
    case("LayerNorm", normal(3, 4), between(0.5, 2, 4), normal(4), output_mean_var=True),
    *(
        case("L2Normalization", normal(3, 4, 5), mode=mode)
        for mode in ("channel", "instance", "spatial")
    ),
    case("L2Normalization", normal(3, 4, 2, 3), eps=0.1),
    case("LRN", normal(2, 7, 3, 3), nsize=3),
    case("LRN", normal(2, 7, 3, 3), nsize=5, alpha=0.5, beta=0.6, knorm=1.5),
]

# Losses, sampling, and arrays of nothing


def _loss(*shape: int, labels: tuple[int, ...], classes: int, **options: Any) -> Case:
    inputs = (normal(*shape), lambda random: random.integers(0, classes, labels).astype(np.float32))
    return Case("SoftmaxOutput", inputs, options, fixed=(1,))


_OTHERS = [
    *(
        _loss(5, 4, labels=(5,), classes=4, **options)
        for options in [
            {},
            {"smooth_alpha": 0.3},
            {"grad_scale": 0.5, "normalization": "batch"},
            {"use_ignore": True, "ignore_label": 1.0},
            {"use_ignore": True, "ignore_label": 1.0, "normalization": "valid"},
            {"use_ignore": True, "ignore_label": 2.0, "smooth_alpha": 0.2},
        ]
    ),
    *(
        _loss(3, 4, 5, labels=(3, 5), classes=4, multi_output=True, **options)
        for options in [
            {},
            {"normalization": "batch"},
            {"normalization": "valid", "use_ignore": True, "ignore_label": 0.0},
        ]
    ),
    _loss(3, 5, 4, labels=(3, 5), classes=4, preserve_shape=True),
    Case("SoftmaxOutput", (normal(3, 4), between(0, 1, 3, 4)), {"grad_scale": 2.0}, fixed=(1,)),
    case("BilinearSampler", normal(2, 3, 5, 6), between(-1.3, 1.3, 2, 2, 4, 3)),
    case("GridGenerator", normal(2, 6), transform_type="affine", target_shape=(4, 5)),
    case("GridGenerator", normal(2, 2, 4, 5), transform_type="warp"),
    *(
        still("_contrib_arange_like", normal(3, 4), **options)
        for options in [
            {},
            {"axis": 1},
            {"axis": -1, "start": 2.5, "step": 0.5},
            {"repeat": 2, "start": 1.0},
            {"axis": 1, "repeat": 2},
        ]
    ),
    still("_full", shape=(2, 3), value=0.3),
    still("_full", shape=(2,), value=7.9, dtype="int32"),
    still("_ones", shape=(2, 3)),
    still("_zeros", shape=(3,), dtype="uint8"),
]

CASES = [
    *_UNARY,
    *_SCALAR,
    *_PAIRS,
    *_PRODUCTS,
    *_MOVES,
    *_LESS,
    *_WEIGHTED,
    *_POOLED,
    *_NORMALIZED,
    *_OTHERS,
]

# What draws random numbers cannot be compared bit by bit; each backend tests what comes out.
RANDOM = {"_random_normal", "_random_normal_like", "_random_uniform", "_random_uniform_like"}
