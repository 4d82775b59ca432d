"""It makes images brighter than white."""

from mxnet.gluon import HybridBlock


class build(HybridBlock):
    def hybrid_forward(self, F, x):
        return x + 0.5
