"""Finds which variable of a ``symbol.json`` is the network's input; files do not say it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from .checked_nodes import INPUT
from .operators import OPERATORS
from .recurrent import JOIN

# The places of weights at an operation; at all other places an input of the network may be.
_NORMS = {"beta", "gamma", "moving_mean", "moving_var"}
_WEIGHTS = {"bias", "parameters", "weight", *_NORMS}

_Described = dict[str, Any]


def variables_of(document: object) -> list[str]:
    """The names of the variables of a ``symbol.json`` from anybody; empty if it is no graph.

    Example:
        >>> variables_of({"nodes": [{"op": "null", "name": "x"}, {"op": "relu"}, 7]})
        ['x']
    """
    return [str(node.get("name")) for node in _nodes(document) if node.get("op") == "null"]


def input_names(document: object, arrays: Collection[str] = ()) -> list[str]:
    """The names of the variables that seem to be inputs of a network.

    Args:
        document: as ``json`` gives it, from a file by anybody, so it may hold anything.
        arrays: the names of its arrays, if they are known; the inputs are all other variables.

    Returns:
        Only ``data`` if the document is no graph.

    Example:
        >>> nodes = [{"op": "null", "name": name, "inputs": []} for name in ("x", "w")]
        >>> dense = {"op": "FullyConnected", "name": "fc", "inputs": [[0, 0, 0], [1, 0, 0]]}
        >>> input_names({"nodes": [*nodes, dense]})
        ['x']
    """
    variables = variables_of(document)
    if arrays:
        return [name for name in variables if name not in arrays]
    return _inputs(document) if variables else [INPUT]


def only_input(names: Sequence[str], arrays: Collection[str] = ()) -> str:
    """The input among the names that :func:`input_names` found.

    Raises:
        ValueError: if there are several or none.

    Example:
        >>> only_input(["left", "right"])
        Traceback (most recent call last):
            ...
        ValueError: it seems to have 2 inputs (left, right), and must have one; if ...
    """
    if len(names) == 1:
        return names[0]
    shown = f" ({', '.join(names[:3])})" if names else ""
    if arrays:
        raise ValueError(
            f"{len(names)} of its variables have no array{shown}, and only one, its input, may "
            "have none"
        )
    raise ValueError(
        f"it seems to have {len(names)} inputs{shown}, and must have one"
        + ("; if the others are parameters, name the file of their arrays" if names else "")
    )


def _inputs(document: object) -> list[str]:
    """The variables that may be inputs: none that are weights, or have hints, as Gluon's have."""
    nodes = _nodes(document)
    weights = set(_weights(nodes))
    open_ones = {
        str(node.get("name")): node.get("attrs")
        for place, node in enumerate(nodes)
        if node.get("op") == "null" and (node.get("name") == INPUT or place not in weights)
    }
    plain = [name for name, hints in open_ones.items() if name == INPUT or not hints]
    return plain or list(open_ones)


def _weights(nodes: list[_Described]) -> Iterator[int]:
    """The places of the nodes that an operation takes as its weights."""
    for node in nodes:
        operator = OPERATORS.get(str(node.get("op")))
        if operator is None:
            continue
        for index, place in enumerate(_places(node, len(nodes))):
            if operator.name == JOIN:
                yield place
                yield from _places(nodes[place], len(nodes))
            elif index and operator.inputs[min(index, len(operator.inputs) - 1)] in _WEIGHTS:
                yield place


def _places(node: _Described, count: int) -> list[int]:
    """The places of the nodes that a node takes; empty if its references are not valid."""
    inputs = node.get("inputs")
    listed = inputs if isinstance(inputs, list) else []
    taken = [each[0] for each in listed if isinstance(each, list) and each]
    return taken if all(type(each) is int and 0 <= each < count for each in taken) else []


def _nodes(document: object) -> list[_Described]:
    nodes = document.get("nodes") if isinstance(document, dict) else None
    listed = nodes if isinstance(nodes, list) else []
    return [each if isinstance(each, dict) else {} for each in listed]
