"""The format ``torch``: a Python file that a person could have written, and its weights beside it.

``code.py`` says what an emitter returns; ``operators/`` has an emitter for every operator.
``forward.py`` makes statements of what they return, ``module.py`` the file. ``helpers.py`` is
never imported: the functions that a network needs are copied from it into the network's file.
"""
