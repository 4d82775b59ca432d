"""Finds the layers of a graph that draw random numbers, the same for all backends."""

from __future__ import annotations

from ...graph import Graph, Operation


def is_stochastic(graph: Graph, *, training: bool) -> bool:
    """Whether running a graph draws random numbers.

    Example:
        >>> from mxdigits.graph import Output, Variable, operation
        >>> dropout = operation("Dropout", "dropout", [Output(0)])
        >>> graph = Graph((Variable("data", "input"), dropout), (Output(1),))
        >>> is_stochastic(graph, training=True), is_stochastic(graph, training=False)
        (True, False)
    """
    return any(layer_is_stochastic(node, training) for node in graph.operations)


def layer_is_stochastic(node: Operation, training: bool) -> bool:
    """Whether running a layer draws random numbers.

    Example:
        >>> from mxdigits.graph import Output, operation
        >>> half = operation("Dropout", "half", [Output(0)], p=0.5)
        >>> layer_is_stochastic(half, training=True), layer_is_stochastic(half, training=False)
        (True, False)
    """
    attributes = node.attributes
    if node.operator == "Dropout":
        return bool(attributes["p"] > 0 and (training or attributes["mode"] == "always"))
    if node.operator == "LeakyReLU":
        return training and attributes["act_type"] == "rrelu"
    if node.operator == "RNN":  # which applies dropout between its layers
        return bool(training and attributes["p"] > 0 and attributes["num_layers"] > 1)
    return node.operator.startswith("_random_")
