"""Replaces the loss at the end of a network of MXNet's Module by the network's prediction.

A symbol for ``Module`` ends in an operator that holds its loss and takes the labels, such as
``SoftmaxOutput``. Prediction has no labels, so the operator is replaced by what it gives in
prediction, as MXNet's documentation of each operator says.
"""

from __future__ import annotations

from typing import Any, Optional

# What each operator applies to its data in prediction; None if it gives the data unchanged.
LOSSES: dict[str, Optional[str]] = {
    "SoftmaxOutput": "softmax",
    "Softmax": "softmax",  # an old name of SoftmaxOutput
    "LogisticRegressionOutput": "sigmoid",
    "LinearRegressionOutput": None,
    "MAERegressionOutput": None,
    "SVMOutput": None,
}

_TRUE = ("True", "true", "1")

_Described = dict[str, Any]


def without_loss(document: object) -> object:
    """The content of a ``symbol.json`` without a loss at its end; unchanged if it has none.

    Args:
        document: as ``json`` gives it, from a file by anybody, so it may hold anything.

    Example:
        >>> from mxdigits.graph import Graph, Output, Variable
        >>> nodes = [{"op": "null", "name": name, "inputs": []} for name in ("data", "label")]
        >>> loss = {"op": "SVMOutput", "name": "svm", "inputs": [[1, 0, 0], [2, 0, 0]]}
        >>> relu = {"op": "relu", "name": "relu", "inputs": [[0, 0, 0]]}
        >>> nodes = [nodes[0], relu, nodes[1], loss]
        >>> without_loss({"nodes": nodes, "heads": [[3, 0, 0]]})["heads"]
        [[1, 0, 0]]
    """
    if not isinstance(document, dict):
        return document
    nodes = document.get("nodes")
    if not isinstance(nodes, list) or not all(isinstance(each, dict) for each in nodes):
        return document
    ends = document.get("heads") in ([[len(nodes) - 1, 0, 0]], [[len(nodes) - 1, 0]])
    operator = nodes[-1].get("op") if ends else None
    if not isinstance(operator, str) or operator not in LOSSES:
        return document
    taken = [_places(each, len(nodes)) for each in nodes]
    *_, last = taken
    if None in taken or last is None or len(last) != 2:
        return document
    data, label = last
    users = sum(label in places for places in taken if places)
    if nodes[label].get("op") != "null" or users > 1 or label == data:
        return document
    kept = [
        {**each, "inputs": [_moved(reference, label) for reference in each["inputs"]]}
        for place, each in enumerate(nodes[:-1])
        if place != label
    ]
    kept += _predicting(nodes[-1], _moved(nodes[-1]["inputs"][0], label))
    return {**document, "nodes": kept, "heads": [[len(kept) - 1, 0, 0]]}


def _predicting(loss: _Described, reference: list[int]) -> list[_Described]:
    """The node in place of a loss, if there is any."""
    operator, name = LOSSES[loss["op"]], loss.get("name")
    if operator is None:
        return []
    if operator != "softmax":
        return [{"op": operator, "name": name, "inputs": [reference]}]
    attrs = loss.get("attrs")
    told = attrs if isinstance(attrs, dict) else {}
    axis = "1" if told.get("multi_output") in _TRUE else "-1"
    return [{"op": operator, "name": name, "attrs": {"axis": axis}, "inputs": [reference]}]


def _places(node: _Described, count: int) -> Optional[list[int]]:
    """The places of the nodes that a node takes from; None if its references are not valid."""
    inputs = node.get("inputs")
    if not isinstance(inputs, list):
        return None
    for each in inputs:
        proper = isinstance(each, list) and each and all(type(number) is int for number in each)
        if not proper or not 0 <= each[0] < count:
            return None
    return [each[0] for each in inputs]


def _moved(reference: list[int], removed: int) -> list[int]:
    """A reference after the node at the place ``removed`` was left out."""
    return [reference[0] - (reference[0] > removed), *reference[1:]]
