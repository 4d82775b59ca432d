"""A network that is only asked, while another one is trained."""

from __future__ import annotations

from typing import Optional

from .graph import Graph, Operation, operation


def frozen(graph: Graph) -> Graph:
    """The graph in the form in which training does what predicting does.

    Batch normalisations use their statistics and leave them as they are; dropout does nothing.

    Example:
        >>> from .graph import Output, Variable
        >>> drop = operation("Dropout", "drop", [Output(0)], p=0.5)
        >>> graph = Graph((Variable("data", "input"), drop), (Output(1),))
        >>> [node.operator for node in frozen(graph).operations]
        ['_copy']
    """
    return graph.rewritten(_frozen)


def _frozen(node: Operation) -> Optional[Operation]:
    given = dict(node.attributes)
    if node.operator == "BatchNorm":
        return operation(
            node.operator, node.name, node.inputs, **{**given, "use_global_stats": True}
        )
    if node.operator == "Dropout" and given["mode"] == "training":
        return operation("_copy", node.name, node.inputs)
    if node.operator == "LeakyReLU" and given["act_type"] == "rrelu":
        slope = (given["lower_bound"] + given["upper_bound"]) / 2
        return operation(node.operator, node.name, node.inputs, act_type="leaky", slope=slope)
    return None
