"""It draws from NumPy, once, as the network becomes a graph."""

import numpy as np
from mxnet.gluon import HybridBlock


class build(HybridBlock):
    def hybrid_forward(self, F, x):
        return x * float(np.random.random())
