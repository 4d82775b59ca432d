"""Finds the shapes of common layers' outputs by rules, without a library of arrays.

A rule knows only the usual: what is unusual, or may be a mistake, is left to the library.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Callable, Optional

from ...arrays import Shape
from ...graph import OPERATORS, Graph, Operation, Variable
from ...graph.attributes import AttributeValue
from ...graph.parameter_shapes import parameter_shapes
from .shapes import oriented
from .stochastic import layer_is_stochastic

_Attributes = Mapping[str, AttributeValue]

_BROADCASTING = ("broadcast_add", "broadcast_mul")
_ROUNDED: Mapping[object, Callable[[float], int]] = {"valid": math.floor, "full": math.ceil}


def known_output(node: Operation, taken: Sequence[int]) -> Optional[Shape]:
    """The shape of a layer's output, from that of its first input; None if no rule knows it.

    The sizes may be 0 or less if the input is too small for the layer.

    Example:
        >>> from mxdigits.graph import Output, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0)], num_hidden=10)
        >>> known_output(dense, (5, 1, 28, 28))
        (5, 10)
    """
    rule = _RULES.get(node.operator)
    try:
        return None if rule is None else rule(node.attributes, tuple(taken))
    except (LookupError, TypeError, ValueError):  # a layer that does not fit
        return None


def known_heads(graph: Graph, shapes: Mapping[str, Shape]) -> Optional[tuple[Shape, ...]]:
    """The shapes of a graph's outputs in inference; None if a library has to find them.

    Args:
        graph: any graph.
        shapes: the shapes of its variables, by name.

    Example:
        >>> from mxdigits.graph import Output, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> known_heads(graph, {"data": (5, 784), "w": (10, 784)})
        ((5, 10),)
        >>> known_heads(graph, {"data": (5, 784), "w": (10, 700)}) is None
        True
    """
    found: list[Shape] = []
    for node in graph.nodes:
        if isinstance(node, Variable):
            shape = shapes.get(node.name)
        else:
            taken = graph.taken_by(node)
            if any(each.index for each in taken):
                return None
            shape = _checked(node, [found[each.node] for each in taken])
        if shape is None:
            return None
        found.append(shape)
    if any(head.index for head in graph.heads):
        return None
    return tuple(found[head.node] for head in graph.heads)


def _checked(node: Operation, given: Sequence[Shape]) -> Optional[Shape]:
    """The shape of a layer's only output, if all its inputs are as they should be."""
    operator = OPERATORS[node.operator]
    if not given or operator.outputs(node.attributes) != 1 or layer_is_stochastic(node, False):
        return None
    first, *others = given
    output = known_output(node, first)
    if output is None or min(output, default=0) < 1:
        return None
    try:
        own = parameter_shapes(node, first)
    except ValueError:
        return None
    names = operator.input_names(node.attributes)[1:]
    if len(names) < len(others):
        return None
    if node.operator in _BROADCASTING:
        return _broadcast(first, *others)
    # What is no parameter is another array to combine element by element.
    fits = all(shape == own.get(name, first) for name, shape in zip(names, others))
    return output if fits else None


def _broadcast(first: Shape, second: Shape) -> Optional[Shape]:
    if len(first) != len(second):
        return None
    if any(a != b and 1 not in (a, b) for a, b in zip(first, second)):
        return None
    return tuple(map(max, first, second))


def _dense(attributes: _Attributes, taken: Shape) -> Shape:
    _expect(len(taken) > 1)
    kept = (taken[0],) if attributes["flatten"] else taken[:-1]
    return (*kept, attributes["num_hidden"])


def _convolution(attributes: _Attributes, taken: Shape) -> Shape:
    kernel, groups = attributes["kernel"], attributes["num_group"]
    _expect(len(taken) == 2 + len(kernel) and str(attributes["layout"]).startswith("NC"))
    _expect(taken[1] % groups == 0 and attributes["num_filter"] % groups == 0)
    extents = [(k - 1) * d + 1 for k, d in zip(kernel, attributes["dilate"])]
    padded = [size + 2 * pad for size, pad in zip(taken[2:], attributes["pad"])]
    sizes = [(p - e) // s + 1 for p, e, s in zip(padded, extents, attributes["stride"])]
    return (taken[0], attributes["num_filter"], *sizes)


def _pooling(attributes: _Attributes, taken: Shape) -> Shape:
    _expect(len(taken) > 2 and str(attributes["layout"] or "NC").startswith("NC"))
    if attributes["global_pool"]:
        return (*taken[:2], *(1 for _ in taken[2:]))
    _expect(len(attributes["kernel"]) == len(attributes["pad"]) == len(taken) - 2)
    rounded = _ROUNDED[attributes["pooling_convention"]]
    window = zip(taken[2:], attributes["kernel"], attributes["stride"], attributes["pad"])
    return (*taken[:2], *(rounded((n + 2 * p - k) / s) + 1 for n, k, s, p in window))


def _flat(attributes: _Attributes, taken: Shape) -> Shape:
    _expect(len(taken) > 1)
    return taken[0], math.prod(taken[1:])


def _reshaped(attributes: _Attributes, taken: Shape) -> Shape:
    _expect(bool(attributes["shape"]))  # not the older "target_shape"
    output = oriented(taken, attributes["shape"], attributes["reverse"])
    _expect(math.prod(output) == math.prod(taken))
    return output


def _same(attributes: _Attributes, taken: Shape) -> Shape:
    return taken


def _in_groups(attributes: _Attributes, taken: Shape) -> Shape:
    _expect(len(taken) > 2 and taken[1] % attributes["num_groups"] == 0)
    return taken


def _of_images(attributes: _Attributes, taken: Shape) -> Shape:
    _expect(len(taken) > 2)
    return taken


def _mean(attributes: _Attributes, taken: Shape) -> Shape:
    _expect(attributes["axis"] == (2, 3) and not attributes["keepdims"])
    _expect(len(taken) == 4 and not attributes["exclude"])
    return taken[:2]


def _expect(usual: bool) -> None:
    if not usual:
        raise ValueError


_RULES: Mapping[str, Callable[[_Attributes, Shape], Shape]] = {
    "FullyConnected": _dense,
    "Convolution": _convolution,
    "Pooling": _pooling,
    "Flatten": _flat,
    "Reshape": _reshaped,
    "mean": _mean,
    "GroupNorm": _in_groups,
    "InstanceNorm": _of_images,
    **dict.fromkeys(
        (
            *("Activation", "BatchNorm", "Dropout", "LayerNorm", "LeakyReLU"),
            *("relu", "sigmoid", "tanh", "clip", "elemwise_add", "_copy"),
            *(*_BROADCASTING, "_plus_scalar", "_minus_scalar", "_mul_scalar", "_div_scalar"),
        ),
        _same,
    ),
}
