"""It updates its weights by itself."""

import mxnet as mx

from .good import Net


class build(Net):
    def hybrid_forward(self, F, x):
        if F is mx.nd and mx.autograd.is_training():
            with mx.autograd.pause():
                weight = self.output.weight
                weight.set_data(weight.data() * 0.9)
        return super().hybrid_forward(F, x)
