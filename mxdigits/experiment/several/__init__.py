"""Several runs together: of the same recipe, or as one network.

- ``seeds.py`` runs a recipe several times, ``folds.py`` once for each fold of its data.
- ``going_on.py`` continues what was begun before.
- ``ensemble.py`` makes one run folder of several trained networks.
"""
