"""A network as a :class:`Graph`, and MXNet's two files of it, read and written without MXNet.

Whoever executes or exports a network reads its graph: ``nodes`` in order, each a :class:`Variable`
or an :class:`Operation` of one of :data:`OPERATORS`, with its attributes complete. Start reading at
``graph.py``. Nothing here imports MXNet; how a Gluon block becomes a graph stands in
``backends/mxnet``.
"""

from .attributes import Attributes
from .graph import Graph, Node, Operation, Output, Variable, operation
from .operator import Operator
from .operators import OPERATORS

__all__ = [
    "OPERATORS",
    "Attributes",
    "Graph",
    "Node",
    "Operation",
    "Operator",
    "Output",
    "Variable",
    "operation",
]
