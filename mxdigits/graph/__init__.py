"""A network as a :class:`Graph`, and MXNet's two files of it, read and written without MXNet.

Whoever executes or exports a network reads its graph: ``nodes`` in order, each a :class:`Variable`
or an :class:`Operation` of one of :data:`OPERATORS`, with its attributes complete. Start reading at
``graph.py``.

- ``operators/`` lists the operators with their inputs, attributes and defaults, family by family;
  ``operator.py`` says what an operator is, and ``attributes.py`` reads the text of attributes.
- ``building.py`` builds a graph in Python; ``ensemble.py`` makes one of several, ``frozen.py`` one
  that only predicts while another is trained, ``standardising.py`` one that takes images from 0
  to 1 of one that takes others.
- ``network_files.py`` writes and reads both files: ``symbol_json.py`` the graph, of which
  ``checked_nodes.py`` believes nothing unseen, ``params_file.py`` the arrays. ``limits.py`` says
  what a file from a stranger may use; ``loss_outputs.py`` reads what a network of MXNet's Module
  ends with as what it predicts. ``traced.py`` reads what MXNet itself has just written.
- ``parameter_shapes.py`` knows the shapes of layers' parameters by their input; ``hints.py`` reads
  what a file says of how parameters begin and learn.

Nothing here imports MXNet; ``backends/mxnet/networks/symbols.py`` makes a graph of a Gluon block.
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
