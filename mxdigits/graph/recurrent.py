"""The weights of recurrent layers: MXNet's ``RNN`` takes all of them in one vector.

Gluon keeps an array for each matrix and each bias, and joins them with ``_rnn_param_concat``: first
the matrices for inputs and states, layer by layer and direction by direction, then the biases in
the same order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Optional

import numpy as np

from ..arrays import Arrays, Numbers, Shape
from .attributes import Attributes, AttributeValue
from .building import in_use
from .graph import Graph, Operation, Output, Variable

# The number of matrices stacked in one: for the state, and for each gate.
GATES: Mapping[str, int] = {"rnn_relu": 1, "rnn_tanh": 1, "gru": 3, "lstm": 4}

# The operator that joins the weights of a recurrent layer; no other layer takes its output.
JOIN = "_rnn_param_concat"


@dataclass(frozen=True)
class Direction:
    """One direction of a recurrent layer: where its weights begin in the vector, and their shapes.

    ``weight`` (rows, inputs) and ``state_weight`` (rows, units) begin at ``weights``, one after the
    other; the two biases (rows,) at ``biases``. The rows are those of all gates.

    Example:
        >>> Direction(4, 1, 2, weights=0, biases=12).weight
        (4, 1)
    """

    rows: int
    inputs: int
    units: int
    weights: int
    biases: int

    @property
    def weight(self) -> Shape:
        return self.rows, self.inputs

    @property
    def state_weight(self) -> Shape:
        return self.rows, self.units

    @property
    def pieces(self) -> tuple[tuple[int, Shape], ...]:
        """Start and shape of each of its four arrays: two matrices, then two biases."""
        second = self.weights + math.prod(self.weight)
        return (
            (self.weights, self.weight),
            (second, self.state_weight),
            (self.biases, (self.rows,)),
            (self.biases + self.rows, (self.rows,)),
        )


def directions_of(attributes: Mapping[str, AttributeValue], inputs: int) -> list[list[Direction]]:
    """Every direction of every layer of an ``RNN``.

    Args:
        attributes: the attributes of the operation.
        inputs: the number of its input values at each step.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> lstm = {"state_size": 16, "num_layers": 2, "mode": "lstm"}
        >>> layers = directions_of(OPERATORS["RNN"].completed(lstm), 28)
        >>> [[each.weight for each in layer] for layer in layers]
        [[(64, 28)], [(64, 16)]]
    """
    units, both = attributes["state_size"], 2 if attributes["bidirectional"] else 1
    rows = GATES[attributes["mode"]] * units
    widths = [inputs] + [units * both] * (attributes["num_layers"] - 1)
    biases = sum(both * rows * (width + units) for width in widths)
    layers: list[list[Direction]] = []
    weights = 0
    for width in widths:
        layers.append([])
        for _ in range(both):
            layers[-1].append(Direction(rows, width, units, weights, biases))
            weights += rows * (width + units)
            biases += 2 * rows
    return layers


def count_of(attributes: Mapping[str, AttributeValue], inputs: int) -> int:
    """The total number of weights of an ``RNN``.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> gru = {"state_size": 2, "num_layers": 1, "mode": "gru"}
        >>> count_of(OPERATORS["RNN"].completed(gru), 3)
        42
    """
    last = directions_of(attributes, inputs)[-1][-1]
    return last.biases + 2 * last.rows


def inputs_of(attributes: Mapping[str, AttributeValue], count: int) -> int:
    """The number of input values at each step of an ``RNN`` with ``count`` weights.

    Raises:
        ValueError: if no such ``RNN`` has that many weights.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> gru = {"state_size": 2, "num_layers": 1, "mode": "gru"}
        >>> inputs_of(OPERATORS["RNN"].completed(gru), 42)
        3
    """
    both = 2 if attributes["bidirectional"] else 1
    column = both * GATES[attributes["mode"]] * attributes["state_size"]
    inputs, rest = divmod(count - count_of(attributes, 0), column)
    if rest or inputs < 1:
        raise ValueError(f"no such layer has {count} weights")
    return int(inputs)


def check_inputs(
    attributes: Mapping[str, AttributeValue],
    data: Shape,
    parameters: Shape,
    states: tuple[Shape, ...],
) -> None:
    """Check that the shapes of an ``RNN``'s inputs fit it.

    Raises:
        ValueError: if they do not.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> gru = OPERATORS["RNN"].completed({"state_size": 2, "num_layers": 1, "mode": "gru"})
        >>> check_inputs(gru, (5, 7, 3), (40,), ((1, 7, 2),))
        Traceback (most recent call last):
            ...
        ValueError: it has 40 weights, not 42
    """
    if len(data) != 3:
        raise ValueError("its input is no sequence (steps, images, numbers)")
    needed = count_of(attributes, data[2])
    if tuple(parameters) != (needed,):
        raise ValueError(f"it has {math.prod(parameters)} weights, not {needed}")
    both = 2 if attributes["bidirectional"] else 1
    begin = (both * attributes["num_layers"], data[1], attributes["state_size"])
    for state in states:
        if tuple(state) != begin:
            raise ValueError(f"it begins with a state of shape {tuple(state)}, not {begin}")


def joined_weights(graph: Graph, node: Operation) -> Optional[list[Variable]]:
    """The variables that are joined to an ``RNN``'s weights as Gluon does it, in order.

    Returns:
        None for another operator, or if the weights are not joined from variables.

    Example:
        >>> graph = Graph((Variable("data", "input"),), (Output(0),))
        >>> joined_weights(graph, Operation("relu", "relu", (Output(0),)))
    """
    if node.operator != "RNN":
        return None
    join = graph.nodes[node.inputs[1].node]
    if not isinstance(join, Operation) or join.operator != JOIN:
        return None
    found = []
    for taken in join.inputs:
        each = graph.nodes[taken.node]
        if isinstance(each, Operation) and is_flattening(each):
            each = graph.nodes[each.inputs[0].node]
        if not isinstance(each, Variable) or each.role != "parameter":
            return None
        found.append(each)
    return found


def is_flattening(node: Operation) -> bool:
    """Whether an operation flattens an array to a vector, as Gluon does with weights.

    Example:
        >>> from mxdigits.graph import operation
        >>> is_flattening(operation("Reshape", "flat", [Output(0)], shape=(-1,)))
        True
    """
    codes = node.attributes.get("shape" if node.operator == "Reshape" else "newshape")
    return node.operator in ("Reshape", "_npx_reshape") and codes == (-1,)


def weight_shapes(attributes: Mapping[str, AttributeValue], inputs: int) -> list[Shape]:
    """The shapes of the arrays that Gluon joins for an ``RNN``, in order.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> gru = {"state_size": 2, "num_layers": 1, "mode": "gru"}
        >>> weight_shapes(OPERATORS["RNN"].completed(gru), 3)
        [(6, 3), (6, 2), (6,), (6,)]
    """
    each = [d for layer in directions_of(attributes, inputs) for d in layer]
    matrices = [shape for d in each for shape in (d.weight, d.state_weight)]
    return matrices + [shape for d in each for shape in ((d.rows,), (d.rows,))]


def with_one_vector(graph: Graph, arrays: Arrays) -> tuple[Graph, dict[str, Numbers]]:
    """A graph for export, in which the weights of each ``RNN`` are one variable, a vector.

    Outputs of final states are left out if no node takes them.

    Args:
        graph: a graph of any operators.
        arrays: the arrays of its variables.

    Returns:
        The graph; and the arrays, with a vector in place of the joined arrays.

    Example:
        >>> graph = Graph((Variable("data", "input"),), (Output(0),))
        >>> with_one_vector(graph, {}) == (graph, {})
        True
    """
    if "RNN" not in graph.operators:
        return graph, dict(arrays)
    held: dict[str, Numbers] = dict(arrays)
    taken = {each for node in graph.operations for each in node.inputs} | {*graph.heads}
    nodes = list(graph.nodes)
    for place, node in enumerate(graph.nodes):
        if not isinstance(node, Operation) or node.operator != "RNN":
            continue
        weights = joined_weights(graph, node)
        if weights is not None and all(each.name in arrays for each in weights):
            join = node.inputs[1].node
            name = f"{node.name}_parameters"
            while name in held and nodes[join].name != name:
                name += "_"
            nodes[join] = Variable(name)
            held[name] = np.concatenate([np.ravel(arrays[each.name]) for each in weights])
        states = any(Output(place, index) in taken for index in (1, 2))
        attributes = Attributes({**node.attributes, "state_outputs": states})
        nodes[place] = replace(node, attributes=attributes)
    graph = in_use(Graph(tuple(nodes), graph.heads))
    names = {*graph.parameters, *graph.auxiliary_states}
    return graph, {name: array for name, array in held.items() if name in names}
