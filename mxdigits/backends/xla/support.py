"""Finds what this backend cannot run, before anything runs."""

from __future__ import annotations

from typing import Optional

from ...graph import Graph, Operation
from ..graphs.unsupported import check_layers, why_untrainable
from .operators import FUNCTIONS

# JAX has these types only if the whole process is set to use them.
_WIDE = {"float64": "float32", "int64": "int32"}


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
    check_layers(graph, _why_not, "the backend xla cannot run")


def _why_not(node: Operation) -> Optional[str]:
    for name in ("dtype", "out_dtype"):
        wide = node.attributes.get(name)
        if wide in _WIDE:
            return f"it has no {wide}; write {_WIDE[wide]}"
    return why_untrainable(node, FUNCTIONS)
