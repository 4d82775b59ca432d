"""It calls the number of classes something else."""

from .good import Net


def build(n_classes, *, depth=2):
    return Net(classes=n_classes)
