"""It wants to know nothing of classes."""

from .good import Net


def build(*, depth=2):
    return Net()
