"""Recurrent layers."""

from __future__ import annotations

import math

from ....graph.attributes import AttributeValue
from ....graph.recurrent import directions_of, inputs_of
from ..code import Code, Emitter, Layers, Value, options_of, short, variables_of
from .joining import concat

_KINDS = {"gru": "GRU", "lstm": "LSTM", "rnn_relu": "RNN", "rnn_tanh": "RNN"}
_NAMES = "weight_ih", "weight_hh", "bias_ih", "bias_hh"


def recurrent(
    w: Layers,
    data: Value,
    parameters: Value,
    *states: Value,
    mode: str,
    state_size: int,
    num_layers: int,
    bidirectional: bool,
    p: float,
    state_outputs: bool,
    **attributes: AttributeValue,
) -> Code:
    """Recurrent layers over sequences (steps, images, numbers): ``nn.LSTM`` and its like.

    Example:
        >>> import numpy as np
        >>> from mxdigits.graph import OPERATORS
        >>> wanted = {"state_size": 2, "num_layers": 1, "mode": "gru"}
        >>> w = Layers({"w": np.zeros(42, np.float32)}, {}, name="gru")
        >>> begin, attributes = Value(is_zero=True), OPERATORS["RNN"].completed(wanted)
        >>> recurrent(w, Value(rank=3), Value(variable="w"), begin, **attributes).text
        'self.gru($0)[0]'
        >>> w.built
        {'gru': 'nn.GRU(3, 2)'}
    """
    vector = w.array(parameters)
    given = {
        "mode": mode,
        "state_size": state_size,
        "num_layers": num_layers,
        "bidirectional": bidirectional,
    }
    inputs = inputs_of(given, vector.size)
    held = {}
    for number, layer in enumerate(directions_of(given, inputs)):
        for direction, end in zip(layer, ("", "_reverse")):
            for name, (at, shape) in zip(_NAMES, direction.pieces):
                held[f"{name}_l{number}{end}"] = vector[at : at + math.prod(shape)].reshape(shape)
    options = options_of(
        num_layers=(num_layers, 1),
        nonlinearity=("'relu'" if mode == "rnn_relu" else "", ""),
        dropout=(short(p) if p and num_layers > 1 else "", ""),
        bidirectional=(bidirectional, False),
    )
    kind = f"nn.{_KINDS[mode]}({inputs}, {state_size}{options})"
    layer_name = w.module(kind, held, *variables_of(parameters))
    begin = "" if all(each.is_zero for each in states) else ", $2"
    if begin and len(states) > 1:
        begin = ", ($2, $3)"
    text = f"{layer_name}($0{begin})"
    if not state_outputs:
        return Code(f"{text}[0]", data.dtype, 3)
    return Code(f"{w.helper('with_states')}({text})", data.dtype, 3, outputs=1 + len(states))


EMITTERS: dict[str, Emitter] = {"RNN": recurrent, "_rnn_param_concat": concat}
