"""It looks at the mean of the batch."""

from .good import Net


class build(Net):
    def hybrid_forward(self, F, x):
        return super().hybrid_forward(F, F.broadcast_sub(x, F.mean(x, axis=0, keepdims=True)))
