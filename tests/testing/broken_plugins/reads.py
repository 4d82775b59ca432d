"""It cannot be read."""


def build():
    raise RuntimeError("the disk is away")
