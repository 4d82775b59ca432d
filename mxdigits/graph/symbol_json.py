"""``symbol.json``, the graph of a network, checked before MXNet sees it.

MXNet's reader trusts a graph: an input that points nowhere ends the process.  Here only operators
of :mod:`mxdigits.graph.operators` are read, each with as many inputs as it takes, from nodes before it;
and what is handed on is written anew from what was checked.

The format is that of nnvm's ``SaveJSON``, as MXNet 1.9.1 writes it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ..errors import RunFolderError
from .operators import INPUTS, NOT_RUN, UNCOMPARED, Attributes, check, safer

MOST_BYTES = 16 << 20
MOST_NODES = 10_000
INPUT = "data"

_MOST_NAME = 256

# Versions count how often a statistic was written while the graph was traced.
_MOST_VERSION = 1 << 16


@dataclass(frozen=True)
class Graph:
    """A checked graph.

    ``json`` is the symbol without its last node, the softmax, for ``mxnet.sym.load_json``;
    ``parameters`` are the names of its variables, the input left out.
    """

    json: str
    parameters: frozenset[str]


def parse_symbol(content: bytes, source: Any, version: int) -> Graph:
    """The graph of a ``symbol.json`` that gives probabilities.

    Args:
        content: the file's bytes.
        source: its name in messages.
        version: of the MXNet that the graph is handed to, such as 10901.

    Raises:
        RunFolderError: if it is anything but a network of known operators.
    """
    try:
        if len(content) > MOST_BYTES:
            raise ValueError(f"it is longer than {MOST_BYTES} bytes")
        try:
            found = json.loads(content.decode("utf-8"))
        except UnicodeDecodeError:
            raise ValueError("it is no text") from None
        except json.JSONDecodeError as error:
            raise ValueError(f"it is not JSON in line {error.lineno}: {error.msg}") from None
        fields = _fields(found, "the file", nodes=list, heads=list, attrs=dict)
        return _graph(**fields, version=version)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise RunFolderError(f"{source} is no network: {reason}") from None


def _graph(nodes: list[Any], heads: list[Any], attrs: dict[str, Any], version: int) -> Graph:
    written = attrs.get("mxnet_version")
    if not isinstance(written, list) or written[:1] != ["int"] or len(written) != 2:
        raise ValueError("it does not say which MXNet wrote it")
    if type(written[1]) is not int or not 10000 <= written[1] <= version:
        raise ValueError(f"it was written by version {written[1]!r} of MXNet, this is {version}")
    if not 3 <= len(nodes) <= MOST_NODES:
        raise ValueError(f"it has {len(nodes)} nodes")
    if heads not in ([[len(nodes) - 1, 0, 0]], [[len(nodes) - 1, 0]]):
        raise ValueError("its output is not its last node")
    checked: list[_Node] = []
    for index, each in enumerate(nodes):
        checked.append(_node(each, index, checked))
    logits = _before_softmax(checked)
    used = {index for node in checked for index, *_ in node.inputs}
    if len(used) != len(nodes) - 1:
        raise ValueError("it has nodes that lead nowhere")
    variables = [node.name for node in checked if node.is_variable]
    if len(set(variables)) != len(variables) or INPUT not in variables:
        raise ValueError(f"its variables are not {INPUT!r} and one for each parameter")
    return Graph(_written(checked[:-1], logits, version), frozenset(variables) - {INPUT})


@dataclass(frozen=True)
class _Node:
    op: str
    attrs: Attributes
    name: str
    inputs: tuple[tuple[int, int, int], ...]

    @property
    def is_variable(self) -> bool:
        return self.op == "null"

    @property
    def is_parameter(self) -> bool:
        return self.is_variable and self.name != INPUT

    @property
    def outputs(self) -> int:
        """How many of its outputs others may take; the layers' further ones are for training."""
        return int(self.attrs["num_outputs"]) if self.op == "SliceChannel" else 1


def _node(found: Any, index: int, before: list[_Node]) -> _Node:
    where = f"node {index}"
    found = {"attrs": {}, **found} if isinstance(found, dict) else found
    fields = _fields(found, where, op=str, name=str, attrs=dict, inputs=list, whole=True)
    op, name, attrs, inputs = fields.values()
    if len(name) > _MOST_NAME or not name.isprintable():
        raise ValueError(f"{where} has no proper name")
    where = f"{where}, {name!r},"
    if op == "null":
        if inputs:
            raise ValueError(f"{where} is a variable with inputs")
        return _Node(op, {}, name, ())
    if op not in INPUTS:
        raise ValueError(f"{where} is of the operator {op!r}, {NOT_RUN}")
    # Those __like_this__ only direct MXNet.
    attrs = {key: value for key, value in attrs.items() if not key.startswith("__")}
    try:
        count = check(op, attrs)
    except ValueError as error:
        raise ValueError(f"{where} {error}") from None
    if len(inputs) != count:
        raise ValueError(f"{where} has {len(inputs)} inputs, {op} takes {count}")
    taken = tuple(_input(each, where, before) for each in inputs)
    if op in UNCOMPARED and not all(before[i].is_parameter for i, *_ in taken[1:]):
        raise ValueError(f"{where} has weights that are no parameters")
    return _Node(*safer(op, attrs), name, taken)


def _input(found: Any, where: str, before: list[_Node]) -> tuple[int, int, int]:
    if not isinstance(found, list) or len(found) not in (2, 3):
        raise ValueError(f"{where} has an input that is no reference")
    if any(type(number) is not int for number in found):
        raise ValueError(f"{where} has an input that is no reference")
    node, output, version = (*found, 0)[:3]
    if not 0 <= node < len(before):
        raise ValueError(f"{where} has an input that does not come before it")
    if not 0 <= output < before[node].outputs or not 0 <= version < _MOST_VERSION:
        raise ValueError(f"{where} takes an output that node {node} does not have")
    return node, output, version


def _before_softmax(nodes: list[_Node]) -> tuple[int, int, int]:
    """What the last node, the softmax that makes probabilities, takes."""
    last = nodes[-1]
    if last.op != "softmax" or last.attrs.get("axis", "-1") != "-1":
        raise ValueError("it does not end in a softmax over the classes")
    if nodes[last.inputs[0][0]].is_variable:
        raise ValueError("it computes nothing")
    return last.inputs[0]


def _fields(found: Any, where: str, *, whole: bool = False, **types: type) -> dict[str, Any]:
    """The fields of an object, each of its type; no others are there if that is ``whole``."""
    if not isinstance(found, dict):
        raise ValueError(f"{where} is no object")
    for name, kind in types.items():
        if not isinstance(found.get(name), kind):
            raise ValueError(f"{where} has no proper {name!r}")
    if whole and found.keys() != types.keys():
        raise ValueError(f"{where} has more than {', '.join(types)}")
    return {name: found[name] for name in types}


def _written(nodes: list[_Node], head: tuple[int, int, int], version: int) -> str:
    return json.dumps(
        {
            "nodes": [
                {"op": n.op, "name": n.name, "attrs": n.attrs, "inputs": n.inputs} for n in nodes
            ],
            "arg_nodes": [index for index, node in enumerate(nodes) if node.is_variable],
            "node_row_ptr": list(range(len(nodes) + 1)),
            "heads": [head],
            "attrs": {"mxnet_version": ["int", version]},
        },
        ensure_ascii=False,
    )
