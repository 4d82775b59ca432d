"""Recurrent layers: ``RNN``, of all its modes, layers and directions."""

from __future__ import annotations

import math
from typing import Callable, Optional

import jax
import jax.numpy as jnp
from jax import lax

from ....graph.attributes import AttributeValue
from ....graph.recurrent import Direction, check_inputs, directions_of
from .joining import concat
from .types import Array, Function

# A step: from the state, the inputs' part of the gates, and the states' part, to the new state.
States = tuple[Array, ...]
Step = Callable[[States, Array, Array], States]


def recurrent(
    data: Array,
    parameters: Array,
    *states: Array,
    mode: str,
    p: float,
    state_outputs: bool,
    training: bool,
    key: Optional[Array],
    **attributes: AttributeValue,
) -> tuple[Array, ...]:
    """Recurrent layers over sequences (steps, images, numbers), like MXNet's ``RNN``.

    ``parameters`` are all weights in one vector, ``states`` the initial states: each (layers times
    directions, images, units); an ``lstm`` has two of them. In training, dropout with probability
    ``p`` acts between layers.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> wanted = {"state_size": 1, "num_layers": 1, "mode": "rnn_tanh"}
        >>> attributes = OPERATORS["RNN"].completed(wanted)
        >>> sequence, begin = jnp.ones((2, 1, 1)), jnp.zeros((1, 1, 1))
        >>> weights = jnp.array([1.0, 0.5, 0.0, 0.0])
        >>> (given,) = recurrent(sequence, weights, begin, **attributes, training=False, key=None)
        >>> [f"{each:.3f}" for each in given.ravel()]
        ['0.762', '0.881']
    """
    attributes["mode"] = mode
    check_inputs(attributes, data.shape, parameters.shape, tuple(each.shape for each in states))
    layers = directions_of(attributes, data.shape[2])
    ends: list[States] = []
    for number, layer in enumerate(layers):
        if number and p > 0 and training:
            assert key is not None
            kept = jax.random.bernoulli(jax.random.fold_in(key, number), 1 - p, data.shape)
            data = jnp.where(kept, data / (1 - p), jnp.zeros_like(data))
        given: list[Array] = []
        for direction in layer:
            begin = tuple(each[len(ends)] for each in states)
            backwards = len(given) == 1
            outputs, end = _through(data, parameters, direction, begin, _STEPS[mode], backwards)
            given.append(outputs)
            ends.append(end)
        data = jnp.concatenate(given, axis=2) if len(given) > 1 else given[0]
    if not state_outputs:
        return (data,)
    return data, *(jnp.stack(each) for each in zip(*ends))


def _through(
    data: Array,
    parameters: Array,
    direction: Direction,
    begin: States,
    step: Step,
    backwards: bool,
) -> tuple[Array, States]:
    """One direction of a layer: its outputs (steps, images, units), and the state at its end."""
    weight, state_weight, bias, state_bias = (
        lax.dynamic_slice_in_dim(parameters, at, math.prod(shape)).reshape(shape)
        for at, shape in direction.pieces
    )
    gates = jnp.matmul(data, weight.T) + bias  # for all steps at once

    def stepped(state: States, given: Array) -> tuple[States, Array]:
        state = step(state, given, jnp.matmul(state[0], state_weight.T) + state_bias)
        return state, state[0]

    end, outputs = lax.scan(stepped, begin, gates, reverse=backwards)
    return outputs, end


def _plain(activation: Callable[[Array], Array]) -> Step:
    return lambda state, given, own: (activation(given + own),)


def _gru(state: States, given: Array, own: Array) -> States:
    reset, update, new = jnp.split(given, 3, axis=-1)
    own_reset, own_update, own_new = jnp.split(own, 3, axis=-1)
    share = jax.nn.sigmoid(update + own_update)
    candidate = jnp.tanh(new + jax.nn.sigmoid(reset + own_reset) * own_new)
    return ((1 - share) * candidate + share * state[0],)


def _lstm(state: States, given: Array, own: Array) -> States:
    enter, forget, new, leave = jnp.split(given + own, 4, axis=-1)
    kept = jax.nn.sigmoid(forget) * state[1]
    cell = kept + jax.nn.sigmoid(enter) * jnp.tanh(new)
    return jax.nn.sigmoid(leave) * jnp.tanh(cell), cell


_STEPS: dict[str, Step] = {
    "gru": _gru,
    "lstm": _lstm,
    "rnn_relu": _plain(jax.nn.relu),
    "rnn_tanh": _plain(jnp.tanh),
}


FUNCTIONS: dict[str, Function] = {"RNN": recurrent, "_rnn_param_concat": concat}
