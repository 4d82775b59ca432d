"""The table of operators is what MXNet says of them: compared with the MXNet that is installed."""

from __future__ import annotations

import ctypes
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.graph import OPERATORS
from mxdigits.graph.attributes import REQUIRED, Attribute
from mxdigits.graph.limits import FROM_FILES

mx = import_mxnet()

from mxnet.base import _LIB, check_call  # noqa: E402

TYPES = {
    "boolean": "bool",
    "double": "float64",
    "float": "float32",
    "int": "int",
    "int (non-negative)": "int",
    "long (non-negative)": "int",
    "Shape": "shape",
    "Shape(tuple)": "shape",
    "string": "str",
}


def described(name: str) -> dict[str, str]:
    """What MXNet says of the inputs and attributes of an operator, by name, in its order."""
    handle, texts = ctypes.c_void_p(), [ctypes.c_char_p() for _ in range(4)]
    count = ctypes.c_uint()
    lists = [ctypes.POINTER(ctypes.c_char_p)() for _ in range(3)]
    check_call(_LIB.NNGetOpHandle(name.encode(), ctypes.byref(handle)))
    places = [texts[0], texts[1], count, *lists, texts[2], texts[3]]
    check_call(_LIB.MXSymbolGetAtomicSymbolInfo(handle, *(ctypes.byref(each) for each in places)))
    names, types, _ = lists
    return {names[i].decode(): types[i].decode() for i in range(count.value)}


def attribute(said: str) -> Attribute:
    """The attribute that a text such as "int, optional, default='1'" describes."""
    default = re.search(r", optional, default=(.*)$|,optional, default=(.*)$", said)
    kind = re.sub(r",? ?(optional, default=.*|required)$", "", said).strip()
    words = re.fullmatch(r"\{(.*)\}", kind)
    text = (default.group(1) or default.group(2)).strip("'") if default else None
    if text is not None:
        text = re.sub(r"^\[(.*)\]$", r"(\1)", text)
    if words:
        choices = tuple(word.strip("'") for word in words.group(1).split(", "))
        named = tuple(word for word in choices if word != "None")
        made = Attribute("choice", REQUIRED, "None" in choices, named)
    else:
        made = Attribute(TYPES[kind.replace(" or None", "")], REQUIRED, " or None" in kind)
    if text is None:
        return made
    value = made.read(text)
    return Attribute(made.type, value, made.optional or value is None, made.choices)


# What MXNet's own descriptions leave out.
UNSAID = {
    "add_n": {"num_args": Attribute("int")},
    "smooth_l1": {"scalar": Attribute("float32", 1.0)},
}


@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_has_the_inputs_attributes_and_defaults_of_mxnet(name):
    said = described(name)
    inputs = [each for each, kind in said.items() if "Symbol" in kind]
    attributes = {
        each: attribute(kind) for each, kind in said.items() if "Symbol" not in kind
    } | UNSAID.get(name, {})
    operator = OPERATORS[name]
    assert list(operator.inputs) == inputs
    assert operator.variadic == any(kind.endswith("Symbol[]") for kind in said.values())
    assert dict(operator.attributes) == attributes


def create(name: str, /, *inputs, **attributes):
    if name.startswith("_contrib_"):
        function = getattr(mx.sym.contrib, name[len("_contrib_") :])
    else:
        function = getattr(mx.sym._internal if name.startswith("_") else mx.sym, name)
    return function(*inputs, **attributes)


