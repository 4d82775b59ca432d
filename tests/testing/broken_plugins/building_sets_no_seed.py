"""It takes the seed away from the recipe."""

import mxnet as mx

from .good import Net


def build(*, classes=10):
    mx.random.seed(0)
    return Net(classes=classes)
