"""It drops units always."""

from .good import Net


class build(Net):
    def hybrid_forward(self, F, x):
        return super().hybrid_forward(F, F.Dropout(x, p=0.5, mode="always"))
