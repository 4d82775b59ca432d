"""It makes training brighter, by a flag."""

import mxnet as mx

from .good import Net


class build(Net):
    def hybrid_forward(self, F, x):
        bright = F is mx.nd and mx.autograd.is_training()
        return super().hybrid_forward(F, x * 2 if bright else x)
