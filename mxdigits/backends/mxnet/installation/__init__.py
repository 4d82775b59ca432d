"""What this machine has for MXNet, found out before MXNet is imported.

- ``cuda.py`` loads CUDA's libraries for MXNet's builds for GPUs; ``missing.py`` says what to
  install where MXNet is not there.
- ``environment.py`` checks the environment variables that MXNet reads.
- ``operators_later.py`` and ``modules_later.py`` spare most of its import.
"""
