"""Measures the time of a network's operators in training, each compiled and run alone by XLA."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from statistics import median

import jax
import jax.numpy as jnp
import numpy as np

from ...graph import Graph, Operation, Output, Variable
from ...graph.operators import OPERATORS
from ..profiling import Measured, OperatorTime, Work, by_time
from .execute import evaluate
from .types import Arrays

_REPEATS = 15
_HOW = (
    "each operator of the network, compiled and run by itself, with its gradient; in a whole step "
    "XLA fuses operators, so the sum is not the time of a step; the loss, the optimizer and the "
    "augmentation are not measured"
)


def profile(work: Work) -> Measured:
    """Measure each operator of the network alone, on the device of the fit.

    >>> profile(work).operators[0].name  # doctest: +SKIP
    'Convolution'
    """
    graph, arrays = work.backend.network()
    images = work.images[: work.batch_size].astype(np.float32) / 255
    with jax.default_device(work.contexts[0]):
        given = {graph.inputs[0]: jnp.asarray(images)}
        given.update({name: jnp.asarray(array) for name, array in arrays.items()})
        return Measured(by_time(_each(graph, given)), _HOW)


def _each(graph: Graph, given: Arrays) -> Iterator[OperatorTime]:
    """Every operation of a graph, timed on the outputs of the operations before it."""
    key = jax.random.key(0)
    values: list[tuple[jax.Array, ...]] = []
    known: dict[object, float] = {}  # equal layers are timed once
    for node in graph.nodes:
        if isinstance(node, Variable):
            values.append((given[node.name],))
            continue
        inputs = [values[each.node][each.index] for each in node.inputs]
        alone = _alone(graph, node)
        values.append(_outputs(alone, inputs, key))
        kind = (node.operator, str(node.attributes), tuple((e.shape, e.dtype) for e in inputs))
        if kind not in known:
            known[kind] = _seconds(alone, inputs, key)
        yield OperatorTime(node.operator, 1, known[kind])


def _alone(graph: Graph, node: Operation) -> Graph:
    """A graph of one operation, whose inputs are variables named 0, 1 and so on."""
    inputs = []
    for place, each in enumerate(node.inputs):
        source = graph.nodes[each.node]
        name = str(place)
        inputs.append(
            replace(source, name=name) if isinstance(source, Variable) else Variable(name)
        )
    taken = tuple(Output(place) for place in range(len(inputs)))
    heads = range(OPERATORS[node.operator].outputs(node.attributes))
    return Graph(
        (*inputs, replace(node, inputs=taken)), tuple(Output(len(inputs), i) for i in heads)
    )


def _outputs(alone: Graph, inputs: list[jax.Array], key: jax.Array) -> tuple[jax.Array, ...]:
    arrays = {str(place): each for place, each in enumerate(inputs)}
    found: tuple[jax.Array, ...] = evaluate(alone, arrays, training=True, key=key).outputs
    return found


def _seconds(alone: Graph, inputs: list[jax.Array], key: jax.Array) -> float:
    """The median time of an operation and its gradients by all inputs that have one."""
    moving = [i for i, each in enumerate(inputs) if jnp.issubdtype(each.dtype, jnp.floating)]

    def forward(*changed: jax.Array) -> tuple[jax.Array, ...]:
        taken = list(inputs)
        for place, each in zip(moving, changed):
            taken[place] = each
        return _outputs(alone, taken, key)

    def both(*changed: jax.Array) -> object:
        outputs, backward = jax.vjp(forward, *changed)
        return outputs, backward(tuple(map(jnp.ones_like, outputs)))

    run = jax.jit(both)
    given = [inputs[place] for place in moving]
    jax.block_until_ready(run(*given))
    times = []
    for _ in range(_REPEATS):
        began = time.perf_counter()
        jax.block_until_ready(run(*given))
        times.append(time.perf_counter() - began)
    return median(times)
