"""It returns a pair."""

from .good import splits


def build():
    return tuple(splits().values())
