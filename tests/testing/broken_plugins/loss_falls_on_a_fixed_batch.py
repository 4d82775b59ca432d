"""It turns the gradient round."""

from .good import Net


class build(Net):
    def hybrid_forward(self, F, x):
        logits = super().hybrid_forward(F, x)
        return 2 * F.BlockGrad(logits) - logits
