"""Shows what a recipe would do, without a run: no run folder is written.

- ``layers.py`` lists the layers of its network, ``augmented.py`` shows augmented images.
- ``find_rate.py`` looks for a learning rate; ``profiling.py`` measures the parts of a step.
"""