# What these cannot be made without, and what decides how many inputs they have.
GIVEN = {
    "Activation": [{"act_type": "relu"}],
    "BatchNorm": [{}, {"output_mean_var": True}],
    "Cast": [{"dtype": "float32"}],
    "Convolution": [
        {"kernel": (3, 3), "num_filter": 2},
        {"kernel": (3,), "num_filter": 2, "no_bias": True},
    ],
    "Deconvolution": [
        {"kernel": (3, 3), "num_filter": 2},
        {"kernel": (3, 3), "num_filter": 2, "no_bias": False},
    ],
    "Embedding": [{"input_dim": 3, "output_dim": 2}],
    "FullyConnected": [{"num_hidden": 2}, {"num_hidden": 2, "no_bias": True}],
    "GridGenerator": [{"transform_type": "affine"}],
    "GroupNorm": [{}, {"output_mean_var": True}],
    "LRN": [{"nsize": 3}],
    "LayerNorm": [{}, {"output_mean_var": True}],
    "LeakyReLU": [{}, {"act_type": "prelu"}],
    "Pad": [{"mode": "edge", "pad_width": (0, 0, 0, 0)}],
    "Pooling": [{"kernel": (2, 2)}, {"kernel": (1, 1), "global_pool": True}],
    "RNN": [
        {"mode": mode, "state_size": 2, "num_layers": 1, **more}
        for mode in ("gru", "lstm")
        for more in ({}, {"state_outputs": True}, {"use_sequence_length": True})
    ],
    "Reshape": [{"shape": (0, -1)}],
    "SliceChannel": [{"num_outputs": 2}, {"num_outputs": 3, "axis": 2}],
    "SpatialTransformer": [{"transform_type": "affine", "sampler_type": "bilinear"}],
    "_contrib_BilinearResize2D": [{"height": 2, "width": 2}, {"mode": "like"}],
    "_full": [{"shape": (1,), "value": 0.5}],
    "_npx_reshape": [{"newshape": (-2, -1)}],
    "clip": [{"a_min": 0.0, "a_max": 1.0}],
    "expand_dims": [{"axis": 1}],
    "one_hot": [{"depth": 3}],
    "pick": [{}, {"axis": 1, "keepdims": True}],
    "repeat": [{"repeats": 1}],
    "reverse": [{"axis": (1,)}],
    "slice": [{"begin": (0,), "end": (None,)}],
    "slice_axis": [{"axis": 1, "begin": 0, "end": None}],
    "softmax": [{}, {"use_length": True}],
    "tile": [{"reps": (1, 1)}],
    "topk": [{}, *({"k": 2, "ret_typ": kind} for kind in ("both", "value", "mask"))],
}
MANY = {
    "Concat": {},
    "_rnn_param_concat": {"dim": 0},
    "UpSampling": {"scale": 2, "sample_type": "nearest"},
    "add_n": {},
    "stack": {},
}
NOT_MADE_BY_NAME = {"_np_cumsum", "_npx_reshape", "_random_normal_like", "_random_uniform_like"}


@pytest.mark.parametrize(
    ("name", "given"),
    [
        (name, given)
        for name in sorted(OPERATORS.keys() - MANY.keys() - NOT_MADE_BY_NAME)
        for given in GIVEN.get(name, [{}])
    ],
    ids=str,
)
def test_an_operation_has_the_inputs_and_outputs_that_mxnet_gives_it(name, given):
    operator = OPERATORS[name]
    attributes = operator.completed(given)
    symbol = create(name, name="made", **given)
    statistics = symbol.list_auxiliary_states()
    names = operator.input_names(attributes)
    taken = symbol.list_arguments() + statistics
    assert sorted(taken) == sorted(f"made_{each}" for each in names)
    assert statistics == [f"made_{each}" for each in operator.auxiliary]
    assert len(symbol.list_outputs()) == operator.outputs(attributes)


@pytest.mark.parametrize("name", MANY)
@pytest.mark.parametrize("count", [1, 3])
def test_an_operation_of_any_number_of_inputs_has_the_number_given(name, count):
    operator = OPERATORS[name]
    symbol = create(name, *(mx.sym.var(f"x{i}") for i in range(count)), **MANY[name])
    attributes = operator.completed({**MANY[name], "num_args": count})
    assert len(operator.input_names(attributes)) == len(symbol.list_arguments()) == count
    assert operator.outputs(attributes) == len(symbol.list_outputs())


def test_what_a_window_leaves_out_is_filled_in_by_its_kernel():
    attributes = OPERATORS["Convolution"].read({"kernel": "(3, 5)", "num_filter": "8"})
    assert attributes == {
        "kernel": (3, 5),
        "stride": (1, 1),
        "dilate": (1, 1),
        "pad": (0, 0),
        "num_filter": 8,
        "num_group": 1,
        "workspace": 1024,
        "no_bias": False,
        "cudnn_tune": None,
        "cudnn_off": False,
        "layout": "NCHW",
    }
    assert OPERATORS["Convolution"].given(attributes) == {"kernel": (3, 5), "num_filter": 8}


