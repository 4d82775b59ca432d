"""Rewrites of a training graph that change its speed on a CPU and not what it computes.

All work on the symbol alone: the network, its parameters and their shapes stay as they are.

- Bytes become numbers from 0 to 1 by one vectorised operator instead of two plain ones, where it
  gives the same bits.
- Max-pooling goes before a monotone activation: the same maximum, and a quarter of the values to
  activate for a 2x2 window. Where an activation saturates, equal values may send the gradient to
  another of them.
- Global average pooling becomes a mean. oneDNN's backward pass of it is slow, and leaves a gradient
  in a form for which those of the batch normalisations before it are slow too.
- Convolutions are computed on channels padded with zeros to a multiple of 16, for which oneDNN has
  direct kernels; it multiplies matrices for any other number. Sums are the same, to rounding.
"""

from __future__ import annotations

import ast
import functools
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, Optional

import numpy as np

from ...runtime import import_mxnet

mx = import_mxnet()

Node = dict[str, Any]
Entry = list[int]  # node, output, version

# Activations that never fall where their input rises.
_MONOTONE = {"relu", "sigmoid", "softrelu", "softsign", "tanh"}

# oneDNN's direct kernels work on so many channels at a time (AVX-512; half of it for AVX2).
_BLOCK = 16


def optimize_for_cpu(symbol: Any, shapes: Mapping[str, tuple[int, ...]]) -> Any:
    """The same computation, faster on a CPU.

    Args:
        symbol: a graph.
        shapes: of its parameters, by name.
    """
    graph = json.loads(symbol.tojson())
    _scale_by_dequantizing(graph)
    _pool_first(graph)
    _Padding(graph, shapes).run()
    _mean_for_global_average(graph)
    return mx.sym.load_json(json.dumps(graph))


def _scale_by_dequantizing(graph: Node) -> None:
    nodes: list[Node] = graph["nodes"]
    for node in nodes:
        if node["op"] != "_mul_scalar" or float(node["attrs"]["scalar"]) != 1 / 255:
            continue
        cast = nodes[node["inputs"][0][0]]
        bytes_ = cast["inputs"][0]
        largest = _largest_for_bytes()
        if cast["op"] != "Cast" or not _is_batch(nodes, bytes_) or largest is None:
            continue
        node.update(
            op="_contrib_dequantize",
            attrs={"out_type": "float32"},
            inputs=[bytes_, [-2, 0, 0], [-1, 0, 0]],
        )
        # Constants go before everything else, so all other places move up.
        for each in nodes:
            each["inputs"] = [[place + 2, *rest] for place, *rest in each["inputs"]]
        graph["heads"] = [[place + 2, *rest] for place, *rest in graph["heads"]]
        nodes[:0] = [_constant("darkest", 0.0), _constant("brightest", largest)]
        return


def _is_batch(nodes: list[Node], entry: Entry) -> bool:
    """Whether an entry holds the images of a batch as bytes."""
    node = nodes[entry[0]]
    return bool(node["op"] == "take" and nodes[node["inputs"][0][0]]["name"] == "images")


def _constant(name: str, value: float) -> Node:
    attrs = {"shape": "(1,)", "dtype": "float32", "value": repr(value)}
    return {"op": "_full", "name": name, "attrs": attrs, "inputs": []}


@functools.cache
def _largest_for_bytes() -> Optional[float]:
    """The ``max_range`` for which ``contrib.dequantize`` scales every byte by 1/255 to the bit.

    oneDNN's kernel divides by 255.5, MXNet's own by 255; None where neither does it exactly.
    """
    images = mx.nd.arange(256).astype("uint8").reshape((1, 1, 16, 16))
    expected = (mx.nd.cast(images, dtype="float32") * (1 / 255)).asnumpy()
    near = np.float32(255.5 / 255)
    for largest in (np.float32(1), near, *(np.nextafter(near, np.float32(end)) for end in (0, 2))):
        found = mx.nd.contrib.dequantize(images, mx.nd.zeros(1), mx.nd.array([largest]))
        if np.array_equal(found.asnumpy(), expected):
            return float(largest)
    return None


def _pool_first(graph: Node) -> None:
    nodes: list[Node] = graph["nodes"]
    uses = Counter(entry[0] for node in nodes for entry in node["inputs"])
    uses.update(entry[0] for entry in graph["heads"])
    for pooling in nodes:
        if pooling["op"] != "Pooling" or pooling["attrs"].get("pool_type", "max") != "max":
            continue
        below = pooling["inputs"][0][0]
        activation = nodes[below]
        if (
            activation["op"] == "Activation"
            and activation["attrs"]["act_type"] in _MONOTONE
            and uses[below] == 1
        ):
            # The two nodes swap what they do and stay where they are, so the order stays right.
            for key in ("op", "name", "attrs"):
                activation[key], pooling[key] = pooling[key], activation[key]


