"""Estimates how long a network computes, before it runs, to decide if a race is worth it."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Optional

import numpy as np

from ...arrays import Shape
from ...graph import Graph, Operation, Variable
from ...graph.parameter_shapes import parameter_shapes
from ..cpus import usable_cpus
from ..graphs.known_shapes import known_output

_COUNTED = ("FullyConnected", "Convolution")
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
    for node in graph.nodes:
        if isinstance(node, Variable):
            shapes.append((1, *image_shape) if node.role == "input" else None)
            continue
        taken = shapes[node.inputs[0].node] if node.inputs else None
        given = None if taken is None else known_output(node, taken)
        shapes.append(given)
        if given is not None and min(given) < 1:
            return None
        if node.operator in _COUNTED:
            if taken is None or given is None:
                return None
            try:
                total += 2 * _products(node, taken, given)
            except ValueError:  # a layer that does not fit the images
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
