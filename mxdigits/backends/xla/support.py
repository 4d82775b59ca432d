"""Finds what this backend cannot run, before anything runs."""

from __future__ import annotations

from typing import Optional

from ...graph import Graph, Operation
from ..graphs.unsupported import Unsupported, layers_without, only_of_mxnet, refuse
from .operators import FUNCTIONS

# JAX has these types only if the whole process is set to use them.
_WIDE = {"float64": "float32", "int64": "int32"}


def unsupported(graph: Graph) -> list[Unsupported]:
    """The layers of a graph that this backend cannot run; empty if it can run the graph.

    Example:
        >>> from mxdigits.graph import Operation, Variable, Output
        >>> odd = Graph((Variable("data"), Operation("Custom", "mine", (Output(0),))), (Output(1),))
        >>> unsupported(odd)
        [Unsupported(layer='mine', operator='Custom', why='it has no such operator')]
    """
    return layers_without(graph, _why_not)


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
        mxdigits.errors.NetworkError: the backend xla cannot run layer 'mine' (Custom): it has ...
    """
    refuse(unsupported(graph), "the backend xla cannot run")


def _why_not(node: Operation) -> Optional[str]:
    if why := only_of_mxnet(node):
        return why
    if node.operator not in FUNCTIONS:
        return "it has no such operator"
    for name in ("dtype", "out_dtype"):
        wide = node.attributes.get(name)
        if wide in _WIDE:
            return f"it has no {wide}; write {_WIDE[wide]}"
    if node.operator == "SoftmaxOutput" and node.attributes["out_grad"]:
        # MXNet 1.9.1 multiplies by the output instead of its gradient.
        return "it has no out_grad; leave it out"
    return None
