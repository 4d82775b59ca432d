"""It answers for two images at most."""

from .good import Net


class build(Net):
    def hybrid_forward(self, F, x):
        return F.slice(super().hybrid_forward(F, x), begin=(0,), end=(2,))
