"""``symbol.json``: what the shipped networks save is handed on; anything else is one error."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.errors import RunFolderError
from mxdigits.graph import Graph, Output, Variable, operation
from mxdigits.graph.checked_nodes import MOST_BYTES, MOST_NODES
from mxdigits.graph.symbol_json import (
    read_network,
    with_softmax,
    write_symbol,
)
from mxdigits.graph.traced import read_symbol, text_hash

mx = import_mxnet()

VERSION = 10901
AGAIN = (
    "have 1.9.1 write it again: from mxdigits import import_mxnet; mx = import_mxnet(); "
    "mx.sym.load(FILE).save(FILE)"
)


def node(op, name, inputs=(), **attrs) -> dict:
    return {"op": op, "name": name, "attrs": attrs, "inputs": [[i, 0, 0] for i in inputs]}


def nodes() -> list[dict]:
    """Data, a weight, a layer, and the softmax."""
    return [
        node("null", "data"),
        node("null", "w"),
        node("FullyConnected", "fc", [0, 1], num_hidden="3", no_bias="True"),
        node("softmax", "prob", [2]),
    ]


def document(listed, **changes) -> bytes:
    return json.dumps(
        {
            "nodes": listed,
            "heads": [[len(listed) - 1, 0, 0]],
            "attrs": {"mxnet_version": ["int", VERSION]},
            **changes,
        }
    ).encode()


def refused(content: bytes) -> str:
    with pytest.raises(RunFolderError) as caught:
        read_network(content, "s.json", VERSION)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("s.json is no network: ")
    return message[len("s.json is no network: ") :]


def test_what_is_checked_is_handed_on():
    listed = nodes()
    listed[1]["attrs"] = {"__init__": '["zero", {}]', "__shape__": "(9999999, 9999999)"}
    graph = read_network(document(listed), "s.json", VERSION)
    assert graph.parameters == ("w",)
    written = json.loads(write_symbol(graph))
    assert written["nodes"][1] == {"op": "null", "name": "w", "inputs": []}
    assert written["heads"] == [[2, 0, 0]]
    assert mx.sym.load_json(write_symbol(graph)).list_arguments() == ["data", "w"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"heads": [[0, 0, 0]]}, "its output is not its last node"),
        ({"heads": [[9, 0, 0]]}, "its output is not its last node"),
        ({"heads": {}}, "the file has no proper 'heads'"),
        (
            {"attrs": {}},
            f"it does not say which MXNet wrote it; {AGAIN}",
        ),
        (
            {"attrs": {"mxnet_version": ["int", 20000]}},
            "it was written by version 20000 of MXNet, this is 10901",
        ),
        (
            {"attrs": {"mxnet_version": ["int", 804]}},
            f"it was written by version 804 of MXNet; {AGAIN}",
        ),
        (
            {"heads": [[3, 0, 0], [2, 0, 0]]},
            "it has 2 outputs, and must have one; to write a file with the first alone: "
            "from mxdigits import import_mxnet; mx = import_mxnet(); "
            "mx.sym.load(FILE)[0].save(NEW)",
        ),
        ({"nodes": [node("null", "data")] * (MOST_NODES + 1)}, "it has 10001 nodes"),
    ],
)
def test_what_is_wrong_with_the_file_is_said(change, message):
    assert refused(document(nodes(), **change)) == message


def test_a_file_of_an_old_mxnet_says_nothing_of_its_version():
    content = json.loads(document(nodes()))
    del content["attrs"]
    assert refused(json.dumps(content).encode()) == (
        f"it does not say which MXNet wrote it; {AGAIN}"
    )


@pytest.mark.parametrize(
    ("index", "change", "message"),
    [
        (2, {"op": "Custom"}, "of the operator 'Custom', which is not run from a file"),
        (2, {"op": "_Native"}, "of the operator '_Native', which is not run from a file"),
        (2, {"op": "_cvimread"}, "of the operator '_cvimread', which is not run from a file"),
        (2, {"op": "_foreach"}, "of the operator '_foreach', which is not run from a file"),
        (2, {"inputs": [[0, 0, 0], [2, 0, 0]]}, "an input that does not come before it"),
        (2, {"inputs": [[0, 0, 0], [-1, 0, 0]]}, "an input that does not come before it"),
        (2, {"inputs": [[0, 1, 0], [1, 0, 0]]}, "takes an output that node 0 does not have"),
        (2, {"inputs": [[0, 0, 70000], [1, 0, 0]]}, "takes an output that node 0 does not have"),
        (2, {"inputs": [[0, 0, 0], [True, 0, 0]]}, "has an input that is no reference"),
        (2, {"inputs": [[0, 0, 0]]}, "has 1 inputs, FullyConnected takes 2"),
        (2, {"subgraphs": []}, "node 2 has more than op, name, attrs, inputs"),
        (2, {"attrs": {"num_hidden": 3}}, "has a value for num_hidden that is not run from a file"),
        (2, {"attrs": {"num_hidden": "0"}}, "a value for num_hidden that is not run from a file"),
        (2, {"attrs": {"num_hidden": "9" * 300}}, "for num_hidden that is not run from a file"),
        (2, {"attrs": {"info": "1"}}, "has the attribute 'info', which is not run from a file"),
        (1, {"name": "data"}, "its variables are not 'data' and one for each parameter"),
        (1, {"name": "w\x1b"}, "node 1 has no proper name"),
        (1, {"inputs": [[0, 0, 0]]}, "is a variable with inputs"),
        (3, {"op": "relu"}, "it does not end in a softmax over the classes"),
        (3, {"inputs": [[1, 0, 0]]}, "it computes nothing"),
        (3, {"inputs": []}, "has 0 inputs, softmax takes 1"),
    ],
)
def test_what_is_wrong_with_a_node_is_said(index, change, message):
    listed = nodes()
    listed[index].update(change)
    assert refused(document(listed)).endswith(message)


def test_every_node_is_used():
    listed = nodes()
    listed.insert(3, node("null", "more"))
    assert refused(document(listed)) == "it has nodes that lead nowhere"


@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_an_error(content):
    refused(content)


def test_a_long_file_is_an_error():
    assert refused(b" " * (MOST_BYTES + 1)) == f"it is longer than {MOST_BYTES} bytes"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(JSON, st.integers(0, 3), st.sampled_from(["op", "name", "attrs", "inputs", "all"]))
def test_json_of_any_kind_in_the_place_of_what_belongs_there(value, index, field):
    listed = nodes()
    if field == "all":
        listed[index] = value
    else:
        listed[index][field] = value
    try:
        graph = read_network(document(listed), "s.json", VERSION)
    except RunFolderError:
        return
    assert len(graph.parameters) == 1
    mx.sym.load_json(write_symbol(graph))


def logits() -> Graph:
    """What the nodes above are, softmax left out."""
    dense = operation("FullyConnected", "fc", [Output(0), Output(1)], num_hidden=3, no_bias=True)
    return Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))


def test_what_is_written_is_read_again():
    assert read_network(document(nodes()), "s.json") == logits()
    text = write_symbol(with_softmax(logits()))
    assert read_network(text.encode(), "s.json") == logits()
    assert read_symbol(text) == with_softmax(logits())
    assert text == (
        '{"nodes": [\n'
        '{"op": "null", "name": "data", "inputs": []},\n'
        '{"op": "null", "name": "w", "inputs": []},\n'
        '{"op": "FullyConnected", "name": "fc", "inputs": [[0, 0, 0], [1, 0, 0]], '
        '"attrs": {"num_hidden": "3", "no_bias": "True"}},\n'
        '{"op": "softmax", "name": "prob", "inputs": [[2, 0, 0]]}\n'
        "],\n"
        '"arg_nodes": [0, 1], "node_row_ptr": [0, 1, 2, 3, 4], "heads": [[3, 0, 0]], '
        '"attrs": {"mxnet_version": ["int", 10901]}}\n'
    )


def test_mxnet_writes_what_it_read():
    text = write_symbol(with_softmax(logits()))
    assert read_symbol(mx.sym.load_json(text).tojson()) == with_softmax(logits())


def test_statistics_are_known_by_the_operator_that_changes_them():
    norm = mx.sym.BatchNorm(mx.sym.var("data"), mx.sym.var("g"), name="n")
    graph = read_symbol(norm.tojson())
    assert graph.parameters == ("g", "n_beta")
    assert graph.auxiliary_states == ("n_moving_mean", "n_moving_var")


def test_attributes_that_only_direct_mxnet_are_left_out():
    weight = mx.sym.var("w", shape=(3, 4), lr_mult=2, init=mx.init.Zero())
    graph = read_symbol(mx.sym.relu(weight, name="r", attr={"__mood__": "odd"}).tojson())
    assert graph == Graph((Variable("w"), operation("relu", "r", [Output(0)])), (Output(1),))


def test_the_hash_of_a_text_is_the_one_that_runs_have_recorded():
    """It leaves out names and what variables are told; nothing else may ever change in it."""
    data, weight = mx.sym.var("data"), mx.sym.var("w", shape=(3, 4))
    dense = mx.sym.FullyConnected(data, weight, num_hidden=3, no_bias=True)
    expected = "f9eb63a16db00f7fe2c90c721af5e834c33b42dd6d4666e09bb330cc986d631b"
    assert text_hash(mx.sym.softmax(dense, axis=-1).tojson()) == expected
    renamed = mx.sym.FullyConnected(data, mx.sym.var("v"), num_hidden=3, no_bias=True, name="x")
    assert text_hash(mx.sym.softmax(renamed, axis=-1).tojson()) == expected
