"""Checks and prepares this machine before MXNet is imported.

- ``cuda.py`` loads CUDA's libraries for MXNet's builds for GPUs; ``missing.py`` says what to
  install if MXNet is missing.
- ``environment.py`` checks the environment variables that MXNet reads.
- ``operators_later.py`` and ``modules_later.py`` save most of the time of its import.
"""
