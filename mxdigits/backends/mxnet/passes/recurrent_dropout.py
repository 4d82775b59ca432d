"""Computes dropout between recurrent layers by MXNet's own ``Dropout``.

On a CPU, the operator ``RNN`` drops nothing, whatever its ``p``. With MXNET_USE_MKLDNN_RNN=0 it
does, but gives different gradients after the same seed. So each of several layers with dropout
between them becomes an ``RNN`` of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ....graph import Graph, Node, Operation, Output, operation
from ....graph.attributes import AttributeValue
from ....graph.graph import has_open_size
from ....graph.recurrent import directions_of


def with_dropout_between(graph: Graph) -> Graph:
    """The same computation, with each dropout inside an ``RNN`` as a separate layer.

    Args:
        graph: the graph of a training step.

    Example:
        >>> from mxdigits.graph import Variable
        >>> variables = [Variable("data", "input"), *map(Variable, "whc")]
        >>> two = operation("RNN", "rnn", [Output(i) for i in range(4)], mode="lstm",
        ...                 state_size=8, num_layers=2, p=0.5)
        >>> graph = with_dropout_between(Graph((*variables, two), (Output(4),)))
        >>> [node.operator for node in graph.operations if node.operator in ("Dropout", "RNN")]
        ['RNN', 'Dropout', 'RNN']
    """
    if not any(map(_drops, graph.operations)):
        return graph
    return _Splitting(graph).run()


def _drops(node: Operation) -> bool:
    attributes = node.attributes
    return node.operator == "RNN" and attributes["p"] > 0 and attributes["num_layers"] > 1


class _Splitting:
    def __init__(self, graph: Graph):
        self._old = graph
        self._new: list[Node] = []
        self._moved: dict[Output, Output] = {}  # old outputs that another node now gives
        self._place: dict[int, int] = {}

    def run(self) -> Graph:
        for place, node in enumerate(self._old.nodes):
            if isinstance(node, Operation) and _drops(node):
                for index, output in enumerate(self._layers(node)):
                    self._moved[Output(place, index)] = output
                continue
            if isinstance(node, Operation):
                node = replace(node, inputs=tuple(map(self._at, node.inputs)))
            self._place[place] = len(self._new)
            self._new.append(node)
        return Graph(tuple(self._new), tuple(map(self._at, self._old.heads)))

    def _layers(self, node: Operation) -> list[Output]:
        """All outputs of an operation, computed layer by layer."""
        given = dict(node.attributes)
        data, parameters, *others = map(self._at, node.inputs)
        count = 2 if given["mode"] == "lstm" else 1
        # The first layer's number of weights is not known here, so places count from the end.
        layers = directions_of(given, 1)
        end = layers[-1][-1].biases + 2 * layers[-1][-1].rows
        bounds = [layer[0].weights - end for layer in layers] + [layers[0][0].biases - end]
        bounds[0] = 0
        ends: list[list[Output]] = []
        for number, layer in enumerate(layers):
            name = f"{node.name}_l{number}"
            biases = layer[0].biases - end, layer[-1].biases + 2 * layer[-1].rows - end
            weights = [
                self._cut(parameters, f"{name}_{kind}", *each)
                for kind, each in (("weights", bounds[number : number + 2]), ("biases", biases))
            ]
            joined = self._add("Concat", f"{name}_parameters", weights, num_args=2, dim=0)
            states = [
                self._state(state, f"{name}_begin{i}", number, len(layer))
                for i, state in enumerate(others[:count])
            ]
            attributes = {**given, "num_layers": 1, "p": 0.0}
            inputs = [data, joined, *states, *others[count:]]
            data = self._add("RNN", name, inputs, **attributes)
            ends.append([replace(data, index=1 + i) for i in range(count)])
            if number + 1 < len(layers):
                data = self._add("Dropout", f"{name}_dropout", [data], p=given["p"])
        if not given["state_outputs"]:
            return [data]
        return [data] + [
            self._add("Concat", f"{node.name}_end{i}", each, num_args=len(each), dim=0)
            for i, each in enumerate(zip(*ends))
        ]

    def _state(self, state: Output, name: str, number: int, directions: int) -> Output:
        source = self._new[state.node]
        if isinstance(source, Operation) and has_open_size(source):
            # MXNet cannot infer the batch size from a slice of these zeros.
            shape = directions, *source.attributes["shape"][1:]
            return self._add("_zeros", name, [], **{**source.attributes, "shape": shape})
        begin = number * directions
        return self._cut(state, name, begin, begin + directions)

    def _cut(self, output: Output, name: str, begin: int, end: int) -> Output:
        limits = {"begin": begin, "end": end or None}
        return self._add("slice_axis", name, [output], axis=0, **limits)

    def _add(
        self, operator: str, name: str, inputs: Sequence[Output], **attributes: AttributeValue
    ) -> Output:
        self._new.append(operation(operator, name, inputs, **attributes))
        return Output(len(self._new) - 1)

    def _at(self, output: Output) -> Output:
        """An output of the old graph in the new graph."""
        if output in self._moved:
            return self._moved[output]
        return replace(output, node=self._place[output.node])
