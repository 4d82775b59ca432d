"""Rewrites a training graph to be faster on a CPU; it computes the same.

All rewrites change only the graph: the network, its parameters and their shapes stay unchanged.

- Bytes become numbers from 0 to 1 by one vectorised operator instead of two plain ones, if it gives
  the same bits.
- Max-pooling moves before a monotone activation; see :mod:`~mxdigits.backends.graphs.pool_first`.
- Global average pooling becomes a mean. oneDNN's backward pass of the pooling is slow, and gives a
  gradient in a layout that makes the batch normalisations before it slow too.
- Convolutions are computed on channels padded with zeros to a multiple of 16, for which oneDNN has
  direct kernels; for other numbers it multiplies matrices. Sums are the same, except for rounding.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Optional

import numpy as np

from ....arrays import Shape
from ....graph import Graph, Node, Operation, Output, Variable, operation
from ...graphs.pool_first import pool_first
from ..runtime import import_mxnet

mx = import_mxnet()

# oneDNN's direct kernels work on this many channels at a time (AVX-512; half of it for AVX2).
_BLOCK = 16


def optimize_for_cpu(graph: Graph, shapes: Mapping[str, Shape]) -> Graph:
    """The same computation, faster on a CPU.

    Args:
        graph: the graph of a training step.
        shapes: the shapes of its parameters, by name.

    Example:
        >>> from mxdigits.backends.mxnet.networks.symbols import graph_of
        >>> relu = mx.sym.Activation(mx.sym.var("data"), act_type="relu", name="relu")
        >>> pool = mx.sym.Pooling(relu, kernel=(2, 2), pool_type="max", name="pool")
        >>> [node.operator for node in optimize_for_cpu(graph_of(pool), {}).operations]
        ['Pooling', 'Activation']
    """
    graph = _scale_by_dequantizing(graph)
    graph = pool_first(graph)
    graph = _Padding(graph, shapes).run()
    return graph.rewritten(_mean_for_global_average)


def _scale_by_dequantizing(graph: Graph) -> Graph:
    for place, node in enumerate(graph.nodes):
        images = _scaled_batch(graph, node)
        largest = _largest_for_bytes() if images is not None else None
        if images is None or largest is None:
            continue
        # Constants are put before everything else, so all other places move up.
        nodes = [_moved(each, 2) for each in graph.nodes]
        inputs = [_moved_output(images, 2), Output(0), Output(1)]
        nodes[place] = operation("_contrib_dequantize", node.name, inputs)
        constants = _constant("darkest", 0.0), _constant("brightest", largest)
        return Graph((*constants, *nodes), tuple(_moved_output(head, 2) for head in graph.heads))
    return graph


def _scaled_batch(graph: Graph, node: Node) -> Optional[Output]:
    """The images of a batch as bytes, if a node casts them and divides them by 255."""
    scaling = _applied(node, "_mul_scalar")
    cast = scaling and _applied(graph.nodes[scaling.inputs[0].node], "Cast")
    batch = cast and _applied(graph.nodes[cast.inputs[0].node], "take")
    if scaling is None or cast is None or batch is None or scaling.attributes["scalar"] != 1 / 255:
        return None
    return cast.inputs[0] if graph.nodes[batch.inputs[0].node].name == "images" else None


def _moved(node: Node, by: int) -> Node:
    if isinstance(node, Variable):
        return node
    return replace(node, inputs=tuple(_moved_output(each, by) for each in node.inputs))


def _moved_output(output: Output, by: int) -> Output:
    return Output(output.node + by, output.index)


def _constant(name: str, value: float) -> Operation:
    return operation("_full", name, [], shape=(1,), value=value)


@functools.cache
def _largest_for_bytes() -> Optional[float]:
    """The ``max_range`` with which ``contrib.dequantize`` scales every byte exactly by 1/255.

    oneDNN's kernel divides by 255.5, MXNet's own by 255; None if neither is exact.
    """
    images = mx.nd.arange(256).astype("uint8").reshape((1, 1, 16, 16))
    expected = (mx.nd.cast(images, dtype="float32") * (1 / 255)).asnumpy()
    near = np.float32(255.5 / 255)
    for largest in (np.float32(1), near, *(np.nextafter(near, np.float32(end)) for end in (0, 2))):
        scaled = mx.nd.contrib.dequantize(images, mx.nd.zeros(1), mx.nd.array([largest]))
        if np.array_equal(scaled.asnumpy(), expected):
            return float(largest)
    return None


def _mean_for_global_average(node: Operation) -> Optional[Operation]:
    if (
        node.operator == "Pooling"
        and node.attributes["pool_type"] == "avg"
        and node.attributes["global_pool"]
        and node.attributes["layout"] == "NCHW"
    ):
        return operation("mean", node.name, node.inputs, axis=(2, 3), keepdims=True)
    return None


class _Padding:
    """Writes a new graph with wider convolutions.

    A value with surplus channels passes unchanged through operators that treat each channel alike;
    before any other operator, the surplus is sliced off. Gradients of the surplus are dropped where
    the zeros were added, so the parameters get only their own gradients.
    """

    def __init__(self, graph: Graph, shapes: Mapping[str, Shape]):
        self._old = graph
        self._new: list[Node] = []
        self._shapes = shapes
        self._place: dict[int, int] = {}  # old node -> new node
        self._width: dict[int, tuple[int, int]] = {}  # old node -> channels, and with surplus
        self._sliced: dict[int, Output] = {}  # old node -> its output without surplus

    def run(self) -> Graph:
        """The graph with wider convolutions."""
        for index, node in enumerate(self._old.nodes):
            rewritten = self._rewritten(index, node) if isinstance(node, Operation) else node
            self._place[index] = len(self._new)
            self._new.append(rewritten)
        heads = tuple(self._exact(head) for head in self._old.heads)
        return Graph(tuple(self._new), heads)

    def _rewritten(self, index: int, node: Operation) -> Operation:
        if self._is_wide(node) and _each_channel_alike(node):
            self._width[index] = self._width[node.inputs[0].node]
            return replace(node, inputs=(self._wide(node.inputs[0]),))
        if self._pays(node):
            inputs = self._widen(index, node)
            attributes = {**node.attributes, "num_filter": self._width[index][1]}
            return operation("Convolution", node.name, inputs, **attributes)
        return replace(node, inputs=tuple(self._exact(each) for each in node.inputs))

    def _pays(self, node: Operation) -> bool:
        """Whether a node is a convolution that gets the direct kernels by padding."""
        if node.operator != "Convolution":
            return False
        weight = self._old.nodes[node.inputs[1].node]
        if (
            not isinstance(weight, Variable)
            or weight.name not in self._shapes
            or node.attributes["num_group"] != 1
            or node.attributes["layout"] != "NCHW"
        ):
            return False
        outputs, inputs = self._shapes[weight.name][:2]
        inputs_now = self._width.get(node.inputs[0].node, (inputs, inputs))[1]
        changes = outputs % _BLOCK != 0 or inputs_now != inputs
        # With far fewer channels than a block, most would be zeros; inputs are blocks or very few.
        return changes and outputs >= _BLOCK // 2 and (inputs <= 3 or inputs_now % _BLOCK == 0)

    def _widen(self, index: int, node: Operation) -> list[Output]:
        """The inputs of a convolution with padded weight and bias; it also notes the new width."""
        image, weight, *bias = node.inputs
        outputs, inputs, *kernel = self._shapes[self._old.nodes[weight.node].name]
        inputs_now = self._width.get(image.node, (inputs, inputs))[1]
        wide = -(-outputs // _BLOCK) * _BLOCK
        self._width[index] = (outputs, wide)
        tag = f"{node.name}_padded"
        padded = self._join_zeros(
            self._exact(weight), f"{tag}_in", (outputs, inputs_now - inputs, *kernel), axis=1
        )
        padded = self._join_zeros(
            padded, f"{tag}_out", (wide - outputs, inputs_now, *kernel), axis=0
        )
        biases = [
            self._join_zeros(self._exact(b), f"{tag}_bias", (wide - outputs,), axis=0) for b in bias
        ]
        return [self._wide(image), padded, *biases]

    def _join_zeros(self, output: Output, name: str, shape: Shape, axis: int) -> Output:
        if not shape[axis]:
            return output
        zeros = self._add("_zeros", f"{name}_zeros", [], shape=shape)
        return self._add("Concat", name, [output, zeros], num_args=2, dim=axis)

    def _is_wide(self, node: Operation) -> bool:
        return bool(node.inputs) and node.inputs[0].node in self._width

    def _wide(self, output: Output) -> Output:
        return Output(self._place[output.node], output.index)

    def _exact(self, output: Output) -> Output:
        """An old graph's output in the new graph, without surplus channels."""
        old = output.node
        if old not in self._width or self._width[old][0] == self._width[old][1]:
            return self._wide(output)
        if old not in self._sliced:
            self._sliced[old] = self._add(
                "slice_axis",
                f"{self._old.nodes[old].name}_exact",
                [self._wide(output)],
                axis=1,
                begin=0,
                end=self._width[old][0],
            )
        return self._sliced[old]

    def _add(
        self, operator: str, name: str, inputs: Sequence[Output], **attributes: object
    ) -> Output:
        self._new.append(operation(operator, name, inputs, **attributes))
        return Output(len(self._new) - 1)


def _applied(node: Node, operator: str) -> Optional[Operation]:
    """The node, if it is an operation of this operator; else None."""
    return node if isinstance(node, Operation) and node.operator == operator else None


def _each_channel_alike(node: Operation) -> bool:
    return node.operator in ("Activation", "Pooling")
