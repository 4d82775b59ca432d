"""It counts the images that it sees."""

import mxnet as mx

from .good import Net


class build(Net):
    def __init__(self, *, classes=10):
        super().__init__(classes=classes)
        self.seen = self.params.get("seen", shape=(1,), init="zeros", grad_req="null")

    def hybrid_forward(self, F, x, seen):
        if F is mx.nd:
            self.seen.set_data(seen + len(x))
        return super().hybrid_forward(F, F.broadcast_add(x, 0 * F.reshape(seen, (1, 1, 1, 1))))
