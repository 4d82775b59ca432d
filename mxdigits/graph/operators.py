"""MXNet's operators that may be run from a file, and what they may be told.

Some of MXNet's operators read files, call Python or follow an address, and some end the process,
or write where they should not, when an attribute is out of range.  So a graph from a file may use
these alone, which are what networks for images are made of, and only with attributes of this form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Callable, Union

Attributes = Mapping[str, str]
Check = Callable[[str], bool]

NOT_RUN = "which is not run from a file"

_MOST = 1 << 20
_WHOLE = r"-?\d{1,9}"
_REAL = re.compile(r"[-+]?(?:\d{1,20}(?:\.\d{0,20})?|\.\d{1,20})(?:[eE][-+]?\d{1,2})?|[-+]?inf")


def _each(value: Any, names: str) -> dict[str, Any]:
    return dict.fromkeys(names.split(), value)


# How many inputs


def _weighted(no_bias: str) -> Callable[[Attributes], int]:
    """Data, weight, and a bias unless ``no_bias``, which is this where it is left out."""
    return lambda attrs: 2 if attrs.get("no_bias", no_bias) in ("True", "1") else 3


def _many(attrs: Attributes) -> int:
    return int(attrs["num_args"])


INPUTS: dict[str, Union[int, Callable[[Attributes], int]]] = {
    # Layers
    **_each(_weighted("False"), "Convolution FullyConnected"),
    **_each(_weighted("True"), "Deconvolution"),
    **_each(5, "BatchNorm"),
    **_each(3, "GroupNorm InstanceNorm LayerNorm"),
    **_each(1, "Activation Dropout L2Normalization LRN Pooling _contrib_AdaptiveAvgPooling2D"),
    "LeakyReLU": lambda attrs: 2 if attrs.get("act_type") == "prelu" else 1,
    "UpSampling": _many,
    "_contrib_BilinearResize2D": 1,
    # Shapes
    **_each(1, "Flatten Pad Reshape SliceChannel SwapAxis expand_dims repeat reverse slice"),
    **_each(1, "slice_axis squeeze tile transpose"),
    **_each(2, "broadcast_like slice_like"),
    **_each(_many, "Concat add_n stack"),
    # Reductions, and what goes along an axis
    **_each(1, "argmax argmin broadcast_axis broadcast_to log_softmax max mean min norm prod"),
    **_each(1, "softmax softmin sum"),
    # Arithmetic
    **_each(1, "BlockGrad Cast _copy abs arccos arccosh arcsin arcsinh arctan arctanh cbrt ceil"),
    **_each(1, "clip cos cosh degrees erf erfinv exp expm1 fix floor gamma gammaln hard_sigmoid"),
    **_each(1, "log log10 log1p log2 logical_not negative ones_like radians rcbrt reciprocal"),
    **_each(1, "relu rint round rsqrt sigmoid sign sin sinh smooth_l1 softsign sqrt square tan"),
    **_each(1, "tanh trunc zeros_like _contrib_div_sqrt_dim"),
    **_each(1, "_div_scalar _equal_scalar _greater_equal_scalar _greater_scalar _hypot_scalar"),
    **_each(1, "_lesser_equal_scalar _lesser_scalar _maximum_scalar _minimum_scalar _minus_scalar"),
    **_each(1, "_mod_scalar _mul_scalar _not_equal_scalar _plus_scalar _power_scalar"),
    **_each(1, "_rdiv_scalar _rminus_scalar _rmod_scalar _rpower_scalar"),
    **_each(2, "_equal _greater _greater_equal _hypot _lesser _lesser_equal _maximum _minimum"),
    **_each(2, "_mod _not_equal _power elemwise_add elemwise_div elemwise_mul elemwise_sub"),
    **_each(2, "batch_dot broadcast_add broadcast_div broadcast_equal broadcast_greater"),
    **_each(2, "broadcast_greater_equal broadcast_hypot broadcast_lesser broadcast_lesser_equal"),
    **_each(2, "broadcast_maximum broadcast_minimum broadcast_mod broadcast_mul"),
    **_each(2, "broadcast_not_equal broadcast_power broadcast_sub dot"),
}

# These set the shapes of their weights instead of comparing them, so they get none but parameters.
UNCOMPARED = {"BatchNorm", "GroupNorm", "InstanceNorm", "LayerNorm", "LeakyReLU"}


# What they may be told


def _whole(least: int, most: int = _MOST) -> Check:
    return lambda text: bool(re.fullmatch(_WHOLE, text)) and least <= int(text) <= most


def _wholes(least: int, most: int = _MOST) -> Check:
    """One number, or a tuple or list of them, some of them perhaps None."""
    form = re.compile(
        rf"{_WHOLE}|None|\((?:(?:{_WHOLE}|None)(?:, ?|(?=\))))*\)|\[(?:{_WHOLE},? ?)*\]"
    )
    return lambda text: (
        bool(form.fullmatch(text)) and all(least <= number <= most for number in wholes(text))
    )


def wholes(text: str) -> list[int]:
    """The numbers in a text that is a tuple of them."""
    return [int(number) for number in re.findall(_WHOLE, text)]


def _real(text: str) -> bool:
    return text == "None" or bool(_REAL.fullmatch(text))


def _word(words: str) -> Check:
    return set(words.split()).__contains__


_AXES = _wholes(-8, 8)
_BOOLEAN = _word("True False 1 0")

_ATTRIBUTES: dict[str, Check] = {
    **_each(_BOOLEAN, "align_corners count_include_pad cudnn_off exclude fix_gamma flatten"),
    **_each(_BOOLEAN, "global_pool is_int keepdims no_bias squeeze_axis transpose_a transpose_b"),
    **_each(_BOOLEAN, "use_global_stats"),
    **_each(_word("False 0"), "keep_highest output_mean_var reverse use_length"),
    **_each(_word("float16 float32 float64 None"), "dtype out_dtype"),
    "act_type": _word(
        "elu gelu leaky prelu rrelu relu selu sigmoid softrelu softsign tanh log_sigmoid mish"
    ),
    "cudnn_tune": _word("None off limited_workspace fastest"),
    "layout": _word("None NCW NCHW NCDHW"),
    "mode": _word("always channel constant edge instance reflect size spatial training"),
    "multi_input_mode": _word("concat sum"),
    "pool_type": _word("avg max sum"),
    "pooling_convention": _word("full same valid"),
    "sample_type": _word("nearest"),
    **_each(_real, "a_max a_min alpha beta constant_value eps knorm lower_bound max_calib_range"),
    **_each(_real, "min_calib_range momentum p scalar scale_height scale_width slope temperature"),
    **_each(_real, "upper_bound"),
    **_each(_whole(1), "height num_args num_filter num_group num_groups num_hidden num_outputs"),
    **_each(_whole(1), "repeats width"),
    **_each(_whole(1, 1 << 10), "nsize scale"),
    **_each(_whole(0, 1 << 13), "workspace"),
    **_each(_whole(1, 2), "ord"),
    **_each(_wholes(1, 1 << 10), "dilate kernel output_size stride"),
    **_each(_wholes(0, 1 << 10), "adj pad pad_width"),
    **_each(_AXES, "axes axis dim dim1 dim2 lhs_axes rhs_axes"),
    **_each(_wholes(1), "reps size"),
    **_each(_wholes(-4), "shape"),
    **_each(_wholes(-_MOST), "begin end step"),
}
_REQUIRED = {
    "Reshape": "shape",
    "SliceChannel": "num_outputs",
    **_each("num_args", "Concat UpSampling add_n stack"),
    **_each("kernel", "Convolution Deconvolution"),
}


_WINDOWS = ("stride", "dilate", "pad")
# What Reshape writes as 0, -2, -3 and -4: a size kept, all that remain, two joined, one split.
_CODES = {0: -2, -1: -1, -2: -4, -3: -5, -4: -6}


def check(op: str, attrs: Attributes) -> int:
    """Check what an operator of :data:`INPUTS` is told.

    Returns:
        How many inputs it takes.

    Raises:
        ValueError: if an attribute lacks, is unknown or has no proper value.
    """
    for key, value in attrs.items():
        if key not in _ATTRIBUTES:
            raise ValueError(f"has the attribute {key[:40]!r}, {NOT_RUN}")
        if not isinstance(value, str) or len(value) > 200 or not _ATTRIBUTES[key](value):
            raise ValueError(f"has a value for {key} that is not run from a file")
    needed = _REQUIRED.get(op)
    if needed is not None and needed not in attrs:
        raise ValueError(f"lacks {needed}")
    windows = {len(wholes(attrs.get(key, "()"))) for key in ("kernel", *_WINDOWS)} - {0}
    if "kernel" in attrs and len(windows) > 1:
        raise ValueError("has a kernel, a stride, a dilation and a padding that do not fit")
    if op == "Reshape" and re.search(r"-4(?!, ?(?:-1|[1-9]\d*), ?(?:-1|[1-9]))", attrs["shape"]):
        raise ValueError("has a shape that is not run from a file")
    if op == "slice" and 0 in wholes(attrs.get("step", "()")):
        raise ValueError("has a step of zero")
    inputs = INPUTS[op]
    return inputs if isinstance(inputs, int) else inputs(attrs)


def safer(op: str, attrs: Attributes) -> tuple[str, Attributes]:
    """The operator and attributes to run in the place of checked ones.

    ``Reshape`` does not look whether its output has as many elements as its input, and writes
    beyond it; the operator behind ``mxnet.npx.reshape`` does the same and looks.
    """
    if op != "Reshape":
        return op, attrs
    shape = tuple(_CODES.get(size, size) for size in wholes(attrs["shape"]))
    return "_npx_reshape", {"newshape": str(shape)}