def _mean_for_global_average(graph: Node) -> None:
    for node in graph["nodes"]:
        attrs = node.get("attrs", {})
        if (
            node["op"] == "Pooling"
            and attrs.get("pool_type") == "avg"
            and attrs.get("global_pool") in ("True", "1")
            and attrs.get("layout", "None") in ("None", "NCHW")
            and len(ast.literal_eval(attrs["kernel"])) == 2
        ):
            node["op"] = "mean"
            node["attrs"] = {"axis": "(2, 3)", "keepdims": "True"}


class _Padding:
    """Writes a graph anew with wider convolutions.

    A value with surplus channels runs on through operators that treat each channel alike; before
    any other the surplus is sliced off. Gradients of the surplus are dropped where the zeros were
    joined on, so the parameters get just their own.
    """

    def __init__(self, graph: Node, shapes: Mapping[str, tuple[int, ...]]):
        self._graph = graph
        self._old: list[Node] = graph["nodes"]
        self._new: list[Node] = []
        self._shapes = shapes
        self._place: dict[int, int] = {}  # old node -> new node
        self._width: dict[int, tuple[int, int]] = {}  # old node -> its channels, and with surplus
        self._sliced: dict[int, Entry] = {}  # old node -> itself without surplus

    def run(self) -> None:
        """Rewrite the graph in place."""
        for index, node in enumerate(self._old):
            if self._is_wide(node) and _each_channel_alike(node):
                self._width[index] = self._width[node["inputs"][0][0]]
                inputs = [self._wide(node["inputs"][0])]
            elif self._pays(node):
                inputs = self._widen(index, node)
                node = {**node, "attrs": {**node["attrs"]}}
                node["attrs"]["num_filter"] = str(self._width[index][1])
            else:
                inputs = [self._exact(entry) for entry in node["inputs"]]
            self._place[index] = len(self._new)
            self._new.append({**node, "inputs": inputs})
        self._graph["heads"] = [self._exact(entry) for entry in self._graph["heads"]]
        self._graph["nodes"] = self._new
        self._graph["arg_nodes"] = [i for i, n in enumerate(self._new) if n["op"] == "null"]
        self._graph.pop("node_row_ptr", None)

    def _pays(self, node: Node) -> bool:
        """Whether a node is a convolution that reaches the direct kernels by padding."""
        if node["op"] != "Convolution":
            return False
        attrs = node["attrs"]
        weight = self._old[node["inputs"][1][0]]
        if (
            weight["op"] != "null"
            or weight["name"] not in self._shapes
            or len(ast.literal_eval(attrs["kernel"])) != 2
            or attrs.get("num_group", "1") != "1"
            or attrs.get("layout", "None") not in ("None", "NCHW")
        ):
            return False
        outputs, inputs = self._shapes[weight["name"]][:2]
        inputs_now = self._width.get(node["inputs"][0][0], (inputs, inputs))[1]
        changes = outputs % _BLOCK != 0 or inputs_now != inputs
        # Far fewer channels than a block would be mostly zeros; inputs are blocks or few.
        return changes and outputs >= _BLOCK // 2 and (inputs <= 3 or inputs_now % _BLOCK == 0)

    def _widen(self, index: int, node: Node) -> list[Entry]:
        """The inputs of a convolution with its weight and bias padded; notes its width."""
        image, weight, *bias = node["inputs"]
        outputs, inputs, *kernel = self._shapes[self._old[weight[0]]["name"]]
        inputs_now = self._width.get(image[0], (inputs, inputs))[1]
        wide = -(-outputs // _BLOCK) * _BLOCK
        self._width[index] = (outputs, wide)
        tag = f"{node['name']}_padded"
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

    def _join_zeros(self, entry: Entry, name: str, shape: tuple[int, ...], axis: int) -> Entry:
        if not shape[axis]:
            return entry
        zeros = self._add("_zeros", f"{name}_zeros", [], shape=shape, dtype="float32")
        return self._add("Concat", name, [entry, zeros], num_args=2, dim=axis)

    def _is_wide(self, node: Node) -> bool:
        return bool(node["inputs"]) and node["inputs"][0][0] in self._width

    def _wide(self, entry: Entry) -> Entry:
        return [self._place[entry[0]], *entry[1:]]

    def _exact(self, entry: Entry) -> Entry:
        """An entry of the old graph without surplus channels."""
        old = entry[0]
        if old not in self._width or self._width[old][0] == self._width[old][1]:
            return self._wide(entry)
        if old not in self._sliced:
            self._sliced[old] = self._add(
                "slice_axis",
                f"{self._old[old]['name']}_exact",
                [self._wide(entry)],
                axis=1,
                begin=0,
                end=self._width[old][0],
            )
        return self._sliced[old]

    def _add(self, op: str, name: str, inputs: list[Entry], **attrs: Any) -> Entry:
        texts = {key: str(value) for key, value in attrs.items()}
        self._new.append({"op": op, "name": name, "attrs": texts, "inputs": inputs})
        return [len(self._new) - 1, 0, 0]


def _each_channel_alike(node: Node) -> bool:
    return node["op"] in ("Activation", "Pooling")
