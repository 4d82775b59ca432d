"""Max-pooling before a monotone activation: the same maximum, and fewer values to activate.

A quarter of them for a 2x2 window. Where an activation saturates, equal values may send the
gradient to another of them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from ...graph import Graph, Operation

# Activations that never fall where their input rises.
_MONOTONE = {"relu", "sigmoid", "softrelu", "softsign", "tanh"}


def pool_first(graph: Graph) -> Graph:
    """The same computation, with each max-pooling before the activation that it follows.

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
            # The two nodes swap what they do and stay where they are, so the order stays right.
            nodes[below] = replace(node, inputs=activation.inputs)
            nodes[place] = replace(activation, inputs=node.inputs)
    return replace(graph, nodes=tuple(nodes))


def _is_max_pooling(node: Operation) -> bool:
    return node.operator == "Pooling" and node.attributes["pool_type"] == "max"


def _is_monotone(node: Operation) -> bool:
    return node.operator == "Activation" and node.attributes["act_type"] in _MONOTONE
