"""Shared by all backends: the order of parameters, and how to copy weights between networks."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Union

from ..arrays import Arrays
from ..errors import RunFolderError
from .network import GraphNetwork

if TYPE_CHECKING:
    from ..graph import Graph


def natural_key(name: str) -> list[Union[str, int]]:
    """The key to sort names by, of text and numbers in turn: ``dense9`` before ``dense10``.

    Example:
        >>> sorted(["dense10", "dense9"], key=natural_key)
        ['dense9', 'dense10']
    """
    return [int(piece) if at % 2 else piece for at, piece in enumerate(re.split(r"(\d+)", name))]


def with_weights(
    network: GraphNetwork, graph: Graph, arrays: Arrays, source: object
) -> GraphNetwork:
    """A network with the parameters and statistics of another of the same architecture.

    They are matched by their place in the graph, because names differ between processes.

    Args:
        network: the network whose weights are replaced.
        graph: the other network's graph.
        arrays: the other network's arrays.
        source: the other network's file, for messages.

    Raises:
        RunFolderError: if the networks have different architectures.

    Example:
        >>> import numpy as np
        >>> from mxdigits.graph import Graph, Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=2, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> network = GraphNetwork(graph, {"w": np.zeros((2, 3), np.float32)})
        >>> with_weights(network, graph, {"w": np.ones((2, 3))}, "net.params").arrays["w"].tolist()
        [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    """
    ours, theirs = network.graph.variables_in_use(), graph.variables_in_use()
    if len(ours) != len(theirs):
        raise RunFolderError(
            f"{source} holds another network: it has {len(theirs)} arrays of parameters, "
            f"this one {len(ours)}"
        )
    taken = {}
    for own, other in zip(ours, theirs):
        if network.arrays[own].shape != arrays[other].shape:
            raise RunFolderError(
                f"{source} holds another network: its {other} is of shape {arrays[other].shape}, "
                f"here it is {network.arrays[own].shape}"
            )
        taken[own] = arrays[other].astype(network.arrays[own].dtype)
    return replace(network, arrays=taken)
