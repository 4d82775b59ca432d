"""It makes large numbers of the last digits, which every library has as it likes."""

from .good import Net


class build(Net):
    def hybrid_forward(self, F, x):
        noise = F.sin(1e7 * F.exp(F.sin(F.exp(x)))).flatten().slice_axis(axis=1, begin=0, end=1)
        return F.broadcast_add(super().hybrid_forward(F, x), noise)
