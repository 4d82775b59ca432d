"""``forward`` as a person would write it: short statements, and names for values used twice."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Optional

from ...arrays import Arrays
from ...backends.graphs.unsupported import Unsupported, refuse
from ...graph import Graph, Operation, Output
from ...graph.attributes import AttributeValue
from .code import Code, Layers, NotWritten, Value, filled
from .operators import EMITTERS
from .support import HOLDER

_WIDTH = 84  # characters of a statement, without its indentation
_DEEP = 5  # most levels of nested calls
_ENDS = ("Pooling", "_contrib_AdaptiveAvgPooling2D", "Flatten")
_RISES = (
    "Activation",
    "LeakyReLU",
    "clip",
    "relu",
)  # they end a statement, unless pooling or flattening follows at once


@dataclass(frozen=True)
class Forward:
    """The body of ``forward``: what it takes, its statements, and what it returns.

    Example:
        >>> Forward(("x",), ("x = torch.relu(x)",), "x", Layers({}, {})).returned
        'x'
    """

    arguments: tuple[str, ...]
    statements: tuple[str, ...]
    returned: str
    layers: Layers


def write_forward(
    graph: Graph,
    arrays: Arrays,
    inputs: Mapping[str, Value],
    structure: Optional[Mapping[str, str]] = None,
) -> Forward:
    """Make statements of a graph.

    Args:
        graph: of operators that have an emitter.
        arrays: of the variables that the file is to hold.
        inputs: what is known of all other variables, by name.
        structure: Gluon's names of variables by their place in the block.

    Raises:
        NetworkError: naming each layer that cannot be written, and what to do.

    Example:
        >>> from mxdigits.graph import Variable, operation
        >>> relu = operation("relu", "relu", [Output(0)])
        >>> graph = Graph((Variable("data", "input"), relu), (Output(1),))
        >>> write_forward(graph, {}, {"data": Value(rank=4)}).arguments
        ('x',)
    """
    return _Statements(graph, arrays, inputs, structure or {}).written()


class _Statements:
    def __init__(
        self,
        graph: Graph,
        arrays: Arrays,
        inputs: Mapping[str, Value],
        structure: Mapping[str, str],
    ):
        self._graph = graph
        self._inputs = inputs
        self._prefix = _common_prefix([*arrays])
        names = {name: self._short(name) for name in arrays}
        self._layers = Layers(arrays, names)
        self._structure = structure
        self._values: dict[Output, Value] = {}
        self._codes: dict[int, Code] = {}
        self._users: dict[int, list[Operation]] = {}
        self._uses: Counter[int] = Counter(head.node for head in graph.heads)
        self._emit()
        self._kept = self._named_places()

    def written(self) -> Forward:
        order = sorted(self._kept)
        last_use = self._last_uses(order)
        arguments = self._arguments()
        names = dict(arguments)
        statements = []
        for number, place in enumerate(order):
            text, _ = self._text(place, names)
            live = {names[p] for p in names if last_use.get(p, -1) > number}
            names[place] = self._name(place, live)
            statements.append(f"{names[place]} = {text}")
        heads = [self._output(head, names)[0] for head in self._graph.heads]
        return Forward(tuple(arguments.values()), tuple(statements), ", ".join(heads), self._layers)

    def _emit(self) -> None:
        """Compute every operation's code and what is known of its outputs."""
        problems = []
        for place, node in enumerate(self._graph.nodes):
            if not isinstance(node, Operation):
                array = self._layers.arrays.get(node.name)
                if array is None:
                    value = self._inputs[node.name]
                else:
                    value = Value(str(array.dtype), array.ndim, node.name)
                self._values[Output(place)] = value
                continue
            self._layers.name = self._layer_name(node)
            try:
                code = self._code(node)
            except NotWritten as error:
                problems.append(Unsupported(node.name, node.operator, str(error)))
                code = Code("")
            self._codes[place] = code
            for index in range(code.outputs):
                given = Value(code.dtype, code.rank, is_zero=code.is_zero)
                self._values[Output(place, index)] = given
            for each in {int(number) for number in re.findall(r"[$@](\d+)", code.text)}:
                self._uses[self._taken(node)[each].node] += 1
                self._users.setdefault(self._taken(node)[each].node, []).append(node)
        refuse(problems, HOLDER)

    def _taken(self, node: Operation) -> tuple[Output, ...]:
        return self._graph.taken_by(node)

    def _code(self, node: Operation) -> Code:
        values = [self._values[each] for each in self._taken(node)]
        attributes: dict[str, AttributeValue] = dict(node.attributes)
        code = EMITTERS[node.operator](self._layers, *values, **attributes)
        # A variable that the file holds and no layer of PyTorch took: its weight is read here.
        for place, value in enumerate(values):
            if value.variable and re.search(rf"[$@]{place}\b", code.text):
                held = self._layers.weight(value)
                code = replace(code, text=re.sub(rf"[$@]{place}\b", held, code.text))
        return code

    def _named_places(self) -> set[int]:
        """The nodes whose outputs get a name: each of them ends a statement."""
        found: set[int] = set()
        texts: dict[int, str] = {}
        depths: dict[int, int] = {}
        for place, code in self._codes.items():
            node = self._graph.nodes[place]
            assert isinstance(node, Operation)
            inside = [each.node for each in self._taken(node)]
            while len(text := filled(code, [(texts.get(i, "x"), False) for i in inside])) > _WIDTH:
                longest = max(inside, key=lambda each: len(texts.get(each, "")))
                if longest not in texts:
                    break
                found.add(longest)
                del texts[longest], depths[longest]
            depth = 1 + max((depths.get(each, 0) for each in inside), default=0)
            read = self._users.get(place) or self._uses[place] > 1 or code.outputs > 1
            if read and (self._ends(place, node) or depth >= _DEEP):
                found.add(place)
            else:
                texts[place], depths[place] = text, depth
        return found

    def _ends(self, place: int, node: Operation) -> bool:
        """Whether a node ends a statement because of its operator or its uses."""
        users = self._users.get(place, [])
        if self._uses[place] != 1 or self._codes[place].outputs > 1 or node.operator in _ENDS:
            return True
        return node.operator in _RISES and bool(users) and users[0].operator not in _ENDS

    def _last_uses(self, order: Sequence[int]) -> dict[int, int]:
        """For each named value the number of the last statement that reads it."""
        last: dict[int, int] = {}
        for number, place in enumerate(order):
            for each in self._read_by(place):
                last[each] = number
        for head in self._graph.heads:
            for each in [head.node] if self._is_named(head.node) else self._read_by(head.node):
                last[each] = len(order)
        return last

    def _is_named(self, place: int) -> bool:
        return place in self._kept or place not in self._codes

    def _read_by(self, place: int) -> set[int]:
        node = self._graph.nodes[place]
        read: set[int] = set()
        if not isinstance(node, Operation):
            return {place}
        for i, each in enumerate(self._taken(node)):
            if re.search(rf"[$@]{i}\b", self._codes[place].text):
                read |= {each.node} if self._is_named(each.node) else self._read_by(each.node)
        return read

    def _text(self, place: int, names: Mapping[int, str]) -> tuple[str, bool]:
        """A node's expression, and whether it has operators outside of all brackets."""
        node, code = self._graph.nodes[place], self._codes[place]
        assert isinstance(node, Operation)
        inputs = [
            self._output(each, names) if re.search(rf"[$@]{i}\b", code.text) else ("", False)
            for i, each in enumerate(self._taken(node))
        ]
        return filled(code, inputs), inputs[0][1] if code.text == "$0" else code.operator

    def _output(self, output: Output, names: Mapping[int, str]) -> tuple[str, bool]:
        place = output.node
        if place not in names:
            return self._text(place, names)
        several = place in self._codes and self._codes[place].outputs > 1
        return names[place] + (f"[{output.index}]" if several else ""), False

    def _arguments(self) -> dict[int, str]:
        places = {n.name: p for p, n in enumerate(self._graph.nodes) if n.name in self._inputs}
        if len(places) == 1:
            return dict.fromkeys(places.values(), "x")
        return {place: _identifier(name) for name, place in places.items()}

    def _name(self, place: int, live: set[str]) -> str:
        for short in ("x", "y"):
            if short not in live:
                return short
        node = self._graph.nodes[place]
        assert isinstance(node, Operation)
        wanted = self._layer_name(node)
        name, number = wanted, 1
        while name in live or name in ("self", "torch", "nn", "F", "math"):
            number += 1
            name = f"{wanted}_{number}"
        return name

    def _layer_name(self, node: Operation) -> str:
        """A layer's name: its attribute in Gluon's block, or else its name in the graph."""
        for each in node.inputs:
            variable = self._graph.nodes[each.node]
            place = self._structure.get(variable.name, "").rpartition(".")[0].rpartition(".")[2]
            if place and not place.isdecimal():
                return _identifier(place)
        return self._short(re.sub(r"_(fwd|rnn0)$", "", node.name))

    def _short(self, name: str) -> str:
        rest = name[len(self._prefix) :] if name.startswith(self._prefix) else name
        return _identifier(rest or name)


def _common_prefix(names: Sequence[str]) -> str:
    """The common beginning of all parameters' names: Gluon's name of the block."""
    if len(names) < 2:
        return ""
    first, last = min(names), max(names)
    same = [a == b for a, b in zip(first, last)]
    shared = first[: same.index(False)] if False in same else first
    return shared[: shared.rfind("_") + 1]


def _identifier(name: str) -> str:
    """A Python identifier that is nearly the given name.

    >>> _identifier("0.conv-1"), _identifier("class")
    ('layer_0_conv_1', 'class_')
    """
    text = re.sub(r"[^0-9a-zA-Z]+", "_", name).strip("_") or "layer"
    text = f"layer_{text}" if text[0].isdecimal() else text
    return f"{text}_" if keyword.iskeyword(text) else text
