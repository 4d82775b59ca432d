"""It keeps a number that is not a parameter."""

import random

from .good import Net


class build(Net):
    def __init__(self, *, classes=10):
        super().__init__(classes=classes)
        self.scale = random.random()

    def hybrid_forward(self, F, x):
        return super().hybrid_forward(F, x) * self.scale