@pytest.mark.parametrize(
    ("name", "texts", "message"),
    [
        ("softmax", {"axes": "1"}, "has the attribute 'axes', which softmax lacks"),
        ("clip", {"a_min": "0"}, "lacks a_max"),
        ("softmax", {"axis": "1.5"}, "has a value for axis that softmax does not take: '1.5'"),
        ("softmax", {"axis": "None"}, "has a value for axis that softmax does not take: 'None'"),
        (
            "Activation",
            {"act_type": "mish"},
            "has a value for act_type that Activation does not take: 'mish'",
        ),
    ],
)
def test_what_is_wrong_with_attributes_is_said(name, texts, message):
    with pytest.raises(ValueError, match="^" + re.escape(message) + "$"):
        OPERATORS[name].read(texts)


@pytest.mark.parametrize(
    ("attribute", "text", "value"),
    [
        (Attribute("int"), "-3", -3),
        (Attribute("int"), "3L", 3),
        (Attribute("int", optional=True), "None", None),
        (Attribute("float32"), "0.899999976", 0.9),
        (Attribute("float32"), "1e-05", 1e-05),
        (Attribute("float32"), "1e39", math.inf),
        (Attribute("float64"), "0.0010000000474974513", 0.0010000000474974513),
        (Attribute("float64"), "-inf", -math.inf),
        (Attribute("bool"), "1", True),
        (Attribute("bool"), "False", False),
        (Attribute("shape"), "(2, 2)", (2, 2)),
        (Attribute("shape"), "[2,3]", (2, 3)),
        (Attribute("shape"), "(2,)", (2,)),
        (Attribute("shape"), "2", (2,)),
        (Attribute("shape"), "()", ()),
        (Attribute("shape"), "(None, 1)", (None, 1)),
        (Attribute("choice", choices=("max", "avg")), "avg", "avg"),
        (Attribute("str"), "", ""),
    ],
)
def test_texts_become_values(attribute, text, value):
    read = attribute.read(text)
    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize(
    ("type_", "text"),
    [
        ("int", ""),
        ("int", "1.0"),
        ("int", "True"),
        ("int", "1_0"),
        ("int", "9" * 30),
        ("float32", "0x10"),
        ("float32", "None"),
        ("float32", " 1"),
        ("bool", "yes"),
        ("shape", "(1; 2)"),
        ("shape", "(1, 2"),
        ("shape", "((1, 2), 3)"),
        ("shape", "(1.5,)"),
    ],
)
def test_other_texts_are_refused(type_, text):
    with pytest.raises(ValueError):  # noqa: PT011
        Attribute(type_).read(text)


@given(st.floats(width=32, allow_nan=False))
def test_a_float32_keeps_its_bits(number):
    read = Attribute("float32").read(str(number))
    assert np.float32(read) == np.float32(number)


def values(attribute: Attribute):
    """What an attribute may be."""
    drawn = {
        "int": st.integers(-(10**9), 10**9),
        "float32": st.floats(allow_nan=False, width=32).map(lambda x: float(str(np.float32(x)))),
        "float64": st.floats(allow_nan=False),
        "bool": st.booleans(),
        "shape": st.lists(st.integers(-9, 99) | st.none(), max_size=4).map(tuple),
        "choice": st.sampled_from(attribute.choices or ("",)),
        "str": st.text(max_size=3),
    }[attribute.type]
    return drawn | st.none() if attribute.optional else drawn


@given(st.sampled_from(sorted(OPERATORS)), st.data())
def test_what_is_given_gives_all_attributes_again(name, data):
    operator = OPERATORS[name]
    given = {
        each: data.draw(values(attribute))
        for each, attribute in operator.attributes.items()
        if attribute.default is REQUIRED or data.draw(st.booleans())
    }
    attributes = operator.completed(given)
    short = operator.given(attributes)
    assert operator.completed(short) == attributes
    assert operator.read({each: str(value) for each, value in short.items()}) == attributes


def test_files_may_use_what_networks_hold_and_no_more():
    assert {"Convolution", "BatchNorm", "softmax", "Reshape"} <= FROM_FILES
    assert not FROM_FILES & {
        "_npx_reshape",
        "_random_normal",
        "SoftmaxOutput",
        "_contrib_dequantize",
    }
