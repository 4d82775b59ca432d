"""Several runs as one: of the same recipe, and into the same network.

- ``seeds.py`` runs a recipe several times, ``folds.py`` once for each fold of its data.
- ``going_on.py`` takes up what was done before.
- ``ensemble.py`` makes one run folder of several trained networks.
"""
