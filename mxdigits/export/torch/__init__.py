"""The format ``torch``: a Python file that a person could have written, and its weights beside it.

``code.py`` says what an emitter gives; ``layers.py``, ``elementwise.py``, ``arithmetic.py``,
``shape.py`` and ``reduction.py`` have one for every operator; ``forward.py`` makes statements of
them, ``module.py`` the file. ``helpers.py`` is never imported: what a network needs of it is
copied into its file.
"""
