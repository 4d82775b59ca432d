"""The shapes of a graph's parameters for images of a size, without allocating any of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Optional

import jax
import jax.numpy as jnp
import numpy as np

from ...errors import NetworkError, describe
from ...graph import OPERATORS, Graph, Operation, Output, Variable
from ...graph import parameter_shapes as rules
from .execute import draws, evaluate
from .loading import check_sizes
from .support import check_supported

Shape = tuple[int, ...]
_Abstract = tuple[jax.ShapeDtypeStruct, ...]


def parameter_shapes(
    graph: Graph, image_shape: Sequence[int], classes: int, known: Mapping[str, Shape]
) -> dict[str, Shape]:
    """The shape of every parameter and auxiliary state, by name.

    Args:
        graph: from images (n, C, H, W) to logits.
        image_shape: (C, H, W).
        classes: how many logits an image must get.
        known: the shapes that a file gives, of parameters whose layers do not say them.

    Raises:
        NetworkError: if they do not follow, this backend cannot run a layer, or the network does
            not suit such images and classes, or takes too much memory for them.

    Example:
        >>> from mxdigits.graph import operation
        >>> inputs = [Output(0), Output(1), Output(2)]
        >>> dense = operation("FullyConnected", "dense", inputs, num_hidden=10)
        >>> nodes = Variable("data", "input"), Variable("w"), Variable("b"), dense
        >>> parameter_shapes(Graph(nodes, (Output(3),)), (1, 28, 28), 10, {})
        {'w': (10, 784), 'b': (10,)}
    """
    check_supported(graph)
    if draws(graph, training=False):
        raise NetworkError(["the network draws random numbers when it predicts"])
    shapes: dict[str, Shape] = dict(known)
    outputs: list[Optional[_Abstract]] = []
    for node in graph.nodes:
        if isinstance(node, Variable):
            given = (2, *image_shape) if node.role == "input" else shapes.get(node.name)
            outputs.append(None if given is None else (_abstract(given),))
        else:
            outputs.append(_outputs(graph, node, outputs, shapes))
    try:
        stand_ins = {name: np.broadcast_to(np.float32(0), shape) for name, shape in shapes.items()}
        check_sizes(graph, stand_ins, image_shape, classes)
    except ValueError as error:
        raise NetworkError([str(error)]) from None
    return shapes


def _outputs(
    graph: Graph,
    node: Operation,
    outputs: list[Optional[_Abstract]],
    shapes: dict[str, Shape],
) -> _Abstract:
    """What a node gives; enters the shapes of its parameters into ``shapes`` and ``outputs``."""
    _shape_parameters(graph, node, outputs, shapes)
    taken = []
    for each in node.inputs:
        there = outputs[each.node]
        if there is None:
            raise NetworkError(
                [
                    f"the shape of the parameter {graph.nodes[each.node].name!r} does not follow "
                    "from its layer; the file has to give it as __shape__"
                ]
            )
        taken.append(there[each.index])
    alone = _alone(node)
    given = {str(place): each for place, each in enumerate(taken)}
    try:
        found: _Abstract = jax.eval_shape(lambda arrays: evaluate(alone, arrays).outputs, given)
    except NetworkError:
        raise
    except Exception as error:
        raise NetworkError([f"layer {node.name!r} ({node.operator}): {describe(error)}"]) from error
    return found


def _shape_parameters(
    graph: Graph,
    node: Operation,
    outputs: list[Optional[_Abstract]],
    shapes: dict[str, Shape],
) -> None:
    first = outputs[node.inputs[0].node] if node.inputs else None
    if first is None:
        return
    try:
        given = rules.parameter_shapes(node, first[node.inputs[0].index].shape)
    except ValueError as error:
        raise NetworkError([str(error)]) from None
    for name, each in zip(OPERATORS[node.operator].input_names(node.attributes), node.inputs):
        variable = graph.nodes[each.node]
        if name in given and isinstance(variable, Variable) and outputs[each.node] is None:
            shapes[variable.name] = given[name]
            outputs[each.node] = (_abstract(given[name]),)


def _alone(node: Operation) -> Graph:
    """A graph of one operation, whose inputs are variables named 0, 1 and so on."""
    inputs = [Variable(str(place)) for place in range(len(node.inputs))]
    taken = tuple(Output(place) for place in range(len(inputs)))
    outputs = range(OPERATORS[node.operator].outputs(node.attributes))
    return Graph(
        (*inputs, replace(node, inputs=taken)),
        tuple(Output(len(inputs), index) for index in outputs),
    )


def _abstract(shape: Sequence[int]) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(tuple(shape), jnp.float32)
