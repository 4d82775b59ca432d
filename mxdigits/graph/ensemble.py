"""An ensemble: several networks in one graph."""

from __future__ import annotations

from collections.abc import Sequence

from ..arrays import Arrays
from .building import INPUT, GraphBuilder
from .graph import Graph

# A probability too small to matter, but large enough for a finite logarithm.
_LEAST = 1e-30


def mean_of(members: Sequence[tuple[Graph, Arrays]]) -> tuple[Graph, Arrays]:
    """The network that gives the mean of several networks' probabilities.

    Args:
        members: graphs from ``data`` to logits, each with its arrays by their names in the graph;
            at least one.

    Returns:
        A graph from ``data`` to the logarithms of the mean probabilities, which serve as logits;
        and its arrays. Those of the first member have names that begin with ``member0_``.

    Example:
        >>> build = GraphBuilder()
        >>> same = build.graph(build.variable("data", "input"))
        >>> graph, _ = mean_of([(same, {}), (same, {})])
        >>> [node.operator for node in graph.operations]
        ['softmax', 'softmax', 'add_n', '_mul_scalar', 'clip', 'log']
    """
    build = GraphBuilder()
    x = build.variable(INPUT, "input")
    arrays = {}
    probabilities = []
    for number, (graph, own) in enumerate(members):
        prefix = f"member{number}_"
        probabilities.append(build("softmax", build.copy(graph, x, prefix), name=f"{prefix}prob"))
        arrays.update({f"{prefix}{name}": array for name, array in own.items()})
    mean = build("add_n", *probabilities, num_args=len(members)) * (1 / len(members))
    return build.graph(build("log", build("clip", mean, a_min=_LEAST, a_max=1))), arrays
