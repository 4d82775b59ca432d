"""Graphs of one operation, to run it alone."""

from __future__ import annotations

from typing import Any

from mxdigits.graph import Graph, Output, Variable, operation


def one(operator: str, *inputs: str, **attributes: Any) -> Graph:
    """One operation of named inputs."""
    variables = [Variable(name, "input" if name == "data" else "parameter") for name in inputs]
    node = operation(operator, "layer", [Output(i) for i in range(len(inputs))], **attributes)
    return Graph((*variables, node), (Output(len(inputs)),))
