"""Moves max-pooling before a monotone activation: the same maximum, fewer values to activate.

With a 2x2 window, a quarter of the values are left. Where an activation saturates, values become
equal, and the gradient may go to another of them than before.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from ...graph import Graph, Operation

# Monotone activations: they never fall when their input rises.
_MONOTONE = {"relu", "sigmoid", "softrelu", "softsign", "tanh"}


def pool_first(graph: Graph) -> Graph:
    """The graph with each max-pooling moved before the activation that it follows.

    Example:
        >>> from mxdigits.graph import Output, Variable, operation
        >>> tanh = operation("Activation", "tanh", [Output(0)], act_type="tanh")
        >>> pool = operation("Pooling", "pool", [Output(1)], kernel=(2, 2))
        >>> graph = Graph((Variable("data", "input"), tanh, pool), (Output(2),))
        >>> [node.operator for node in pool_first(graph).operations]
        ['Pooling', 'Activation']
    """
    nodes = list(graph.nodes)
    uses = Counter(each.node for node in graph.operations for each in node.inputs)
    uses.update(head.node for head in graph.heads)
    for place, node in enumerate(nodes):
        if not (isinstance(node, Operation) and _is_max_pooling(node)):
            continue
        below = node.inputs[0].node
        activation = nodes[below]
        if isinstance(activation, Operation) and _is_monotone(activation) and uses[below] == 1:
            # The two nodes swap their operators and stay at their places, so the order of nodes
            # stays valid.
            nodes[below] = replace(node, inputs=activation.inputs)
            nodes[place] = replace(activation, inputs=node.inputs)
    return replace(graph, nodes=tuple(nodes))


def _is_max_pooling(node: Operation) -> bool:
    return node.operator == "Pooling" and node.attributes["pool_type"] == "max"


def _is_monotone(node: Operation) -> bool:
    return node.operator == "Activation" and node.attributes["act_type"] in _MONOTONE
