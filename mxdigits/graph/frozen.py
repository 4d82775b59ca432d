"""Makes networks, or parts of them, that training leaves unchanged."""

from __future__ import annotations

from collections.abc import Collection
from typing import Optional

from .graph import Graph, Operation, operation


def frozen(graph: Graph) -> Graph:
    """The graph in a form that computes the same in training as in prediction.

    Batch normalisations use their running statistics and do not update them; dropout does nothing.

    Example:
        >>> from .graph import Output, Variable
        >>> drop = operation("Dropout", "drop", [Output(0)], p=0.5)
        >>> graph = Graph((Variable("data", "input"), drop), (Output(1),))
        >>> [node.operator for node in frozen(graph).operations]
        ['_copy']
    """
    return graph.rewritten(_frozen)


def with_fixed_statistics(graph: Graph, names: Collection[str]) -> Graph:
    """The graph with batch normalisations that use their running statistics without updating them.

    Args:
        graph: the graph of a network or of a training step.
        names: the names of running means to fix; other batch normalisations still update theirs.

    Example:
        >>> from .graph import Output, Variable
        >>> nodes = [Variable("data", "input"), Variable("gamma"), Variable("beta")]
        >>> nodes += [Variable("mean", "auxiliary"), Variable("var", "auxiliary")]
        >>> norm = operation("BatchNorm", "norm", [Output(place) for place in range(5)])
        >>> graph = with_fixed_statistics(Graph((*nodes, norm), (Output(5),)), ["mean"])
        >>> graph.nodes[5].attributes["use_global_stats"]
        True
    """

    def fixed(node: Operation) -> Optional[Operation]:
        if node.operator != "BatchNorm" or graph.nodes[node.inputs[3].node].name not in names:
            return None
        return _with_own_statistics(node)

    return graph.rewritten(fixed) if names else graph


def measuring(graph: Graph) -> tuple[Graph, frozenset[str]]:
    """A graph whose running statistics become those of the last training batch; and their names.

    Example:
        >>> from .graph import Output, Variable
        >>> nodes = [Variable("data", "input"), Variable("gamma"), Variable("beta")]
        >>> nodes += [Variable("mean", "auxiliary"), Variable("var", "auxiliary")]
        >>> norm = operation("BatchNorm", "norm", [Output(place) for place in range(5)])
        >>> graph, names = measuring(Graph((*nodes, norm), (Output(5),)))
        >>> graph.nodes[5].attributes["momentum"], sorted(names)
        (0.0, ['mean', 'var'])
    """
    names: set[str] = set()

    def forgetful(node: Operation) -> Optional[Operation]:
        if node.operator != "BatchNorm" or node.attributes["use_global_stats"]:
            return None
        names.update(graph.nodes[each.node].name for each in node.inputs[3:])
        given = {**node.attributes, "momentum": 0.0}
        return operation(node.operator, node.name, node.inputs, **given)

    return graph.rewritten(forgetful), frozenset(names)


def _with_own_statistics(node: Operation) -> Operation:
    given = {**node.attributes, "use_global_stats": True}
    return operation(node.operator, node.name, node.inputs, **given)


def _frozen(node: Operation) -> Optional[Operation]:
    given = dict(node.attributes)
    if node.operator == "BatchNorm":
        return _with_own_statistics(node)
    if node.operator == "Dropout" and given["mode"] == "training":
        return operation("_copy", node.name, node.inputs)
    if node.operator == "LeakyReLU" and given["act_type"] == "rrelu":
        slope = (given["lower_bound"] + given["upper_bound"]) / 2
        return operation(node.operator, node.name, node.inputs, act_type="leaky", slope=slope)
    return None
