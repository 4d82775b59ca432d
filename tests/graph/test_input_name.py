"""Which variable is the input of a network in a file, whatever its name."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.errors import RunFolderError
from mxdigits.graph.input_name import input_names, variables_of
from mxdigits.graph.symbol_json import read_exported, read_graph


def node(op, name, inputs=(), **attrs):
    return {"op": op, "name": name, "inputs": [[each, 0, 0] for each in inputs], "attrs": attrs}


def file(*nodes) -> bytes:
    document = {
        "nodes": nodes,
        "heads": [[len(nodes) - 1, 0, 0]],
        "attrs": {"mxnet_version": ["int", 10901]},
    }
    return json.dumps(document).encode()


def dense(place=2, **more):
    return node("FullyConnected", "fc", [0, place - 1], num_hidden="3", no_bias="True", **more)


def normalised(name):
    """An input, its normalisation by arrays, and a recurrent layer over rows, as Gluon has them."""
    return file(
        node("null", name),
        *(node("null", each) for each in ("gamma", "beta")),
        node("InstanceNorm", "norm", [0, 1, 2]),
        node("Reshape", "rows", [3], shape="(0, -3, -2)"),
        node("SwapAxis", "steps", [4], dim1="0", dim2="1"),
        node("null", "w"),
        node("Reshape", "flat", [6], shape="-1"),
        node("null", "b"),
        node("_rnn_param_concat", "join", [7, 8], num_args="2", dim="0"),
        node("_zeros", "begin", shape="(1, 0, 4)", dtype="float32"),
        node("RNN", "lstm", [5, 9, 10, 10], mode="lstm", state_size="4", num_layers="1"),
    )


@pytest.mark.parametrize("name", ["data", "images", "data0"])
def test_an_input_may_have_any_name(name):
    graph = read_graph(normalised(name), "s.json")
    assert graph.inputs == ("data",)
    assert graph == read_graph(normalised("data"), "s.json")
    assert graph == read_graph(normalised(name), "s.json", {"gamma", "beta", "w", "b"})
    assert read_exported(normalised(name), "s.json").inputs == (name,)


@pytest.mark.parametrize("shape", [{}, {"__shape__": "(0, 5)"}])
def test_hints_do_not_hide_an_input(shape):
    content = file(node("null", "x", **shape), node("null", "w"), dense())
    assert read_graph(content, "s.json").parameters == ("w",)


def test_hints_tell_a_parameter_of_its_own():
    own = node("null", "scale", __lr_mult__="1.0")
    content = file(node("null", "x"), own, node("broadcast_mul", "scaled", [0, 1]))
    assert read_graph(content, "s.json").parameters == ("scale",)


TWO = node("null", "left"), node("null", "right"), node("elemwise_add", "sum", [0, 1])


@pytest.mark.parametrize(
    ("nodes", "arrays", "message"),
    [
        (
            TWO,
            (),
            "it seems to have 2 inputs (left, right), and must have one; if the others are "
            "parameters, name the file of their arrays",
        ),
        (
            TWO,
            ("w",),
            "2 of its variables have no array (left, right), and only one, its input, may have "
            "none",
        ),
        (
            TWO,
            ("left", "right"),
            "0 of its variables have no array, and only one, its input, may have none",
        ),
        (
            (node("_ones", "one", shape="(2, 3)"), node("null", "w"), dense()),
            (),
            "it seems to have 0 inputs, and must have one",
        ),
        (
            (node("null", "x"), node("null", "data"), dense()),
            ("data",),
            "one of its parameters is called 'data', as its input has to be",
        ),
    ],
)
def test_a_network_has_one_input(nodes, arrays, message):
    with pytest.raises(RunFolderError) as caught:
        read_graph(file(*nodes), "s.json", arrays)
    assert str(caught.value) == f"s.json is no network: {message}"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"\x08\x08\x12\x08mxdigits",
            "it is an ONNX file, which predict, score and serve take; to train a network or to "
            "export it, name MXNet's own symbol.json",
        ),
        (
            b"\x12\x01\0\0\0\0\0\0" + bytes(8),
            "it is a file of parameters; name the symbol.json that belongs to it",
        ),
        (b"PK\x03\x04\xff", "it is no text"),
    ],
)
def test_other_files_are_named(content, message):
    with pytest.raises(RunFolderError) as caught:
        read_graph(content, "s.json")
    assert str(caught.value) == f"s.json is no network: {message}"


anything = st.recursive(
    st.none() | st.integers(-3, 9) | st.sampled_from(["null", "RNN", "_rnn_param_concat", "data"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["nodes", "op", "name", "inputs", "attrs"]), inner)
    ),
    max_leaves=20,
)


@given(anything)
def test_no_document_is_too_odd(document):
    for names in (variables_of(document), input_names(document), input_names(document, ["w"])):
        assert all(isinstance(name, str) for name in names)
