"""Estimates how long a network computes, before it runs, to decide if a race is worth it."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from typing import Callable, Optional

import numpy as np

from ...arrays import Shape
from ...graph import Graph, Operation, Variable
from ...graph.attributes import AttributeValue
from ...graph.parameter_shapes import parameter_shapes
from ..cpus import usable_cpus

_Attributes = Mapping[str, AttributeValue]

# Matrix products of this size, repeated for this many seconds, measure a processor's speed.
_SIZE = 512
_SECONDS = 0.02


def operations(graph: Graph, image_shape: Sequence[int]) -> Optional[float]:
    """The additions and multiplications of a network's products and convolutions per image.

    Args:
        graph: a graph from images (n, C, H, W) to logits.
        image_shape: (C, H, W).

    Returns:
        None if the size of an array depends on an operator that is not known here.

    Example:
        >>> from mxdigits.graph import Output, operation
        >>> inputs = [Output(0), Output(1), Output(2)]
        >>> dense = operation("FullyConnected", "dense", inputs, num_hidden=10)
        >>> nodes = Variable("data", "input"), Variable("w"), Variable("b"), dense
        >>> operations(Graph(nodes, (Output(3),)), (1, 28, 28))
        15680.0
    """
    total = 0.0
    shapes: list[Optional[Shape]] = []
    try:
        for node in graph.nodes:
            if isinstance(node, Variable):
                shapes.append((1, *image_shape) if node.role == "input" else None)
                continue
            taken = shapes[node.inputs[0].node] if node.inputs else None
            if taken is None or node.operator not in _GIVEN:
                shapes.append(None)
                if node.operator in _COUNTED:
                    return None
                continue
            given = _GIVEN[node.operator](node.attributes, taken)
            if min(given) < 1:
                return None
            shapes.append(given)
            if node.operator in _COUNTED:
                total += 2 * _products(node, taken, given)
    except (LookupError, TypeError, ValueError):  # a layer that does not fit the images
        return None
    return total


def processor_speed() -> float:
    """The float32 additions and multiplications per second of all CPUs together.

    It is measured by NumPy's matrix product in CPU time, so other programs do not affect it.

    Example:
        >>> processor_speed() > 1e8
        True
    """
    matrix = np.ones((_SIZE, _SIZE), np.float32)
    shortest, until = math.inf, time.perf_counter() + _SECONDS
    while shortest == math.inf or time.perf_counter() < until:
        began = time.process_time()
        matrix @ matrix
        shortest = min(shortest, time.process_time() - began)
    return usable_cpus() * 2 * _SIZE**3 / shortest


def _products(node: Operation, taken: Shape, given: Shape) -> int:
    """The multiplications of a layer: for each output, one for each weight of its filter."""
    weight = parameter_shapes(node, taken)["weight"]
    return math.prod(given) * math.prod(weight[1:])


def _dense(attributes: _Attributes, taken: Shape) -> Shape:
    kept = (taken[0],) if attributes["flatten"] else taken[:-1]
    return (*kept, attributes["num_hidden"])


def _convolution(attributes: _Attributes, taken: Shape) -> Shape:
    extents = [(k - 1) * d + 1 for k, d in zip(attributes["kernel"], attributes["dilate"])]
    padded = [size + 2 * pad for size, pad in zip(taken[2:], attributes["pad"])]
    sizes = [(p - e) // s + 1 for p, e, s in zip(padded, extents, attributes["stride"])]
    return (taken[0], attributes["num_filter"], *sizes)


def _pooling(attributes: _Attributes, taken: Shape) -> Shape:
    if attributes["global_pool"]:
        return (*taken[:2], *(1 for _ in taken[2:]))
    rounded: Callable[[float], int] = (
        math.ceil if attributes["pooling_convention"] == "full" else math.floor
    )
    window = zip(taken[2:], attributes["kernel"], attributes["stride"], attributes["pad"])
    return (*taken[:2], *(rounded((n + 2 * p - k) / s) + 1 for n, k, s, p in window))


def _same(attributes: _Attributes, taken: Shape) -> Shape:
    return taken


def _mean(attributes: _Attributes, taken: Shape) -> Shape:
    if attributes["axis"] != (2, 3) or attributes["keepdims"] or attributes["exclude"]:
        raise ValueError("another mean")
    return taken[:2]


_COUNTED = ("FullyConnected", "Convolution")
_GIVEN: Mapping[str, Callable[[_Attributes, Shape], Shape]] = {
    "FullyConnected": _dense,
    "Convolution": _convolution,
    "Pooling": _pooling,
    "Flatten": lambda attributes, taken: (taken[0], math.prod(taken[1:])),
    "mean": _mean,
    **dict.fromkeys(
        (
            *("Activation", "BatchNorm", "Dropout", "GroupNorm", "InstanceNorm", "LayerNorm"),
            *("LeakyReLU", "relu", "sigmoid", "tanh", "clip", "elemwise_add", "_copy"),
            *("broadcast_mul", "_plus_scalar", "_minus_scalar", "_mul_scalar", "_div_scalar"),
        ),
        _same,
    ),
}
