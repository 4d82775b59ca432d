"""Lets several workers train together, each with a part of every batch.

- ``team.py`` connects them by MXNet's parameter server; ``companion.py`` is its other processes.
- ``gradient_sum.py`` adds up their gradients, ``memory_sum.py`` does so in shared memory;
  ``moments.py`` computes the mean and variance of a whole batch.
"""
