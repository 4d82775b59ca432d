"""What several workers do together, each with a part of every batch.

- ``team.py`` connects them by MXNet's parameter server, whose other processes are ``companion.py``.
- ``gradient_sum.py`` adds their gradients up, ``memory_sum.py`` in memory that they share;
  ``moments.py`` is the mean and the variance of a whole batch.
"""
