"""It works differently as a graph."""

import mxnet as mx

from .good import Net


class build(Net):
    def hybrid_forward(self, F, x):
        return super().hybrid_forward(F, x * 2 if F is mx.nd else x)
