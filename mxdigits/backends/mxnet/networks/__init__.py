"""Gluon blocks, graphs, and MXNet's symbols: one made of the other.

- ``building.py`` initialises and hybridizes a model's block; ``symbols.py`` stands between a graph
  and a symbol; ``graph_network.py`` makes a block of a graph.
- ``saved_network.py`` reads a network's two files again; ``sizes.py`` tells the sizes of all that
  it computes before MXNet allocates any of it.
"""
