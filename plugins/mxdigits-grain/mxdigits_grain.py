from mxnet.gluon import HybridBlock


class GrainBlock(HybridBlock):
    """Adds random light to every pixel; ``amount`` is its standard deviation, of 1 for white."""

    def __init__(self, *, amount=0.1):
        super().__init__()
        if not isinstance(amount, (int, float)) or not 0 <= amount <= 1:
            raise ValueError(f"option amount: must be from 0 to 1, got {amount!r}")
        self._amount = amount

    def hybrid_forward(self, F, x):
        return F.clip(x + self._amount * F.random.normal_like(x), 0, 1)
