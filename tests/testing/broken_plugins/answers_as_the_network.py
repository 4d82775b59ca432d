"""What it reads is not as sure as the network is, and it says that it is exact."""

from mxdigits.export.mxnet import MXNet


class build(MXNet):
    def load(self, target):
        predict = super().load(target)
        return lambda images: 0.5 * predict(images) + 0.05
