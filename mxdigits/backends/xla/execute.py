"""Makes a graph a pure function of JAX arrays, to compile, differentiate and map.

Nothing here is compiled: pass the result of :func:`inference_function`, or a function that calls
:func:`evaluate`, to ``jax.jit``.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Mapping
from typing import Callable, Optional

import jax
import numpy as np

from ...arrays import Numbers
from ...graph import OPERATORS, Graph, Operation, Variable
from ..graphs.evaluation import Evaluation, array_of, misfit, states_after
from ..graphs.stochastic import is_stochastic, layer_is_stochastic
from ..graphs.unsupported import check_one_output
from .operators import DRAWS, FUNCTIONS, TAKES_PLATFORM, TAKES_TRAINING
from .operators.normalization import BatchStatistics
from .operators.types import Result
from .support import check_supported
from .types import Array, Arrays, Device

# Products of float32 matrices in full float32; a GPU would otherwise round their factors.
EXACT = "float32"


def inference_function(graph: Graph) -> Callable[..., Array]:
    """The function ``logits(arrays, images, key=None)`` of a network.

    Args:
        graph: one with one input and one head, such as images (N, C, H, W) and logits (N, classes).

    Returns:
        A function of ``arrays``, {name: array} of the parameters and auxiliary states; of the
        input; and of a key for random numbers, if the graph draws any.

    Raises:
        NetworkError: if the graph holds what this backend cannot run; by the function, if a layer
            does not fit its inputs.

    Example:
        >>> import jax.numpy as jnp
        >>> from mxdigits.graph import Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> logits = jax.jit(inference_function(graph))
        >>> logits({"w": jnp.zeros((10, 784))}, jnp.zeros((100, 1, 28, 28))).shape
        (100, 10)
    """
    check_supported(graph)
    check_one_output(graph)
    (name,) = graph.inputs

    def logits(arrays: Arrays, images: Array, key: Optional[Array] = None) -> Array:
        given = {**arrays, name: images}
        return evaluate(graph, given, key=key).outputs[0]

    return logits


def outputs(
    graph: Graph, arrays: Mapping[str, Numbers], images: Numbers, device: Device
) -> Numbers:
    """The output of a graph with one input and one head, as a NumPy array.

    Example:
        >>> from mxdigits.graph import Output, Variable, operation
        >>> relu = operation("relu", "relu", [Output(0)])
        >>> graph = Graph((Variable("data", "input"), relu), (Output(1),))
        >>> outputs(graph, {}, np.array([-1.0, 2.0], np.float32), jax.devices("cpu")[0]).tolist()
        [0.0, 2.0]
    """
    key = jax.random.key(0) if is_stochastic(graph, training=False) else None
    function = jax.jit(functools.partial(inference_function(graph), key=key))
    with jax.default_device(device):
        return np.asarray(function({name: np.asarray(a) for name, a in arrays.items()}, images))


def evaluate(
    graph: Graph,
    arrays: Arrays,
    *,
    training: bool = False,
    key: Optional[Array] = None,
    precision: Optional[str] = EXACT,
    platform: Optional[str] = None,
) -> Evaluation:
    """Run a graph with the arrays of all its variables.

    Args:
        graph: a graph of operators that this backend has.
        arrays: {name of a variable: array}.
        training: whether layers such as dropout act, and statistics are updated.
        key: a key of ``jax.random``; each layer that draws gets its own, by its place in the graph.
        precision: that of matrix products, as for ``jax.default_matmul_precision``; None for the
            process's setting.
        platform: the device's, such as ``gpu``, for operators with a faster method there.

    Raises:
        NetworkError: if a variable has no array, or a layer does not fit its inputs.
        ValueError: if the graph draws random numbers and there is no key.

    Example:
        >>> import jax.numpy as jnp
        >>> from mxdigits.graph import Output, Variable, operation
        >>> relu = operation("relu", "relu", [Output(0)])
        >>> graph = Graph((Variable("data", "input"), relu), (Output(1),))
        >>> evaluate(graph, {"data": jnp.array([-1.0, 2.0])}).outputs[0].tolist()
        [0.0, 2.0]
    """
    if key is None and is_stochastic(graph, training=training):
        raise ValueError("the network draws random numbers: it needs a key")
    exactly = (
        contextlib.nullcontext() if precision is None else jax.default_matmul_precision(precision)
    )
    values: list[tuple[Array, ...]] = []
    measured: list[tuple[Operation, BatchStatistics]] = []
    with exactly:
        for place, node in enumerate(graph.nodes):
            if isinstance(node, Variable):
                values.append((array_of(arrays, node.name),))
                continue
            state: dict[str, object] = {}
            if node.operator in TAKES_TRAINING:
                state["training"] = training
            if node.operator in TAKES_PLATFORM:
                state["platform"] = platform
            if node.operator in DRAWS:
                state["key"] = None
                if key is not None and layer_is_stochastic(node, training):
                    state["key"] = jax.random.fold_in(key, place)
            inputs = [values[each.node][each.index] for each in graph.taken_by(node)]
            result = _applied(node, inputs, state)
            if OPERATORS[node.operator].auxiliary:
                result, statistics = result
                if statistics is not None:
                    measured.append((node, statistics))
            values.append(result if isinstance(result, tuple) else (result,))
    outputs = tuple(values[head.node][head.index] for head in graph.heads)
    return Evaluation(outputs, states_after(graph, arrays, measured, _moved))


def _applied(node: Operation, inputs: list[Array], state: Mapping[str, object]) -> Result:
    try:
        return FUNCTIONS[node.operator](*inputs, **node.attributes, **state)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise misfit(node, inputs, error) from error


def _moved(state: Array, statistic: Array, momentum: float) -> Array:
    return state * momentum + statistic * (1 - momentum)
