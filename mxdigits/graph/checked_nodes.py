"""Reads the nodes of a ``symbol.json`` from anybody, and checks each before it is used.

Only operators that :mod:`mxdigits.graph.limits` allows are accepted, each with as many inputs as it
takes, from nodes before it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from .graph import Node, Operation, Output, Variable, outputs
from .limits import FROM_FILES, NOT_RUN, UNCOMPARED, read_attributes
from .old_files import upgraded
from .operators import OPERATORS
from .recurrent import JOIN, is_flattening

MOST_BYTES = 16 << 20
MOST_NODES = 10_000
INPUT = "data"

_OLDEST = 10000  # 1.0.0: files of older versions have other keys (see ``old_files.py``)
_WITH_MXNET = "from mxdigits import import_mxnet; mx = import_mxnet()"
_AGAIN = f"have 1.9.1 write it again: {_WITH_MXNET}; mx.sym.load(FILE).save(FILE)"
_MOST_NAME = 256
# What people name in place of a symbol.json, by its first bytes; a text has none of them.
_OTHER_FILES = {
    **{
        bytes([8, version, tag]): (
            "it is an ONNX file, which predict, score and serve take; to train a network or to "
            "export it, name MXNet's own symbol.json"
        )
        for version in range(1, 32)
        for tag in (0x12, 0x1A, 0x22, 0x3A, 0x42)
    },
    b"\x12\x01\x00\x00\x00\x00\x00\x00": (
        "it is a file of parameters; name the symbol.json that belongs to it"
    ),
}
# A version in a file counts how often a statistic was written while the graph was traced.
_MOST_VERSION = 1 << 16


class OperatorRefused(ValueError):
    """A node uses an operator that no file may use.

    Example:
        >>> OperatorRefused("node 3, 'crop',", "Crop").operator
        'Crop'
    """

    def __init__(self, where: str, operator: str):
        super().__init__(f"{where} is of the operator {operator!r}, {NOT_RUN}")
        self.operator = operator


def document_in(content: bytes) -> object:
    """The JSON of a file; that of an MXNet before 1.0 in the form that 1.0 would have written.

    Raises:
        ValueError: if it is too long, or not JSON.

    Example:
        >>> document_in(b'{"nodes": []}')
        {'nodes': []}
    """
    if len(content) > MOST_BYTES:
        raise ValueError(f"it is longer than {MOST_BYTES} bytes")
    for begins, what in _OTHER_FILES.items():
        if content.startswith(begins):
            raise ValueError(what)
    try:
        return upgraded(json.loads(content.decode("utf-8")))
    except UnicodeDecodeError:
        raise ValueError("it is no text") from None
    except json.JSONDecodeError as error:
        what = error.msg.removesuffix(" at").removesuffix(" starting")  # the message says where
        raise ValueError(f"it is not JSON in line {error.lineno}: {what}") from None


def checked_nodes(document: object, version: int, inputs: Collection[str] = (INPUT,)) -> list[Node]:
    """The nodes of a file, the last of which is its output; only the names of variables are kept.

    Args:
        document: as returned by :func:`document_in`.
        version: the version of the newest MXNet that may have written it, such as 10901.
        inputs: the names of the variables that are its inputs.

    Raises:
        ValueError: saying what is wrong, and at which node.

    Example:
        >>> checked_nodes({"nodes": [], "heads": [], "attrs": {}}, 10901)
        Traceback (most recent call last):
            ...
        ValueError: it does not say which MXNet wrote it; have 1.9.1 write it again: ...
    """
    document = {"attrs": {}, **document} if isinstance(document, dict) else document
    fields = _fields(document, "the file", nodes=list, heads=list, attrs=dict)
    nodes, heads, attrs = fields.values()
    _check_version(attrs.get("mxnet_version"), version)
    if not 3 <= len(nodes) <= MOST_NODES:
        raise ValueError(f"it has {len(nodes)} nodes")
    if len(heads) > 1:
        raise ValueError(
            f"it has {len(heads)} outputs, and must have one; to write a file with the first "
            f"alone: {_WITH_MXNET}; mx.sym.load(FILE)[0].save(NEW)"
        )
    if heads not in ([[len(nodes) - 1, 0, 0]], [[len(nodes) - 1, 0]]):
        raise ValueError("its output is not its last node")
    checked: list[Node] = []
    for index, each in enumerate(nodes):
        checked.append(_checked_node(each, index, checked, inputs))
    return checked


def variable(name: str, inputs: Collection[str], auxiliary: Collection[str]) -> Variable:
    """A variable with its role; a parameter by default.

    Example:
        >>> variable("data", ["data"], []).role
        'input'
    """
    if name in inputs:
        return Variable(name, "input")
    return Variable(name, "auxiliary" if name in auxiliary else "parameter")


def without_hints(attrs: Mapping[str, str]) -> dict[str, str]:
    """Attributes without those named __like_this__, which are instructions to MXNet alone.

    Example:
        >>> without_hints({"num_hidden": "10", "__lr_mult__": "2"})
        {'num_hidden': '10'}
    """
    return {name: text for name, text in attrs.items() if not name.startswith("__")}


def _check_version(written: object, version: int) -> None:
    if not isinstance(written, list) or written[:1] != ["int"] or len(written) != 2:
        raise ValueError(f"it does not say which MXNet wrote it; {_AGAIN}")
    if type(written[1]) is not int or written[1] > version:
        raise ValueError(f"it was written by version {written[1]!r} of MXNet, this is {version}")
    if written[1] < _OLDEST:
        raise ValueError(f"it was written by version {written[1]} of MXNet; {_AGAIN}")


def _checked_node(
    described: object, index: int, before: list[Node], named: Collection[str]
) -> Node:
    where = f"node {index}"
    described = {"attrs": {}, **described} if isinstance(described, dict) else described
    fields = _fields(described, where, op=str, name=str, attrs=dict, inputs=list, whole=True)
    op, name, attrs, inputs = fields.values()
    if len(name) > _MOST_NAME or not name.isprintable():
        raise ValueError(f"{where} has no proper name")
    where = f"{where}, {name!r},"
    if op == "null":
        if inputs:
            raise ValueError(f"{where} is a variable with inputs")
        return variable(name, named, ())
    if op not in FROM_FILES:
        raise OperatorRefused(where, op)
    try:
        attributes = read_attributes(op, without_hints(attrs))
    except ValueError as error:
        raise ValueError(f"{where} {error}") from None
    takes = len(OPERATORS[op].input_names(attributes))
    if len(inputs) != takes:
        raise ValueError(f"{where} has {len(inputs)} inputs, {op} takes {takes}")
    taken = tuple(_checked_input(each, where, before) for each in inputs)
    if op in UNCOMPARED and not all(_is_parameter(before[each.node]) for each in taken[1:]):
        raise ValueError(f"{where} has weights that are no parameters")
    _check_weights(op, where, taken, before)
    return Operation(op, name, taken, attributes)


def _check_weights(op: str, where: str, taken: Sequence[Output], before: Sequence[Node]) -> None:
    """Check that a recurrent layer's weights are parameters: joined as by Gluon, or one vector."""
    for place, each in enumerate(taken):
        node = before[each.node]
        if op == JOIN:
            if isinstance(node, Operation) and is_flattening(node):
                node = before[node.inputs[0].node]
        elif op == "RNN" and place == 1:
            if isinstance(node, Operation) and node.operator == JOIN:
                continue
        elif isinstance(node, Operation) and node.operator == JOIN:
            raise ValueError(f"{where} takes weights that are a recurrent layer's")
        else:
            continue
        if not _is_parameter(node):
            raise ValueError(f"{where} has weights that are no parameters")


