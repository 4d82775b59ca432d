"""What MXNet makes of a graph: the reference for every other backend."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np

from mxdigits.backends.mxnet.networks.symbols import symbol_of
from mxdigits.backends.mxnet.runtime import import_mxnet
from mxdigits.graph import Graph

mx = import_mxnet()

Arrays = Mapping[str, np.ndarray]


class Results(NamedTuple):
    """Outputs in order; gradients of the inputs asked for; auxiliary states afterwards."""

    outputs: list[np.ndarray]
    gradients: dict[str, np.ndarray]
    auxiliary: dict[str, np.ndarray]


def head_gradients(outputs: Collection[np.ndarray]) -> list[np.ndarray]:
    """Gradients for outputs: of both signs and different, so that none cancel."""
    return [
        np.cos(np.arange(each.size, dtype=np.float32) + i).reshape(each.shape).astype(each.dtype)
        for i, each in enumerate(outputs)
    ]


def run_by_mxnet(
    graph: Graph, arrays: Arrays, trained: Collection[str] = (), training: bool = True
) -> Results:
    """Run a graph forwards, and backwards from :func:`head_gradients`."""
    own = {name: mx.nd.array(array, dtype=array.dtype) for name, array in arrays.items()}
    symbol = symbol_of(graph)
    if not training and not trained and own:  # without inputs that takes no graph
        # Not by bind: in inference oneDNN there adds up wrongly what two convolutions give.
        given = mx.nd.CachedOp(symbol)(*(own[name] for name in symbol.list_inputs()))
        outputs = [each.asnumpy() for each in (given if isinstance(given, list) else [given])]
        return Results(outputs, {}, {name: own[name].asnumpy() for name in graph.auxiliary_states})
    names = [*graph.inputs, *graph.parameters]
    gradients = {name: mx.nd.zeros_like(own[name]) for name in trained}
    executor = symbol.bind(
        mx.cpu(),
        {name: own[name] for name in names},
        args_grad=gradients,
        grad_req={name: "write" if name in gradients else "null" for name in names},
        aux_states={name: own[name] for name in graph.auxiliary_states},
    )
    outputs = [each.asnumpy() for each in executor.forward(is_train=training)]
    if trained:
        heads = [mx.nd.array(each, dtype=each.dtype) for each in head_gradients(outputs)]
        executor.backward(heads, is_train=training)
    mx.nd.waitall()
    return Results(
        outputs,
        {name: gradient.asnumpy() for name, gradient in gradients.items()},
        {name: own[name].asnumpy() for name in graph.auxiliary_states},
    )


def assert_alike(found: Results, expected: Results, bound: float = 1e-5) -> None:
    """Compare everything; ``bound`` is a share of the largest number of an array.

    Of the largest, because where large terms cancel no order of adding them is right.
    """
    assert len(found.outputs) == len(expected.outputs)
    pairs = [*zip(found.outputs, expected.outputs)]
    for ours, theirs in (
        (found.gradients, expected.gradients),
        (found.auxiliary, expected.auxiliary),
    ):
        assert ours.keys() == theirs.keys()
        pairs += [(ours[name], theirs[name]) for name in theirs]
    for ours, theirs in pairs:
        assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
        if theirs.dtype == np.float16:
            bound = max(bound, 1e-3)
        usual = theirs[np.isfinite(theirs)]
        largest = np.abs(usual.astype(np.float64)).max(initial=0)
        np.testing.assert_allclose(ours, theirs, rtol=bound, atol=bound * min(largest, 1e30))
