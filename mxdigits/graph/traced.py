"""Reads a graph's text that MXNet itself has just written: trusted, with any operators.

Files go through :mod:`mxdigits.graph.symbol_json` instead, which has the same format.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from typing import Any

from .attributes import Attributes
from .checked_nodes import INPUT, variable, without_hints
from .graph import Graph, Node, Operation, Output
from .operators import OPERATORS

# A part of the text, as json gives it.
_Described = dict[str, Any]


def read_symbol(
    text: str, *, inputs: Collection[str] = (INPUT,), auxiliary: Collection[str] = ()
) -> Graph:
    """Read a graph of any operators from a text that MXNet itself has just written.

    Args:
        text: the text of ``Symbol.tojson()``.
        inputs: the names of the variables that differ from batch to batch.
        auxiliary: the names of those that operators update: ``Symbol.list_auxiliary_states()``.
            Those of known operators are found even if left out.

    Example:
        >>> from mxdigits.graph import Variable
        >>> from mxdigits.graph.symbol_json import write_symbol
        >>> graph = Graph((Variable("data", "input"), Variable("w")), (Output(0),))
        >>> read_symbol(write_symbol(graph)) == graph
        True
    """
    return _trusted(json.loads(text), frozenset(inputs), frozenset(auxiliary))


def text_hash(text: str) -> str:
    """The SHA-256 of what the graph in a text computes, as run.json records it.

    Names are left out, because Gluon numbers them through a process. Unlike
    :meth:`Graph.fingerprint`, it depends on how MXNet writes a number and which defaults it leaves
    out.

    Example:
        >>> from mxdigits.graph import Variable
        >>> from mxdigits.graph.symbol_json import write_symbol
        >>> text_hash(write_symbol(Graph((Variable("data", "input"),), (Output(0),))))[:8]
        '211d103e'
    """
    nodes: list[_Described] = json.loads(text)["nodes"]
    told: list[object] = [
        [n["op"], n["op"] != "null" and n.get("attrs"), [i[:2] for i in n["inputs"]]] for n in nodes
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _trusted(document: _Described, inputs: frozenset[str], auxiliary: frozenset[str]) -> Graph:
    described = document["nodes"]
    changed = auxiliary | _auxiliary(described)
    nodes: list[Node] = []
    for each in described:
        name, operator = each["name"], each["op"]
        if operator == "null":
            nodes.append(variable(name, inputs, changed))
            continue
        attrs = without_hints(each.get("attrs", {}))
        known = OPERATORS.get(operator)
        if known is not None and not known.attributes:
            attrs = {}  # MXNet ignores attributes here
        nodes.append(
            Operation(
                operator,
                name,
                tuple(Output(node, index) for node, index, *_ in each["inputs"]),
                known.read(attrs) if known else Attributes(attrs),
                tuple(_trusted(s, inputs, auxiliary) for s in each.get("subgraphs", ())),
            )
        )
    return Graph(tuple(nodes), tuple(Output(node, index) for node, index, *_ in document["heads"]))


def _auxiliary(described: list[_Described]) -> set[str]:
    """The names of the variables that known operators update."""
    return {
        described[taken[0]]["name"]
        for each in described
        if each["op"] in OPERATORS
        for name, taken in zip(OPERATORS[each["op"]].inputs, each["inputs"])
        if name in OPERATORS[each["op"]].auxiliary
    }
