"""Who executes and trains a network, one package each, behind the protocol of ``base.py``.

A backend knows a graph, arrays, its optimizers and its devices; no callback, schedule, recipe or
file of a run. Start reading at ``base.py``; ``choose.py`` makes a backend from its name, and
``batches.py`` says which images come when, the same for all.
"""
