"""Build a graph in Python: operators are called like functions; arithmetic uses Python's signs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Optional, Union

from .graph import Graph, Node, Operation, Output, Role, Variable, operation

INPUT = "data"  # the input of networks and augmentations
TARGETS = "targets"  # the second input of augmentations that mix labels too


class GraphBuilder:
    """Collects the nodes of a graph in the order of the calls.

    Example:
        >>> build = GraphBuilder()
        >>> x = build.variable("data", "input")
        >>> print(build.graph(build("clip", x * 2, a_min=0, a_max=1)))
        0  data          input
        1  _mul_scalar0  _mul_scalar  data          scalar=2.0
        2  clip0         clip         _mul_scalar0  a_min=0.0 a_max=1.0
        gives clip0
    """

    def __init__(self) -> None:
        self._nodes: list[Node] = []
        self._used: dict[str, int] = {}

    def __call__(
        self,
        operator: str,
        *inputs: Expression,
        name: Optional[str] = None,
        **attributes: object,
    ) -> Expression:
        """Apply an operator of :data:`~mxdigits.graph.OPERATORS`; gives its first output.

        Raises:
            ValueError: if the operator does not take an attribute, or a required one is missing.
        """
        outputs = [each.output for each in inputs]
        return self._add(
            operation(operator, name or self._numbered(operator), outputs, **attributes)
        )

    def variable(self, name: str, role: Role = "parameter") -> Expression:
        """Add a variable: an array that the graph is given."""
        return self._add(Variable(name, role))

    def copy(self, graph: Graph, data: Expression, prefix: str = "") -> Expression:
        """Add the nodes of another graph with ``data`` as its input; gives its head.

        Args:
            graph: a graph with one input and one head.
            data: what to use in place of its input.
            prefix: put before the names of its nodes, so that they differ from others.
        """
        (head,) = self.copies(graph, [data], prefix)
        return head

    def copies(
        self, graph: Graph, inputs: Sequence[Expression], prefix: str = ""
    ) -> list[Expression]:
        """Add the nodes of a graph with any number of inputs and heads; gives its heads."""
        given = dict(zip(graph.inputs, inputs))
        first: dict[int, Output] = {}  # by place in the graph: the first output of its copy
        for place, node in enumerate(graph.nodes):
            if isinstance(node, Variable) and node.role == "input":
                first[place] = given[node.name].output
                continue
            first[place] = Output(len(self._nodes))
            name = f"{prefix}{node.name}"
            if isinstance(node, Operation):
                taken = tuple(_same(first[each.node], each) for each in node.inputs)
                self._nodes.append(replace(node, name=name, inputs=taken))
            else:
                self._nodes.append(replace(node, name=name))
        return [Expression(self, _same(first[head.node], head)) for head in graph.heads]

    def graph(self, *heads: Expression) -> Graph:
        """The graph of all nodes so far."""
        return Graph(tuple(self._nodes), tuple(each.output for each in heads))

    def _add(self, node: Node) -> Expression:
        self._nodes.append(node)
        return Expression(self, Output(len(self._nodes) - 1))

    def _numbered(self, operator: str) -> str:
        number = self._used.get(operator, 0)
        self._used[operator] = number + 1
        return f"{operator}{number}"


class Expression:
    """An output of a node of a graph that is being built.

    Arithmetic with another expression broadcasts; ``x[1]`` is the second output of the same node.

    Example:
        >>> x = GraphBuilder().variable("data", "input")
        >>> (1 - x).output
        Output(node=1, index=0)
    """

    def __init__(self, build: GraphBuilder, output: Output):
        self.build, self.output = build, output

    def __getitem__(self, index: int) -> Expression:
        return Expression(self.build, Output(self.output.node, index))

    def __add__(self, other: Operand) -> Expression:
        return self._with(other, "broadcast_add", "_plus_scalar")

    def __sub__(self, other: Operand) -> Expression:
        return self._with(other, "broadcast_sub", "_minus_scalar")

    def __mul__(self, other: Operand) -> Expression:
        return self._with(other, "broadcast_mul", "_mul_scalar")

    def __truediv__(self, other: Operand) -> Expression:
        return self._with(other, "broadcast_div", "_div_scalar")

    def __radd__(self, other: float) -> Expression:
        return self + other

    def __rmul__(self, other: float) -> Expression:
        return self * other

    def __rsub__(self, other: float) -> Expression:
        return self.build("_rminus_scalar", self, scalar=float(other))

    def __neg__(self) -> Expression:
        return self.build("negative", self)

    def __le__(self, other: Operand) -> Expression:
        return self._with(other, "broadcast_lesser_equal", "_lesser_equal_scalar")

    def __lt__(self, other: Operand) -> Expression:
        return self._with(other, "broadcast_lesser", "_lesser_scalar")

    def _with(self, other: Operand, of_arrays: str, of_scalar: str) -> Expression:
        if isinstance(other, Expression):
            return self.build(of_arrays, self, other)
        return self.build(of_scalar, self, scalar=float(other))


Operand = Union[Expression, float]


def joined(graphs: Sequence[Graph]) -> Graph:
    """One graph that applies several graphs one after the other.

    Args:
        graphs: at least one, without parameters; each with one input and one head, or with two of
            both. Graphs with one input leave the second value as it is.

    Example:
        >>> build = GraphBuilder()
        >>> double = build.graph(build.variable("data", "input") * 2)
        >>> sum(1 for _ in joined([double, double]).operations)
        2
    """
    if len(graphs) == 1:
        return graphs[0]
    build = GraphBuilder()
    most = max(len(graph.inputs) for graph in graphs)
    values = [build.variable(name, "input") for name in (INPUT, TARGETS)[:most]]
    for number, graph in enumerate(graphs):
        own = len(graph.inputs)
        values[:own] = build.copies(graph, values[:own], f"{number}_")
    return build.graph(*values)


def first_alone(graph: Graph) -> Graph:
    """The part of a graph that computes its first head; other heads and unused nodes are left out.

    Example:
        >>> build = GraphBuilder()
        >>> x, y = build.variable("data", "input"), build.variable("targets", "input")
        >>> first_alone(build.graph(x * 2, y * 3)).inputs
        ('data',)
    """
    return in_use(replace(graph, heads=graph.heads[:1]))


def in_use(graph: Graph) -> Graph:
    """A graph without the nodes that no head needs.

    Example:
        >>> build = GraphBuilder()
        >>> x, y = build.variable("data", "input"), build.variable("other")
        >>> in_use(build.graph(x * 2)).parameters
        ()
    """
    needed, waiting = set(), [head.node for head in graph.heads]
    while waiting:
        place = waiting.pop()
        node = graph.nodes[place]
        if place not in needed and isinstance(node, Operation):
            waiting += [each.node for each in node.inputs]
        needed.add(place)
    places = {old: new for new, old in enumerate(sorted(needed))}

    def moved(node: Node) -> Node:
        if isinstance(node, Variable):
            return node
        inputs = tuple(replace(each, node=places[each.node]) for each in node.inputs)
        return replace(node, inputs=inputs)

    nodes = tuple(moved(graph.nodes[old]) for old in places)
    return Graph(nodes, tuple(replace(head, node=places[head.node]) for head in graph.heads))


def _same(first: Output, output: Output) -> Output:
    """The copy of an output; ``first`` is the copied node's first output, or replaces an input."""
    return replace(first, index=first.index + output.index)
