"""Which layers cannot be written for PyTorch."""

from __future__ import annotations

from typing import Optional

from ...backends.graphs.unsupported import Unsupported, layers_without, only_of_mxnet, refuse
from ...graph import Graph, Operation
from .operators import EMITTERS

_RANDOM = "it draws random numbers when it predicts, so that no two answers agree"
HOLDER = "a file for PyTorch cannot hold"


def unsupported(graph: Graph) -> list[Unsupported]:
    """The layers of a graph that have no emitter.

    Example:
        >>> from mxdigits.graph import Output, Variable
        >>> odd = Graph((Variable("data"), Operation("Custom", "mine", (Output(0),))), (Output(1),))
        >>> unsupported(odd)
        [Unsupported(layer='mine', operator='Custom', why='there is no such operator in PyTorch')]
    """
    return layers_without(graph, _why_not)


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
    refuse(unsupported(graph), HOLDER)


def _why_not(node: Operation) -> Optional[str]:
    if why := only_of_mxnet(node):
        return why
    if node.operator.startswith("_random_"):
        return _RANDOM
    if node.operator not in EMITTERS:
        return "there is no such operator in PyTorch"
    return None
