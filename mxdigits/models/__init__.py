"""The models that come with mxdigits, one architecture a file, and how a model is built.

``mlp.py`` and ``lenet.py`` are the tutorial's, and ``graphs.py`` has them as graphs; ``deep.py`` is
a graph alone, as a ``GraphModel`` of ``graph_model.py``, and so is what ``graph_file.py`` reads.
``building.py`` makes a network from a model's name; ``options.py`` checks the options that several
models take.
"""
