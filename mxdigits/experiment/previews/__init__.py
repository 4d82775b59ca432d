"""What a recipe would do, seen without a run: no run folder is written.

- ``layers.py`` lists the layers of its network, ``augmented.py`` shows what its augmentation makes.
- ``find_rate.py`` looks for a learning rate; ``profiling.py`` measures the parts of a step.
"""