def _checked_input(described: object, where: str, before: list[Node]) -> Output:
    if not isinstance(described, list) or len(described) not in (2, 3):
        raise ValueError(f"{where} has an input that is no reference")
    if any(type(number) is not int for number in described):
        raise ValueError(f"{where} has an input that is no reference")
    node, output, version = (*described, 0)[:3]
    if not 0 <= node < len(before):
        raise ValueError(f"{where} has an input that does not come before it")
    if not 0 <= output < (outputs(before[node]) or 0) or not 0 <= version < _MOST_VERSION:
        raise ValueError(f"{where} takes an output that node {node} does not have")
    return Output(node, output)


def _is_parameter(node: Node) -> bool:
    return isinstance(node, Variable) and node.role != "input"


def _fields(described: object, where: str, *, whole: bool = False, **types: type) -> dict[str, Any]:
    """The fields of an object, each of its type; with ``whole``, the object may have no others."""
    if not isinstance(described, dict):
        raise ValueError(f"{where} is no object")
    for name, kind in types.items():
        if not isinstance(described.get(name), kind):
            raise ValueError(f"{where} has no proper {name!r}")
    if whole and described.keys() != types.keys():
        raise ValueError(f"{where} has more than {', '.join(types)}")
    return {name: described[name] for name in types}
