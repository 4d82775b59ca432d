"""Finds what this backend cannot run, before anything runs."""

from __future__ import annotations

from ...graph import Graph
from ..graphs.unsupported import check_layers, why_untrainable
from .operators import FUNCTIONS


def check_supported(graph: Graph) -> None:
    """Refuse a graph that this backend cannot run.

    Raises:
        NetworkError: naming each layer, its operator and the reason.

    Example:
        >>> from mxdigits.graph import Operation, Variable, Output
        >>> odd = Graph((Variable("data"), Operation("Custom", "mine", (Output(0),))), (Output(1),))
        >>> check_supported(odd)
        Traceback (most recent call last):
            ...
        mxdigits.errors.NetworkError: the backend torch cannot run layer 'mine' (Custom): it has ...
    """
    check_layers(
        graph, lambda node: why_untrainable(node, FUNCTIONS), "the backend torch cannot run"
    )
