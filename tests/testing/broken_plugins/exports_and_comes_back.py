"""It prepares arrays outside the graph."""

import mxnet as mx

from .good import Net


class build(Net):
    def forward(self, x):
        return super().forward(1 - x if isinstance(x, mx.nd.NDArray) else x)
