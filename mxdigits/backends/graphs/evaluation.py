"""What running a graph gives, for every backend that runs it operation by operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Callable, NamedTuple

from ...errors import NetworkError
from ...foreign import describe
from ...graph import Graph, Operation
from .functions import Array


class Evaluation(NamedTuple):
    """The result of a graph: its heads, and all auxiliary states after training.

    Example:
        >>> import numpy as np
        >>> len(Evaluation((np.zeros((5, 10)),), {}).outputs)
        1
    """

    outputs: tuple[Array, ...]
    auxiliary: dict[str, Array]


def array_of(arrays: Mapping[str, Array], name: str) -> Array:
    """The array of a variable.

    Raises:
        NetworkError: if there is none.

    Example:
        >>> array_of({}, "w")
        Traceback (most recent call last):
            ...
        mxdigits.errors.NetworkError: the network's variable 'w' has no array
    """
    try:
        return arrays[name]
    except KeyError:
        raise NetworkError([f"the network's variable {name!r} has no array"]) from None


def misfit(node: Operation, inputs: Sequence[Array], error: Exception) -> NetworkError:
    """The error to raise where a layer does not fit its inputs.

    Example:
        >>> import numpy as np
        >>> from mxdigits.graph import Output, operation
        >>> relu = operation("relu", "relu", [Output(0)])
        >>> print(misfit(relu, [np.zeros(3)], ValueError("too flat")))
        layer 'relu' (relu) cannot take (3,): ValueError: too flat
    """
    shapes = ", ".join(str(tuple(each.shape)) for each in inputs)
    return NetworkError(
        [f"layer {node.name!r} ({node.operator}) cannot take {shapes}: {describe(error)}"]
    )


def states_after(
    graph: Graph,
    arrays: Mapping[str, Array],
    measured: Sequence[tuple[Operation, Sequence[Array]]],
    moved: Callable[[Array, Array, float], Array],
) -> dict[str, Array]:
    """All auxiliary states of a graph, moved towards the statistics of a batch.

    They move from the last layer to the first, as in MXNet's backward pass; the order matters if
    several layers share a state.

    Args:
        graph: the graph that was run.
        arrays: {name of a variable: array}.
        measured: the layers that measured statistics of the batch, in order, and these.
        moved: gives a state's new value from its value, the statistic and the momentum.

    Example:
        >>> from mxdigits.graph import Output, Variable
        >>> states_after(Graph((Variable("data", "input"),), (Output(0),)), {}, [], max)
        {}
    """
    states = {name: array_of(arrays, name) for name in graph.auxiliary_states}
    for node, statistics in reversed(measured):
        momentum = node.attributes["momentum"]
        for taken, statistic in zip(node.inputs[-len(statistics) :], statistics):
            name = graph.nodes[taken.node].name
            states[name] = moved(states[name], statistic, momentum)
    return states
