"""It is another each time."""

from .good import splits


def build():
    return splits(seed=None)
