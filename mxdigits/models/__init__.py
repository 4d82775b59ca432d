"""The models that come with mxdigits, one architecture a file, and how a model is built.

``mlp.py`` and ``lenet.py`` are the tutorial's models as Gluon blocks, and ``graphs.py`` has them as
graphs. ``deep.py`` and the files that ``graph_file.py`` reads are graphs only, each a
``GraphModel`` of ``graph_model.py``. ``building.py`` makes a network from a model's name;
``options.py`` checks the options that several models take.
"""
