"""Recurrent layers, constants and lookups in files by anybody: what is taken, and what is said."""

from __future__ import annotations

import json

import pytest

from mxdigits.errors import RunFolderError
from mxdigits.graph.symbol_json import read_graph


def node(op, name, inputs=(), **attrs):
    return {"op": op, "name": name, "inputs": [[each, 0, 0] for each in inputs], "attrs": attrs}


LSTM = {"mode": "lstm", "state_size": "4", "num_layers": "1", "state_outputs": "True"}


def nodes():
    """Rows through an LSTM as Gluon writes it, here with two arrays of weights."""
    return [
        node("null", "data"),
        node("Reshape", "rows", [0], shape="(0, -3, -2)"),
        node("SwapAxis", "steps", [1], dim1="0", dim2="1"),
        node("null", "w"),
        node("Reshape", "flat", [3], shape="-1"),
        node("null", "b"),
        node("_rnn_param_concat", "join", [4, 5], num_args="2", dim="0"),
        node("_zeros", "begin", shape="(1, 0, 4)", dtype="float32", __layout__="LNC"),
        node("RNN", "lstm", [2, 6, 7, 7], **LSTM),
    ]


def said(listed):
    document = {
        "nodes": listed,
        "heads": [[len(listed) - 1, 0, 0]],
        "attrs": {"mxnet_version": ["int", 10901]},
    }
    try:
        read_graph(json.dumps(document).encode(), "s.json")
    except RunFolderError as error:
        return str(error).removeprefix("s.json is no network: ")
    return ""


def test_what_gluon_writes_is_read():
    assert said(nodes()) == ""


VALUE = "has a value for {} that is not run from a file"
PASSED_OVER = "; MXNet passes it over on a CPU, so leave it out"
SHAPE = "has a shape that is not run from a file"


@pytest.mark.parametrize(
    ("place", "change", "message"),
    [
        (
            8,
            {"projection_size": "2"},
            VALUE.format("projection_size") + "; MXNet does not train it on a CPU",
        ),
        (8, {"use_sequence_length": "1"}, VALUE.format("use_sequence_length") + PASSED_OVER),
        (8, {"lstm_state_clip_max": "1"}, VALUE.format("lstm_state_clip_max") + PASSED_OVER),
        (8, {"num_layers": "1000"}, VALUE.format("num_layers")),
        (8, {"state_size": "0"}, VALUE.format("state_size")),
        (8, {"mode": "gru"}, "has 4 inputs, RNN takes 3"),
        (7, {"shape": "(0, 0, 4)"}, SHAPE),
        (7, {"shape": "(1, -1, 4)"}, SHAPE),
        (7, {"shape": "()"}, SHAPE),
        (6, {"dim": "1"}, "has a dim that is not run from a file"),
    ],
)
def test_attributes_that_are_out_of_range_are_named(place, change, message):
    listed = nodes()
    listed[place]["attrs"].update(change)
    assert said(listed) == f"node {place}, '{listed[place]['name']}', {message}"


@pytest.mark.parametrize(
    ("place", "inputs", "message"),
    [
        (8, [2, 2, 7, 7], "node 8, 'lstm', has weights that are no parameters"),
        (6, [4, 2], "node 6, 'join', has weights that are no parameters"),
        (8, [6, 6, 7, 7], "node 8, 'lstm', takes weights that are a recurrent layer's"),
    ],
)
def test_weights_are_parameters(place, inputs, message):
    listed = nodes()
    listed[place]["inputs"] = [[each, 0, 0] for each in inputs]
    assert said(listed) == message


def test_what_attention_blocks_are_made_of_is_read():
    listed = [
        node("null", "data"),
        node("Reshape", "heads", [0], shape="(-1, 0, 0)", reverse="True"),
        node("_contrib_arange_like", "places", [1], axis="1", start="1", repeat="2"),
    ]
    assert said([*listed, node("broadcast_like", "all", [2, 2])]) == ""
    listed[2]["attrs"]["repeat"] = "0"  # by which MXNet divides
    message = "node 2, 'places', has a value for repeat that is not run from a file"
    assert said([*listed, node("broadcast_like", "all", [2, 2])]) == message


@pytest.mark.parametrize(
    ("described", "message"),
    [
        (
            node("GridGenerator", "grid", [0], transform_type="affine"),
            "has no target_shape of two sizes",
        ),
        (
            node("GridGenerator", "grid", [0], transform_type="affine", target_shape="(1, 4)"),
            "has a value for target_shape that is not run from a file",
        ),
        (
            node(
                "Deconvolution",
                "up",
                [0, 0],
                kernel="(2, 2)",
                num_filter="1",
                target_shape="(4, 4)",
            ),
            "has the attribute 'target_shape', which is not run from a file",
        ),
        (node("Pooling", "lp", [0], kernel="(2, 2)", pool_type="lp"), "lacks p_value"),
        (
            node("Pooling", "lp", [0], kernel="(2, 2)", pool_type="lp", p_value="4"),
            "has a value for p_value that is not run from a file",
        ),
        (
            node("take", "rows", [0, 0], mode="raise"),
            "has a value for mode that is not run from a file",
        ),
        (
            node("topk", "best", [0], k="0"),
            "has a value for k that is not run from a file",
        ),
        (
            node("argsort", "order", [0], dtype="int32"),
            "has a value for dtype that is not run from a file",
        ),
        (
            node("_np_cumsum", "sums", [0], axis="-1"),
            "has a value for axis that is not run from a file",
        ),
        (
            node("_full", "one", shape="(0, 2)", value="1"),
            "has a shape that is not run from a file",
        ),
    ],
)
def test_lookups_and_constants_keep_within_limits(described, message):
    listed = [node("null", "data"), node("null", "w"), described]
    assert said(listed) == f"node 2, '{described['name']}', {message}"
