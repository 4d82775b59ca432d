"""It sets how NumPy prints."""

import numpy as np
from mxnet.gluon import HybridBlock


class build(HybridBlock):
    def __init__(self):
        super().__init__()
        np.set_printoptions(precision=3)

    def hybrid_forward(self, F, x):
        return F.identity(x)
