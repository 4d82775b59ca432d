"""It cannot be built."""


def build(*, classes=10):
    raise RuntimeError("no blueprint")
