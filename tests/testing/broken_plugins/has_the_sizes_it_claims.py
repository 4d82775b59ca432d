"""It claims more than it has."""

from .good import splits


def build():
    return splits()


build.sizes = (100, 20)
