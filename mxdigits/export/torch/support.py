"""Which layers cannot be written for PyTorch."""

from __future__ import annotations

from typing import Optional

from ...backends.graphs.unsupported import check_layers
from ...graph import Graph, Operation
from .operators import EMITTERS

_RANDOM = "it draws random numbers when it predicts, so that no two answers agree"
HOLDER = "a file for PyTorch cannot hold"


def check_supported(graph: Graph) -> None:
    """Refuse a graph that cannot be written for PyTorch.

    Raises:
        NetworkError: naming each layer, its operator and the reason.

    Example:
        >>> from mxdigits.graph import Output, Variable
        >>> odd = Graph((Variable("data"), Operation("Custom", "mine", (Output(0),))), (Output(1),))
        >>> check_supported(odd)
        Traceback (most recent call last):
            ...
        mxdigits.errors.NetworkError: a file for PyTorch cannot hold layer 'mine' (Custom): ...
    """
    check_layers(graph, _why_not, HOLDER)


def _why_not(node: Operation) -> Optional[str]:
    if node.operator.startswith("_random_"):
        return _RANDOM
    if node.operator not in EMITTERS:
        return "there is no such operator in PyTorch"
    return None
