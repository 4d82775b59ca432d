"""A network as a graph: what it computes, independent of the backend that computes it.

Words: a *node* is a variable or an operation; an *operation* applies an *operator* to the *outputs*
of nodes before it; the *heads* are the outputs of the whole graph.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Optional, Union

from .attributes import Attributes
from .operators import OPERATORS

Role = Literal["input", "parameter", "auxiliary"]


@dataclass(frozen=True)
class Output:
    """One output of a node: the node's place in the graph, and the index of the output.

    Example:
        >>> Output(3)
        Output(node=3, index=0)
    """

    node: int
    index: int = 0


@dataclass(frozen=True)
class Variable:
    """An array that the graph is given.

    ``role`` is ``input`` for an array that differs from batch to batch, ``parameter`` for one that
    is trained, and ``auxiliary`` for one that an operator updates in training, such as a running
    mean.

    Example:
        >>> Variable("data", "input"), Variable("dense_weight").role
        (Variable(name='data', role='input'), 'parameter')
    """

    name: str
    role: Role = "parameter"


@dataclass(frozen=True)
class Operation:
    """An operator applied to outputs.

    ``attributes`` include the defaults if the operator is one of :data:`~mxdigits.graph.OPERATORS`;
    otherwise they are the texts that MXNet wrote. ``subgraphs`` are the graphs that operators of
    control flow run.

    Example:
        >>> relu = operation("Activation", "relu", [Output(0)], act_type="relu")
        >>> relu.operator, relu.inputs, dict(relu.attributes)
        ('Activation', (Output(node=0, index=0),), {'act_type': 'relu'})
    """

    operator: str
    name: str
    inputs: tuple[Output, ...]
    attributes: Attributes = field(default_factory=Attributes)
    subgraphs: tuple[Graph, ...] = ()


Node = Union[Variable, Operation]


def operation(
    operator: str, name: str, inputs: Sequence[Output], **attributes: object
) -> Operation:
    """An operation with the given attributes, and the others at their defaults.

    Raises:
        ValueError: if an attribute is missing, or the operator does not take it.
        KeyError: if the operator is not in :data:`~mxdigits.graph.OPERATORS`.

    Example:
        >>> operation("softmax", "prob", [Output(3)]).attributes["axis"]
        -1
    """
    try:
        completed = OPERATORS[operator].completed(attributes)
    except ValueError as error:
        raise ValueError(f"{name!r} {error}") from None
    return Operation(operator, name, tuple(inputs), completed)


@dataclass(frozen=True)
class Graph:
    """Nodes, each after the nodes that it takes its inputs from, and the heads.

    Two graphs are equal if their nodes and heads are equal, names included; :meth:`fingerprint`
    ignores names.

    Raises:
        ValueError: if an operation takes an output that no node before it has, or its attributes or
            its number of inputs do not fit its operator, or two variables have the same name.

    Example:
        >>> nodes = Variable("data", "input"), Variable("w")
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> print(Graph((*nodes, dense), (Output(2),)))
        0  data   input
        1  w      parameter
        2  dense  FullyConnected  data, w  num_hidden=10 no_bias=True
        gives dense
    """

    nodes: tuple[Node, ...]
    heads: tuple[Output, ...]

    def __post_init__(self) -> None:
        names: set[str] = set()
        for place, node in enumerate(self.nodes):
            if isinstance(node, Operation):
                self._check(node, place)
            elif node.name in names:
                raise ValueError(f"two variables are named {node.name!r}")
            else:
                names.add(node.name)
        for head in self.heads:
            self._check_output(head, len(self.nodes), "the graph")

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the variables that differ from batch to batch."""
        return self._variables("input")

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the variables that are trained."""
        return self._variables("parameter")

    @property
    def auxiliary_states(self) -> tuple[str, ...]:
        """The names of the variables that operators update in training."""
        return self._variables("auxiliary")

    @property
    def operations(self) -> Iterator[Operation]:
        """The nodes that are operations, in order."""
        return (node for node in self.nodes if isinstance(node, Operation))

    @property
    def operators(self) -> frozenset[str]:
        """The names of all operators in use, also in subgraphs."""
        own = {node.operator for node in self.operations}
        return frozenset(own).union(
            *(each.operators for node in self.operations for each in node.subgraphs)
        )

    def taken_by(self, node: Operation) -> tuple[Output, ...]:
        """The inputs of an operation; of zeros for each image also the graph's first input.

        MXNet writes the batch size of such zeros as 0; the graph's input tells the real size.
        """
        if not has_open_size(node):
            return node.inputs
        first = (place for place, each in enumerate(self.nodes) if is_input(each))
        return (*node.inputs, *(Output(place) for place in itertools.islice(first, 1)))

    def variables_in_use(self) -> list[str]:
        """The names of all variables except inputs, in the order in which the heads need them."""
        used = (self.nodes[place] for place in self._in_order_of_use())
        return [n.name for n in used if isinstance(n, Variable) and n.role != "input"]

    def rewritten(self, rewrite: Callable[[Operation], Optional[Operation]]) -> Graph:
        """The graph with each operation replaced by what ``rewrite`` returns, unless it is None."""
        nodes = (
            (rewrite(node) or node) if isinstance(node, Operation) else node for node in self.nodes
        )
        return replace(self, nodes=tuple(nodes))

    def fingerprint(self) -> str:
        """The SHA-256 of what the graph computes, in hexadecimal.

        It is equal for graphs that differ only in names or in the order of nodes.
        """
        places: dict[int, int] = {}
        told: list[object] = []
        for place in self._in_order_of_use():
            node = self.nodes[place]
            places[place] = len(told)
            if isinstance(node, Variable):
                told.append(node.role)
                continue
            inputs = [(places[each.node], each.index) for each in node.inputs]
            subgraphs = [each.fingerprint() for each in node.subgraphs]
            told.append((node.operator, sorted(node.attributes.items()), inputs, subgraphs))
        heads = [(places[each.node], each.index) for each in self.heads]
        return hashlib.sha256(repr((told, heads)).encode()).hexdigest()

    def __str__(self) -> str:
        rows = [(str(place), *self._row(node)) for place, node in enumerate(self.nodes)]
        widths = [max((len(cell) for cell in column), default=0) for column in zip(*rows)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
            for row in rows
        ]
        return "\n".join([*lines, f"gives {self._names(self.heads)}"])

    def _variables(self, role: Role) -> tuple[str, ...]:
        return tuple(n.name for n in self.nodes if isinstance(n, Variable) and n.role == role)

    def _check(self, node: Operation, place: int) -> None:
        for each in node.inputs:
            self._check_output(each, place, repr(node.name))
        operator = OPERATORS.get(node.operator)
        if operator is None:
            return
        if node.attributes.keys() != operator.attributes.keys():
            raise ValueError(
                f"{node.name!r} has other attributes than {node.operator}: make it by operation()"
            )
        takes = len(operator.input_names(node.attributes))
        if len(node.inputs) != takes:
            raise ValueError(
                f"{node.name!r} has {len(node.inputs)} inputs, {node.operator} takes {takes}"
            )

    def _check_output(self, output: Output, before: int, whose: str) -> None:
        if not 0 <= output.node < before:
            raise ValueError(f"{whose} takes from node {output.node}, which is not before it")
        most = outputs(self.nodes[output.node])
        if output.index < 0 or (most is not None and output.index >= most):
            raise ValueError(
                f"{whose} takes output {output.index}, which node {output.node} does not have"
            )

    def _in_order_of_use(self) -> Iterator[int]:
        """The places of the nodes that the heads need, each after its inputs in their order."""
        done: set[int] = set()
        waiting = [head.node for head in reversed(self.heads)]
        while waiting:
            place = waiting[-1]
            node = self.nodes[place]
            taken = node.inputs if isinstance(node, Operation) else ()
            needed = [each.node for each in taken if each.node not in done]
            if needed and place not in done:
                waiting.extend(reversed(needed))
                continue
            waiting.pop()
            if place not in done:
                done.add(place)
                yield place

    def _row(self, node: Node) -> tuple[str, str, str, str]:
        if isinstance(node, Variable):
            return node.name, node.role, "", ""
        operator = OPERATORS.get(node.operator)
        given = operator.given(node.attributes) if operator else node.attributes
        attributes = " ".join(f"{name}={value}" for name, value in given.items())
        return node.name, node.operator, self._names(node.inputs), attributes

    def _names(self, taken: Sequence[Output]) -> str:
        return ", ".join(
            self.nodes[each.node].name + (f"[{each.index}]" if each.index else "") for each in taken
        )


def is_input(node: Node) -> bool:
    """Whether a node is an input: a variable that differs from batch to batch.

    Example:
        >>> is_input(Variable("data", "input")), is_input(Variable("w"))
        (True, False)
    """
    return isinstance(node, Variable) and node.role == "input"


def has_open_size(node: Operation) -> bool:
    """Whether an operation makes zeros for each image, whose number MXNet writes as 0.

    Example:
        >>> has_open_size(operation("_zeros", "begin", [], shape=(0, 16)))
        True
    """
    return node.operator == "_zeros" and 0 in (node.attributes["shape"] or ())


def outputs(node: Node) -> Optional[int]:
    """The number of outputs that others may take from a node; None if its operator is unknown.

    Example:
        >>> outputs(Variable("data", "input"))
        1
    """
    if isinstance(node, Variable):
        return 1
    operator = OPERATORS.get(node.operator)
    return operator.outputs(node.attributes) if operator else None
