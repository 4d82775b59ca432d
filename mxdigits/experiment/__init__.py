"""A run from its recipe to its files. Who reads ``run.py`` first understands the program.

``prepare.py`` makes what a run needs, ``resumption.py`` goes on with one, ``verification.py``
repeats one.
"""
