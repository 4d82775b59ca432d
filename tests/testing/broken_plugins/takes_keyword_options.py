"""It takes its option by position."""

from .good import splits


def build(seed=0, /):
    return splits(seed)
