"""A network as a :class:`Graph`; reads and writes MXNet's two files of a network without MXNet.

Code that executes or exports a network reads its graph: ``nodes`` in order, each a
:class:`Variable` or an :class:`Operation` of one of :data:`OPERATORS`, with all attributes. Start
reading at ``graph.py``.

- ``operators/`` lists the operators with their inputs, attributes and defaults, family by family;
  ``operator.py`` says what an operator is, and ``attributes.py`` reads the text of attributes.
- ``building.py`` builds a graph in Python. ``ensemble.py`` joins several networks in one graph,
  ``frozen.py`` makes a graph that training leaves unchanged, ``standardising.py`` makes a network
  of standardised images take images from 0 to 1.
- ``network_files.py`` writes and reads both files: ``symbol_json.py`` the graph, ``params_file.py``
  the arrays. ``checked_nodes.py`` checks each node of a graph; ``limits.py`` says what a file from
  a stranger may use. ``loss_outputs.py`` replaces the loss at the end of a network of MXNet's
  Module by the network's prediction. ``traced.py`` reads what MXNet itself has just written.
- ``parameter_shapes.py`` finds the shapes of layers' parameters from their input; ``hints.py``
  reads what a file says about how parameters are initialised and learn.

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
