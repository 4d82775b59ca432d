"""Converts between Gluon blocks, graphs, and MXNet's symbols.

- ``building.py`` initialises and hybridizes a model's block; ``symbols.py`` converts between graphs
  and symbols; ``graph_network.py`` makes a block from a graph.
- ``saved_network.py`` reads a network's two files; ``sizes.py`` checks the sizes of everything that
  a network computes before MXNet allocates it.
"""
