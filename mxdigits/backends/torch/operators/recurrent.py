"""Recurrent layers: ``RNN``, of all its modes, layers and directions."""

from __future__ import annotations

import math
from contextlib import AbstractContextManager, nullcontext
from typing import Optional

import torch
from torch import Tensor

from ....graph.attributes import AttributeValue
from ....graph.recurrent import Direction, check_inputs, directions_of
from .joining import concat
from .types import Draw, Function


def recurrent(
    data: Tensor,
    parameters: Tensor,
    *states: Tensor,
    mode: str,
    bidirectional: bool,
    p: float,
    state_outputs: bool,
    training: bool,
    draw: Optional[Draw],
    **attributes: AttributeValue,
) -> tuple[Tensor, ...]:
    """Recurrent layers over sequences (steps, images, numbers), like MXNet's ``RNN``.

    ``parameters`` are all weights in one vector, ``states`` the initial states: each (layers times
    directions, images, units); an ``lstm`` has two of them. In training, dropout with probability
    ``p`` acts between layers.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> wanted = {"state_size": 1, "num_layers": 1, "mode": "rnn_tanh"}
        >>> attributes = OPERATORS["RNN"].completed(wanted)
        >>> sequence, begin = torch.ones((2, 1, 1)), torch.zeros((1, 1, 1))
        >>> weights = torch.tensor([1.0, 0.5, 0.0, 0.0])
        >>> (given,) = recurrent(sequence, weights, begin, **attributes, training=False, draw=None)
        >>> [f"{each:.3f}" for each in given.ravel()]
        ['0.762', '0.881']
    """
    given = {"mode": mode, "bidirectional": bidirectional, **attributes}
    check_inputs(given, data.shape, parameters.shape, tuple(each.shape for each in states))
    layers = directions_of(given, data.shape[2])
    directions = len(layers[0])
    ends: list[tuple[Tensor, ...]] = []
    for number, layer in enumerate(layers):
        if number and p > 0 and training:
            assert draw is not None
            # Random numbers are drawn by image, so images must be the first axis.
            drawn = draw.uniform(data.transpose(0, 1).shape, by_image=True).transpose(0, 1)
            data = torch.where(drawn < 1 - p, data / (1 - p), 0)
        begin = tuple(e[number * directions : (number + 1) * directions] for e in states)
        weights = [piece for each in layer for piece in _pieces(parameters, each)]
        with _the_same_each_time(data):
            data, *end = _layer(mode, data, begin, weights, training, bidirectional)
        ends.append(tuple(end))
    if not state_outputs:
        return (data,)
    return data, *(torch.cat(each) for each in zip(*ends))


def _pieces(parameters: Tensor, direction: Direction) -> list[Tensor]:
    return [
        parameters.narrow(0, at, math.prod(shape)).reshape(shape) for at, shape in direction.pieces
    ]


def _layer(
    mode: str,
    data: Tensor,
    begin: tuple[Tensor, ...],
    weights: list[Tensor],
    training: bool,
    bidirectional: bool,
) -> tuple[Tensor, ...]:
    # In order: has_biases, num_layers, dropout, train, bidirectional, batch_first.
    options = True, 1, 0.0, training, bidirectional, False
    if mode == "lstm":
        return torch.lstm(data, begin, weights, *options)
    functions = {"gru": torch.gru, "rnn_relu": torch.rnn_relu, "rnn_tanh": torch.rnn_tanh}
    return functions[mode](data, begin[0], weights, *options)


def _the_same_each_time(data: Tensor) -> AbstractContextManager[None]:
    """Without cuDNN, whose recurrent layers do not always give the same bits."""
    if data.device.type != "cuda":
        return nullcontext()
    flags: AbstractContextManager[None] = torch.backends.cudnn.flags(enabled=False)
    return flags


FUNCTIONS: dict[str, Function] = {"RNN": recurrent, "_rnn_param_concat": concat}
