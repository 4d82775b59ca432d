"""It draws from the operating system."""

import random

from mxnet.gluon import HybridBlock


class build(HybridBlock):
    def hybrid_forward(self, F, x):
        return x * random.SystemRandom().random()
