from mxnet.gluon import HybridBlock, nn


class TinyConv(HybridBlock):
    """One convolution and a classifier."""

    def __init__(self, *, classes=10, channels=8):
        super().__init__()
        with self.name_scope():
            self.features = nn.Conv2D(channels, kernel_size=3, activation="relu")
            self.output = nn.Dense(classes)

    def hybrid_forward(self, F, x):
        return self.output(self.features(x))
