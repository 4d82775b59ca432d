"""Recurrent layers: ``RNN`` as ONNX's own ``LSTM``, ``GRU`` and ``RNN``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Optional

import numpy as np

from ....graph.attributes import AttributeValue
from ....graph.recurrent import GATES, Direction, check_inputs, directions_of
from ..types import NodeAttribute
from .joining import concat
from .types import Builder, Function, Value

_KINDS = {"gru": "GRU", "lstm": "LSTM", "rnn_relu": "RNN", "rnn_tanh": "RNN"}
# MXNet's gates in ONNX's order. MXNet's order is reset, update and new; for lstm it is enter,
# forget, new and leave.
_ORDER = {"gru": [1, 0, 2], "lstm": [0, 3, 1, 2], "rnn_relu": [0], "rnn_tanh": [0]}


def recurrent(
    g: Builder,
    data: Value,
    parameters: Value,
    *states: Value,
    mode: str,
    bidirectional: bool,
    state_outputs: bool,
    state_size: int,
    **attributes: AttributeValue,
) -> tuple[Value, ...]:
    """Recurrent layers over sequences (steps, images, numbers), like MXNet's ``RNN``.

    ``parameters`` are all weights in one vector, ``states`` the initial states: each (layers times
    directions, images, units); an ``lstm`` has two of them.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> wanted = {"state_size": 2, "num_layers": 1, "mode": "gru"}
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((28, 2, 3), (28, 4, 3)))
        >>> weights, begin = g.constant(np.zeros(42, "f")), g.constant(np.zeros((1, 2, 2), "f"))
        >>> (given,) = recurrent(g, data, weights, begin, **OPERATORS["RNN"].completed(wanted))
        Traceback (most recent call last):
            ...
        ValueError: it begins with a state of shape (1, 2, 2), not (1, 4, 2)
    """
    given = {"mode": mode, "bidirectional": bidirectional, "state_size": state_size, **attributes}
    for probe, shape in enumerate(data.shapes):
        check_inputs(
            given, shape, parameters.shapes[probe], tuple(each.shapes[probe] for each in states)
        )
    options: dict[str, NodeAttribute] = {"hidden_size": state_size}
    if bidirectional:
        options["direction"] = "bidirectional"
    if mode == "gru":
        options["linear_before_reset"] = 1
    if mode == "rnn_relu":
        options["activations"] = ["Relu"] * (1 + bidirectional)
    ends: list[tuple[Value, ...]] = []
    for number, layer in enumerate(directions_of(given, data.size(2))):
        begin = [_of_layer(g, each, number, len(layer)) for each in states]
        weights = [_gates(g, parameters, layer, mode, kind) for kind in (0, 1)]
        biases = [_gates(g, parameters, layer, mode, kind) for kind in (2, 3)]
        count = 1 + (len(states) if state_outputs else 0)
        outputs, *end = g.ops(
            _KINDS[mode], count, data, *weights, _side_by_side(g, biases), None, *begin, **options
        )
        data = _joined(g, outputs)
        ends.append(tuple(end))
    if not state_outputs:
        return (data,)
    return data, *(concat(g, *each, num_args=len(each), dim=0) for each in zip(*ends))


def _of_layer(g: Builder, state: Value, number: int, directions: int) -> Optional[Value]:
    """A layer's initial state; None for zeros, which are ONNX's default."""
    if state.is_zero or (state.constant is not None and not state.constant.any()):
        return None
    begin = number * directions
    if state.size(0) == directions:
        return state
    return g.slice(state, [0], [begin], [begin + directions])


def _gates(
    g: Builder, parameters: Value, layer: Sequence[Direction], mode: str, kind: int
) -> Value:
    """One kind of array of all directions of a layer, a matrix of inputs or of states, or a bias:
    (directions, gates times units, ...), with gates in ONNX's order.
    """
    order, gates = _ORDER[mode], GATES[mode]
    pieces = [direction.pieces[kind] for direction in layer]
    shape = pieces[0][1]
    apart, whole = (gates, shape[0] // gates, *shape[1:]), (1, *shape)
    if parameters.constant is not None:
        arrays = [
            parameters.constant[at : at + math.prod(shape)].reshape(apart)[order].reshape(whole)
            for at, _ in pieces
        ]
        return g.constant(np.concatenate(arrays), f"{g.layer}/weights")
    values = []
    for at, _ in pieces:
        value = g.slice(parameters, [0], [at], [at + math.prod(shape)])
        if order != sorted(order):
            value = g.op("Gather", g.reshape(value, [apart] * 2), np.array(order), axis=0)
        values.append(g.reshape(value, [whole] * 2))
    return concat(g, *values, num_args=len(values), dim=0)


def _side_by_side(g: Builder, biases: Sequence[Value]) -> Value:
    first, second = biases
    if first.constant is not None and second.constant is not None:
        both = np.concatenate([first.constant, second.constant], axis=1)
        return g.constant(both, f"{g.layer}/biases")
    return concat(g, first, second, num_args=2, dim=1)


def _joined(g: Builder, outputs: Value) -> Value:
    """Outputs (steps, directions, images, units) as (steps, images, directions times units)."""
    if outputs.size(1) == 1:
        return g.squeeze(outputs, [1])
    turned = g.op("Transpose", outputs, perm=[0, 2, 1, 3])
    return g.reshape(turned, [(*shape[:2], shape[2] * shape[3]) for shape in turned.shapes])


FUNCTIONS: dict[str, Function] = {"RNN": recurrent, "_rnn_param_concat": concat}
