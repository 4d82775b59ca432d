"""A graph run by XLA, for comparison with MXNet."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from typing import Optional

import jax
import numpy as np
from backends.mxnet_reference import Arrays, Results, head_gradients

from mxdigits.backends.xla.execute import evaluate
from mxdigits.graph import Graph


def in_float64() -> AbstractContextManager:
    """Arrays of float64 stay so, which JAX does not have by default."""
    if hasattr(jax, "enable_x64"):
        return jax.enable_x64(True)
    from jax.experimental import enable_x64

    return enable_x64()


def run_by_xla(
    graph: Graph,
    arrays: Arrays,
    trained: Collection[str] = (),
    training: bool = True,
    platform: Optional[str] = None,
) -> Results:
    """As :func:`backends.mxnet_reference.run_by_mxnet`, by the way for a platform."""

    def apply(chosen: dict, others: dict) -> tuple:
        key = jax.random.PRNGKey(7)
        given = {**chosen, **others}
        done = evaluate(graph, given, training=training, key=key, platform=platform)
        return done.outputs, done.auxiliary

    @jax.jit
    def run(chosen: dict, others: dict) -> tuple:
        outputs, backward, auxiliary = jax.vjp(lambda c: apply(c, others), chosen, has_aux=True)
        heads = tuple(head_gradients(outputs))
        return outputs, backward(heads)[0] if chosen else {}, auxiliary

    chosen = {name: arrays[name] for name in trained}
    others = {name: array for name, array in arrays.items() if name not in chosen}
    outputs, gradients, auxiliary = run(chosen, others)
    return Results(
        [np.asarray(each) for each in outputs],
        {name: np.asarray(each) for name, each in gradients.items()},
        {name: np.asarray(each) for name, each in auxiliary.items()},
    )
