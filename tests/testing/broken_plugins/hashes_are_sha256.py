"""Its hash is of another kind."""

from .good import splits


def build():
    return {**splits(), "hashes": {"noise.bin": "d41d8cd98f00b204e9800998ecf8427e"}}
