"""A graph holds nodes in order, says what is in it, and is known by what it computes."""

from __future__ import annotations

import copy
import pickle
import re
from dataclasses import FrozenInstanceError, replace

import pytest

from mxdigits.graph import Attributes, Graph, Operation, Output, Variable, operation


def nodes() -> list:
    """A convolution, a batch normalisation and a pooling."""
    return [
        Variable("data", "input"),
        Variable("w"),
        operation("Convolution", "conv", [Output(0), Output(1)], **CONVOLUTION),
        Variable("gamma"),
        Variable("beta"),
        Variable("mean", "auxiliary"),
        Variable("var", "auxiliary"),
        operation("BatchNorm", "norm", [Output(i) for i in range(2, 7)], fix_gamma=False),
        operation("SliceChannel", "halves", [Output(7)], num_outputs=2),
        operation("elemwise_add", "sum", [Output(8), Output(8, 1)]),
    ]


CONVOLUTION = {"kernel": (3, 3), "num_filter": 8, "no_bias": True}


def graph(**changes) -> Graph:
    """The graph of these nodes, some of them changed by name."""
    changed = [replace(n, **changes.get(n.name, {})) for n in nodes()]
    return Graph(tuple(changed), (Output(len(changed) - 1),))


def test_a_graph_says_what_is_in_it():
    assert graph().inputs == ("data",)
    assert graph().parameters == ("w", "gamma", "beta")
    assert graph().auxiliary_states == ("mean", "var")
    assert graph().operators == {"Convolution", "BatchNorm", "SliceChannel", "elemwise_add"}
    assert [node.name for node in graph().operations] == ["conv", "norm", "halves", "sum"]


def test_a_graph_is_a_readable_table():
    assert str(graph()) == (
        "0  data    input\n"
        "1  w       parameter\n"
        "2  conv    Convolution   data, w                       "
        "kernel=(3, 3) num_filter=8 no_bias=True\n"
        "3  gamma   parameter\n"
        "4  beta    parameter\n"
        "5  mean    auxiliary\n"
        "6  var     auxiliary\n"
        "7  norm    BatchNorm     conv, gamma, beta, mean, var  fix_gamma=False\n"
        "8  halves  SliceChannel  norm                          num_outputs=2\n"
        "9  sum     elemwise_add  halves, halves[1]\n"
        "gives sum"
    )
    assert str(Graph((), ())) == "gives "


def test_equal_graphs_are_equal_and_copies_are_too():
    for other in (graph(), copy.deepcopy(graph()), pickle.loads(pickle.dumps(graph()))):
        assert other == graph()
        assert hash(other) == hash(graph())
    assert graph(w={"name": "v"}) != graph()
    assert graph(**attributes("conv", num_filter=9)) != graph()


def test_a_graph_does_not_change():
    with pytest.raises(FrozenInstanceError):
        graph().heads = ()
    with pytest.raises(TypeError):
        nodes()[2].attributes["kernel"] = (5, 5)


def attributes(name: str, **changed) -> dict:
    """A change to some attributes of a node."""
    (node,) = (each for each in nodes() if each.name == name)
    return {name: {"attributes": Attributes({**node.attributes, **changed})}}


def test_the_fingerprint_leaves_out_names_and_the_order_of_nodes():
    known = graph().fingerprint()
    assert re.fullmatch("[0-9a-f]{64}", known)
    assert graph(w={"name": "v"}, conv={"name": "c"}).fingerprint() == known
    first, second, conv, *rest = nodes()
    swapped = [second, first, replace(conv, inputs=(Output(1), Output(0))), *rest]
    unused = Variable("unused")
    for order in (swapped, [*nodes(), unused]):
        assert Graph(tuple(order), (Output(9),)).fingerprint() == known


@pytest.mark.parametrize(
    "changes",
    [
        attributes("conv", num_filter=9),
        attributes("norm", axis=2),
        {"w": {"role": "input"}},
        {"sum": {"operator": "elemwise_sub"}},
        {"sum": {"inputs": (Output(8), Output(8))}},
        {"sum": {"inputs": (Output(8, 1), Output(8))}},
    ],
)
def test_the_fingerprint_tells_what_is_computed(changes):
    assert graph(**changes).fingerprint() != graph().fingerprint()


def test_the_fingerprint_stays_as_it_was():
    """Files keep fingerprints, so a change to it is a change to a format."""
    expected = "204b4393c0af988cc7e8b16a400f1d247130b4cce6c4a1025975f0853976f6af"
    assert graph().fingerprint() == expected


@pytest.mark.parametrize(
    ("listed", "heads", "message"),
    [
        ([], [Output(0)], "the graph takes from node 0, which is not before it"),
        ([Variable("x")], [Output(-1)], "the graph takes from node -1, which is not before it"),
        (
            [Variable("x")],
            [Output(0, 1)],
            "the graph takes output 1, which node 0 does not have",
        ),
        (
            [operation("relu", "r", [Output(1)]), Variable("x")],
            [Output(0)],
            "'r' takes from node 1, which is not before it",
        ),
        ([Variable("x"), Variable("x")], [Output(0)], "two variables are named 'x'"),
        (
            [Variable("x"), operation("elemwise_add", "s", [Output(0)])],
            [Output(1)],
            "'s' has 1 inputs, elemwise_add takes 2",
        ),
        (
            [Variable("x"), Operation("softmax", "s", (Output(0),))],
            [Output(1)],
            "'s' has other attributes than softmax: make it by operation()",
        ),
    ],
)
def test_a_graph_out_of_order_is_refused(listed, heads, message):
    with pytest.raises(ValueError, match="^" + re.escape(message) + "$"):
        Graph(tuple(listed), tuple(heads))


@pytest.mark.parametrize(
    ("operator", "attributes", "message"),
    [
        ("softmax", {"axes": 1}, "'n' has the attribute 'axes', which softmax lacks"),
        ("clip", {"a_min": 0.0}, "'n' lacks a_max"),
        ("expand_dims", {"axis": True}, "'n' has a value for axis that expand_dims"),
        ("Cast", {"dtype": "float8"}, "'n' has a value for dtype that Cast does not take"),
    ],
)
def test_an_operation_has_the_attributes_of_its_operator(operator, attributes, message):
    with pytest.raises(ValueError, match="^" + re.escape(message)):
        operation(operator, "n", [Output(0)], **attributes)


def test_an_operation_may_be_of_any_operator():
    custom = Operation("Custom", "c", (Output(0),), Attributes(op_type="mine"))
    made = Graph((Variable("data", "input"), custom), (Output(1, 7),))
    assert str(made) == "0  data  input\n1  c     Custom  data  op_type=mine\ngives c[7]"


def test_operations_are_rewritten_one_by_one():
    rewritten = graph().rewritten(
        lambda node: replace(node, operator="elemwise_sub") if node.name == "sum" else None
    )
    assert rewritten == graph(sum={"operator": "elemwise_sub"})


def test_a_deep_graph_is_no_deep_recursion():
    chain = [operation("relu", f"r{i}", [Output(i)]) for i in range(20_000)]
    deep = Graph((Variable("data", "input"), *chain), (Output(len(chain)),))
    assert len(deep.fingerprint()) == 64
    assert deep == pickle.loads(pickle.dumps(deep))
    assert str(deep).endswith("gives r19999")
