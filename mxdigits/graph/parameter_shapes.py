"""The shapes of layers' own parameters, from the shape of the layer's input.

The shape of a parameter of another operator, such as a sum, cannot be found so: a file has to say
it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Callable

from ..arrays import Shape
from .attributes import AttributeValue
from .graph import Graph, Operation, Variable
from .recurrent import count_of, joined_weights, weight_shapes


def parameter_shapes(node: Operation, taken: Sequence[int]) -> dict[str, Shape]:
    """The shape of each input except the first, by the operator's name for it.

    Args:
        node: an operation.
        taken: the shape of its first input, batch included.

    Returns:
        An empty dict for an operator that has no parameters of its own.

    Raises:
        ValueError: if the layer cannot take such an input.

    Example:
        >>> from mxdigits.graph import Output, operation
        >>> dense = operation("FullyConnected", "dense", [Output(i) for i in range(3)],
        ...                   num_hidden=10)
        >>> parameter_shapes(dense, (2, 1, 28, 28))
        {'weight': (10, 784), 'bias': (10,)}
    """
    rule = _RULES.get(node.operator)
    if rule is None:
        return {}
    try:
        return rule(node.attributes, tuple(taken))
    except IndexError:
        shape = "x".join(map(str, taken))
        raise ValueError(f"{node.name!r} ({node.operator}) cannot take {shape}") from None


def unshaped_parameters(graph: Graph) -> frozenset[str]:
    """The names of the parameters whose shapes a file has to give, because no layer implies them.

    Example:
        >>> from mxdigits.graph import Output, operation
        >>> added = operation("broadcast_add", "added", [Output(0), Output(1)])
        >>> graph = Graph((Variable("data", "input"), Variable("offset"), added), (Output(2),))
        >>> sorted(unshaped_parameters(graph))
        ['offset']
    """
    own = {
        each.node
        for node in graph.operations
        if node.operator in _RULES and node.operator != "LeakyReLU"
        for each in node.inputs[1 : 2 if node.operator == "RNN" else None]
    }
    joined = {each.name for node in graph.operations for each in joined_weights(graph, node) or ()}
    return frozenset(
        node.name
        for place, node in enumerate(graph.nodes)
        if isinstance(node, Variable)
        and node.role != "input"
        and place not in own
        and node.name not in joined
    )


def recurrent_shapes(graph: Graph, node: Operation, taken: Sequence[int]) -> dict[str, Shape]:
    """The shapes of the variables that are joined to the weights of an ``RNN``, by name.

    Args:
        graph: the operation's graph.
        node: any operation.
        taken: the shape of its first input: (steps, batch, numbers).

    Returns:
        An empty dict for another operator, or if the weights are not joined from variables.

    Example:
        >>> recurrent_shapes(Graph((), ()), Operation("relu", "relu", ()), (2, 3))
        {}
    """
    variables = joined_weights(graph, node)
    if variables is None or len(taken) != 3:
        return {}
    shapes = weight_shapes(node.attributes, taken[2])
    return {each.name: shape for each, shape in zip(variables, shapes)}


def _dense(attributes: Mapping[str, AttributeValue], taken: Shape) -> dict[str, Shape]:
    units = attributes["num_hidden"]
    width = math.prod(taken[1:]) if attributes["flatten"] else taken[-1]
    return {"weight": (units, width), "bias": (units,)}


def _convolution(attributes: Mapping[str, AttributeValue], taken: Shape) -> dict[str, Shape]:
    filters, groups = attributes["num_filter"], attributes["num_group"]
    weight = (filters, taken[1] // groups, *attributes["kernel"])
    return {"weight": weight, "bias": (filters,)}


def _deconvolution(attributes: Mapping[str, AttributeValue], taken: Shape) -> dict[str, Shape]:
    filters, groups = attributes["num_filter"], attributes["num_group"]
    weight = (taken[1], filters // groups, *attributes["kernel"])
    return {"weight": weight, "bias": (filters,)}


def _along(*names: str) -> Callable[[Mapping[str, AttributeValue], Shape], dict[str, Shape]]:
    """A rule for parameters with one number for each place on the operator's axis or channel."""

    def rule(attributes: Mapping[str, AttributeValue], taken: Shape) -> dict[str, Shape]:
        return dict.fromkeys(names, (taken[attributes.get("axis", 1)],))

    return rule


def _groups(attributes: Mapping[str, AttributeValue], taken: Shape) -> dict[str, Shape]:
    return dict.fromkeys(("gamma", "beta"), (attributes["num_groups"],))


def _recurrent(attributes: Mapping[str, AttributeValue], taken: Shape) -> dict[str, Shape]:
    return {"parameters": (count_of(attributes, taken[2]),)}


_RULES: Mapping[str, Callable[[Mapping[str, AttributeValue], Shape], dict[str, Shape]]] = {
    "BatchNorm": _along("gamma", "beta", "moving_mean", "moving_var"),
    "Convolution": _convolution,
    "Deconvolution": _deconvolution,
    "Embedding": lambda attributes, taken: {
        "weight": (attributes["input_dim"], attributes["output_dim"])
    },
    "FullyConnected": _dense,
    "GroupNorm": _groups,
    "InstanceNorm": _along("gamma", "beta"),
    "LayerNorm": _along("gamma", "beta"),
    "LeakyReLU": lambda attributes, taken: {"gamma": (taken[1],)},
    "RNN": _recurrent,
}
