"""Reads and writes ``symbol.json``, MXNet's file of a graph, without trusting its author.

MXNet's reader trusts a graph: an input that points nowhere ends the process. :func:`read_network`
reads only operators that :mod:`mxdigits.graph.limits` allows, each with as many inputs as it takes,
from nodes before it. The returned graph holds only what was checked. :mod:`mxdigits.graph.traced`
reads what MXNet itself has just written.

The format is that of nnvm's ``SaveJSON``, as MXNet 1.9.1 writes it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Callable

from ..errors import RunFolderError
from .checked_nodes import (
    INPUT,
    OperatorRefused,
    checked_nodes,
    document_in,
    variable,
)
from .graph import Graph, Node, Operation, Output, Variable, operation
from .hints import Hint
from .input_name import input_names, only_input, variables_of
from .loss_outputs import without_loss
from .operators import OPERATORS
from .suggestions import suggestion_for

MXNET_VERSION = 10901  # 1.9.1, as its files say it

# A part of the file, as json gives it.
_Described = dict[str, Any]

# A function that finds the logits among all nodes.
_Ending = Callable[["list[Node]"], Output]


def write_symbol(graph: Graph, hints: Mapping[str, Hint] = MappingProxyType({})) -> str:
    """The graph as text for ``mxnet.sym.load_json``, ``SymbolBlock.imports`` and ``Module``.

    Each node has a line; attributes at their defaults are left out.

    Args:
        graph: a graph of any operators.
        hints: what the file says about parameters, by name.

    Example:
        >>> text = write_symbol(Graph((Variable("data", "input"),), (Output(0),)))
        >>> text.splitlines()[1]
        '{"op": "null", "name": "data", "inputs": []}'
    """
    document = _document(graph)
    for node in document["nodes"]:
        if node["op"] == "null" and (told := hints.get(node["name"], Hint()).attributes()):
            node["attrs"] = told
    nodes = ",\n".join(json.dumps(node, ensure_ascii=False) for node in document.pop("nodes"))
    rest = json.dumps({**document, "attrs": {"mxnet_version": ["int", MXNET_VERSION]}})
    return f'{{"nodes": [\n{nodes}\n],\n{rest[1:]}\n'


def read_network(content: bytes, source: object, version: int = MXNET_VERSION) -> Graph:
    """Read a ``symbol.json`` that gives probabilities, from anybody.

    Args:
        content: the file's bytes.
        source: its name in messages.
        version: the version of the newest MXNet that may have written it, such as 10901.

    Returns:
        The graph without its last node, the softmax: it gives logits.

    Raises:
        RunFolderError: if it is anything but a network of known operators.

    Example:
        >>> read_network(b"{}", "symbol.json")
        Traceback (most recent call last):
            ...
        mxdigits.errors.RunFolderError: symbol.json is no network: the file has no proper 'nodes'
    """
    try:
        return _ended(checked_nodes(document_in(content), version), _before_softmax, INPUT)
    except (ValueError, RecursionError) as error:
        raise _no_network(source, error) from None


def read_graph(
    content: bytes, source: object, arrays: Collection[str] = (), version: int = MXNET_VERSION
) -> Graph:
    """Read a ``symbol.json`` that gives probabilities or logits, from anybody.

    Args:
        content: the file's bytes.
        source: its name in messages.
        arrays: the names of its arrays, if they are known; the only other variable is the input. If
            left out, the input is the variable ``data``, or the only one that is no weight.
        version: the version of the newest MXNet that may have written it, such as 10901.

    Returns:
        The graph of the logits, without a softmax or a loss of MXNet's Module at its end. Its input
        is called ``data``, whatever the file calls it.

    Raises:
        RunFolderError: if it is anything but a network of known operators, with one input.

    Example:
        >>> relu = operation("relu", "relu", [Output(0)])
        >>> two = operation("relu", "again", [Output(1)])
        >>> graph = Graph((Variable("data", "input"), relu, two), (Output(2),))
        >>> read_graph(write_symbol(graph).encode(), "symbol.json") == graph
        True
        >>> read_graph(write_symbol(with_softmax(graph)).encode(), "symbol.json") == graph
        True
    """
    try:
        document = without_loss(document_in(content))
        names = input_names(document, arrays)
        nodes = _nodes(document, version, names, arrays)
        name = only_input(names, arrays)
        return _with_input(_ended(nodes, _logits, name), name)
    except OperatorRefused as error:
        raise _no_network(source, ValueError(f"{error}{suggestion_for(error.operator)}")) from None
    except (ValueError, RecursionError) as error:
        raise _no_network(source, error) from None


def _nodes(
    document: object, version: int, names: Sequence[str], arrays: Collection[str]
) -> list[Node]:
    try:
        return checked_nodes(document, version, names)
    except OperatorRefused:
        raise
    except ValueError:
        if arrays and len(names) > 1:
            only_input(names, arrays)  # the reason: weights without arrays look like inputs
        raise


def _ended(nodes: list[Node], ending: _Ending, input_name: str) -> Graph:
    logits = ending(nodes)
    kept = nodes if logits.node == len(nodes) - 1 else nodes[:-1]
    return _named(kept, logits, input_name)


def _with_input(graph: Graph, name: str) -> Graph:
    """The graph with its input called ``data``."""
    if name == INPUT:
        return graph
    if INPUT in (*graph.parameters, *graph.auxiliary_states):
        raise ValueError(f"one of its parameters is called {INPUT!r}, as its input has to be")
    nodes = (
        Variable(INPUT, "input") if node == Variable(name, "input") else node
        for node in graph.nodes
    )
    return Graph(tuple(nodes), graph.heads)


def read_exported(
    content: bytes, source: object, parameters: Collection[str] = (), version: int = MXNET_VERSION
) -> Graph:
    """Read a ``symbol.json`` of ``HybridBlock.export`` or Module, from anybody.

    Args:
        content: the file's bytes.
        source: its name in messages.
        parameters: the names of its arrays; the only other variable is the input. If left out, the
            input is the variable ``data``, or the only one that is no weight.
        version: the version of the newest MXNet that may have written it, such as 10901.

    Returns:
        The whole graph, with or without a softmax at its end. A loss that takes labels, such as
        SoftmaxOutput, is replaced by what it gives in prediction.

    Raises:
        RunFolderError: if it is anything but a network of known operators, with one input.

    Example:
        >>> relu = operation("relu", "relu", [Output(0)])
        >>> two = operation("relu", "again", [Output(1)])
        >>> graph = Graph((Variable("data", "input"), relu, two), (Output(2),))
        >>> read_exported(write_symbol(graph).encode(), "lenet-symbol.json").inputs
        ('data',)
    """
    try:
        document = without_loss(document_in(content))
        names = input_names(document, parameters)
        nodes = _nodes(document, version, names, parameters)
        if isinstance(nodes[-1], Variable):
            raise ValueError("it computes nothing")
        name = only_input(names, parameters)
        return _named(nodes, Output(len(nodes) - 1), name)
    except OperatorRefused as error:
        raise _no_network(source, ValueError(f"{error}{suggestion_for(error.operator)}")) from None
    except (ValueError, RecursionError) as error:
        raise _no_network(source, error) from None


def variables_in(content: bytes) -> set[str]:
    """The names of the variables of a ``symbol.json`` from anybody; empty if it is no graph.

    Example:
        >>> graph = Graph((Variable("data", "input"), Variable("w")), (Output(0),))
        >>> sorted(variables_in(write_symbol(graph).encode())), variables_in(b"{}")
        (['data', 'w'], set())
    """
    try:
        return set(variables_of(document_in(content)))
    except (ValueError, RecursionError):
        return set()


def _no_network(source: object, error: Exception) -> RunFolderError:
    reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
    return RunFolderError(f"{source} is no network: {reason}")


def with_softmax(graph: Graph) -> Graph:
    """A graph of logits with a softmax to probabilities added, as in files.

    Example:
        >>> relu = operation("relu", "relu", [Output(0)])
        >>> print(with_softmax(Graph((Variable("data", "input"), relu), (Output(1),))))
        0  data  input
        1  relu  relu     data
        2  prob  softmax  relu
        gives prob
    """
    softmax = operation("softmax", "prob", graph.heads)
    return Graph((*graph.nodes, softmax), (Output(len(graph.nodes)),))


# Writing


def _document(graph: Graph) -> _Described:
    variables = [i for i, node in enumerate(graph.nodes) if isinstance(node, Variable)]
    return {
        "nodes": [_written(node) for node in graph.nodes],
        "arg_nodes": variables,
        "node_row_ptr": list(range(len(graph.nodes) + 1)),
        "heads": [[each.node, each.index, 0] for each in graph.heads],
    }


def _written(node: Node) -> _Described:
    if isinstance(node, Variable):
        return {"op": "null", "name": node.name, "inputs": []}
    operator = OPERATORS.get(node.operator)
    given = operator.given(node.attributes) if operator else node.attributes
    optional = {
        "attrs": {name: str(value) for name, value in given.items()},
        "subgraphs": [_document(each) for each in node.subgraphs],
    }
    return {
        "op": node.operator,
        "name": node.name,
        "inputs": [[each.node, each.index, 0] for each in node.inputs],
        **{name: value for name, value in optional.items() if value},
    }


# Reading, from anybody


def _named(nodes: list[Node], head: Output, input_name: str) -> Graph:
    """A graph of checked nodes, each variable with its role; every node must lead to the head."""
    used = {each.node for node in nodes if isinstance(node, Operation) for each in node.inputs}
    if len(used | {head.node}) != len(nodes):
        raise ValueError("it has nodes that lead nowhere")
    variables = [node.name for node in nodes if isinstance(node, Variable)]
    if input_name not in variables:
        raise ValueError(f"no variable is called {input_name!r}, as its input has to be")
    if len(set(variables)) != len(variables):
        raise ValueError(f"its variables are not {input_name!r} and one for each parameter")
    auxiliary = {
        nodes[taken.node].name
        for node in nodes
        if isinstance(node, Operation)
        for name, taken in zip(OPERATORS[node.operator].inputs, node.inputs)
        if name in OPERATORS[node.operator].auxiliary
    }
    named = (
        variable(node.name, (input_name,), auxiliary) if isinstance(node, Variable) else node
        for node in nodes
    )
    return Graph(tuple(named), (head,))


def _logits(nodes: list[Node]) -> Output:
    """The input of the last node if that is a softmax over the classes; else its output."""
    last = nodes[-1]
    if isinstance(last, Operation) and last.operator == "softmax":
        return _before_softmax(nodes)
    if isinstance(last, Variable):
        raise ValueError("it computes nothing")
    return Output(len(nodes) - 1)


def _before_softmax(nodes: list[Node]) -> Output:
    """The input of the last node, which must be the softmax that makes probabilities."""
    last = nodes[-1]
    if not isinstance(last, Operation) or last.operator != "softmax":
        raise ValueError("it does not end in a softmax over the classes")
    if last.attributes["axis"] != -1:
        raise ValueError("it does not end in a softmax over the classes")
    if isinstance(nodes[last.inputs[0].node], Variable):
        raise ValueError("it computes nothing")
    return last.inputs[0]
