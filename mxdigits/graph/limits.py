"""What a graph from a file may use: operators of MXNet, and the values of their attributes.

Some of MXNet's operators read files, call Python or follow an address. Some end the process, or
write outside their memory, when an attribute is out of range. So a graph from a file may use only
these operators, which networks for images are made of, with attributes in these ranges.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Callable

from .attributes import Attributes, Value
from .operators import OPERATORS
from .recurrent import JOIN

NOT_RUN = "which is not run from a file"

_CONSTANTS = {"_full", "_ones", "_zeros"}

# Operators of training steps, augmentations and rewritten graphs; networks rarely use them.
_AROUND_NETWORKS = {
    "SoftmaxOutput",
    "_contrib_dequantize",
    "_npx_reshape",
    "_random_normal",
    "_random_normal_like",
    "_random_uniform",
    "_random_uniform_like",
}

FROM_FILES = frozenset(OPERATORS) - _AROUND_NETWORKS

# These set the shapes of their weights instead of checking them, so they may take parameters only.
UNCOMPARED = {"BatchNorm", "GroupNorm", "InstanceNorm", "LayerNorm", "LeakyReLU"}

_MOST = 1 << 20
_LONGEST_TEXT = 200

Check = Callable[[Value], bool]


def _each(check: Check, names: str) -> dict[str, Check]:
    return dict.fromkeys(names.split(), check)


def _any(value: Value) -> bool:
    return True


def _number(value: Value) -> bool:
    return value == value  # not a NaN


def _none(value: Value) -> bool:
    return value is None


def _false(value: Value) -> bool:
    return value is False


def _within(least: int, most: int = _MOST) -> Check:
    """A check that a value is a whole number in a range, several such numbers, or None."""
    return lambda value: all(least <= number <= most for number in whole_numbers(value))


def _word(words: str) -> Check:
    allowed = {None if word == "None" else word for word in words.split()}
    return lambda value: value in allowed


def whole_numbers(value: Value) -> tuple[int, ...]:
    """The numbers of a shape, or a single number, as a tuple; empty for None.

    Example:
        >>> whole_numbers((2, 2)), whole_numbers(3), whole_numbers(None)
        ((2, 2), (3,), ())
    """
    numbers = value if isinstance(value, tuple) else (value,)
    return tuple(number for number in numbers if isinstance(number, int))


_ATTRIBUTES: dict[str, Check] = {
    **_each(
        _any, "align_corners count_include_pad cudnn_off exclude fix_gamma flatten global_pool"
    ),
    **_each(_any, "is_int keepdims no_bias squeeze_axis transpose_a transpose_b"),
    **_each(_any, "use_global_stats act_type cudnn_tune multi_input_mode pooling_convention"),
    **_each(_any, "bidirectional is_ascend ret_typ state_outputs"),
    **_each(_false, "keep_highest lstm_state_clip_nan output_mean_var use_length"),
    **_each(_false, "use_sequence_length"),
    **_each(_none, "lstm_state_clip_max lstm_state_clip_min projection_size"),
    "reverse": _any,
    **_each(_word("float16 float32 float64 None"), "dtype out_dtype"),
    "layout": _word("None NCW NCHW NCDHW"),
    "mode": _word(
        "always channel clip constant edge gru instance lstm reflect rnn_relu rnn_tanh size "
        "spatial training wrap"
    ),
    **_each(_any, "pool_type sampler_type transform_type"),
    "p_value": _within(1, 3),
    "sample_type": _word("nearest"),
    "sparse_grad": _false,
    **_each(_number, "a_max a_min alpha beta constant_value eps knorm lower_bound max_calib_range"),
    **_each(
        _number,
        "min_calib_range momentum p scalar scale_height scale_width slope on_value off_value",
    ),
    **_each(_number, "start temperature upper_bound value"),
    **_each(_within(1), "height num_args num_filter num_group num_groups num_hidden num_outputs"),
    **_each(_within(1), "depth input_dim output_dim state_size"),
    **_each(_within(1, 1 << 6), "num_layers"),
    **_each(_within(1), "repeats reps size width"),
    **_each(_within(1, 1 << 10), "nsize scale"),
    **_each(_within(1), "k repeat"),
    **_each(_within(0, 1 << 13), "workspace"),
    **_each(_within(1, 2), "ord"),
    **_each(_within(1, 1 << 10), "dilate kernel output_size stride"),
    **_each(_within(0, 1 << 10), "adj pad pad_width"),
    **_each(_within(-8, 8), "axes axis dim dim1 dim2 lhs_axes rhs_axes"),
    **_each(_within(-4), "shape"),
    **_each(_within(-_MOST), "begin end step"),
}
# Attributes that files may use with these operators alone; elsewhere they mean something else.
_OF_OPERATORS: dict[tuple[str, str], Check] = {
    (operator, "target_shape"): _within(2, 1 << 10)
    for operator in ("GridGenerator", "SpatialTransformer")
}
_OF_OPERATORS["_np_cumsum", "axis"] = _within(0, 8)  # MXNet counts none from the end
# Attributes that are required here although MXNet has a default for them.
_REQUIRED = {"Reshape": "shape", **dict.fromkeys(_CONSTANTS, "shape")}
# Why values are refused that MXNet knows: tried with 1.9.1.
_PASSED_OVER = "; MXNet passes it over on a CPU, so leave it out"
_REASONS = {
    "lstm_state_clip_max": _PASSED_OVER,
    "lstm_state_clip_min": _PASSED_OVER,
    "lstm_state_clip_nan": _PASSED_OVER,
    "projection_size": "; MXNet does not train it on a CPU",
    "use_sequence_length": _PASSED_OVER,
}
_WINDOWS = ("kernel", "stride", "dilate", "pad")


def read_attributes(operator: str, texts: Mapping[str, object]) -> Attributes:
    """The attributes of an operator of :data:`FROM_FILES`, checked.

    Raises:
        ValueError: if an attribute is missing or unknown, or has no proper value.

    Example:
        >>> read_attributes("Activation", {"act_type": "relu"})
        Attributes({'act_type': 'relu'})
    """
    known = OPERATORS[operator].attributes
    given: dict[str, Value] = {}
    for name, text in texts.items():
        check = _OF_OPERATORS.get((operator, name), _ATTRIBUTES.get(name))
        if check is None or name not in known:
            raise ValueError(f"has the attribute {name[:40]!r}, {NOT_RUN}")
        refusal = ValueError(
            f"has a value for {name} that is not run from a file{_REASONS.get(name, '')}"
        )
        if not isinstance(text, str) or len(text) > _LONGEST_TEXT:
            raise refusal
        try:
            given[name] = known[name].read(text)
        except ValueError:
            raise refusal from None
        if not check(given[name]):
            raise refusal
    if _REQUIRED.get(operator) not in {None, *given}:
        raise ValueError(f"lacks {_REQUIRED[operator]}")
    _check_together(operator, given)
    return OPERATORS[operator].filled(given)


def _check_together(operator: str, given: Mapping[str, Value]) -> None:
    windows = {len(whole_numbers(given.get(name))) for name in _WINDOWS} - {0}
    if "kernel" in given and len(windows) > 1:
        raise ValueError("has a kernel, a stride, a dilation and a padding that do not fit")
    if operator == "Reshape" and not _splits_well(given["shape"]):
        raise ValueError("has a shape that is not run from a file")
    if given.get("pool_type") == "lp" and given.get("p_value") is None:
        raise ValueError("lacks p_value")
    if (
        given.get("transform_type") == "affine"
        and len(whole_numbers(given.get("target_shape"))) != 2
    ):
        raise ValueError("has no target_shape of two sizes")
    if operator in _CONSTANTS and not _is_said(given["shape"], open_sizes=operator == "_zeros"):
        raise ValueError("has a shape that is not run from a file")
    if operator == JOIN and given.get("dim") != 0:
        raise ValueError("has a dim that is not run from a file")
    if operator == "slice" and 0 in whole_numbers(given.get("step")):
        raise ValueError("has a step of zero")


def _is_said(shape: Value, *, open_sizes: bool) -> bool:
    """Whether all sizes of a constant are given; of zeros one may be 0, for the batch size."""
    sizes = whole_numbers(shape)
    return sizes == shape and bool(sizes) and min(sizes) >= 0 and sizes.count(0) <= open_sizes


def _splits_well(shape: Value) -> bool:
    """Whether each -4 of a Reshape is followed by the two sizes to split an axis into."""
    if not isinstance(shape, tuple):
        return False
    sizes = [size for size in shape if size is not None]
    return len(sizes) == len(shape) and all(
        len(rest) == 2 and all(size == -1 or size > 0 for size in rest)
        for rest in (sizes[place + 1 : place + 3] for place, size in enumerate(sizes) if size == -4)
    )
