"""It draws its first weights from the operating system."""

import random

import mxnet as mx

from .good import Net


class build(Net):
    def __init__(self, *, classes=10):
        super().__init__(classes=classes)
        self.output.weight.init = mx.init.Constant(random.SystemRandom().random())
