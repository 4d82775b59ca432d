"""It answers for two images at most."""

from .good import Net


class build(Net):
    def hybrid_forward(self, F, x):
        return F.slice_axis(super().hybrid_forward(F, x), axis=0, begin=0, end=2)
