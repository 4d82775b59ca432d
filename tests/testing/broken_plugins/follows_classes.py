"""It knows ten digits and no more."""

from .good import Net


def build(*, classes=10):
    return Net(classes=10)
