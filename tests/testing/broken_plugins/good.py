"""What the broken plugins break: a small network and a small data set that keep the contract."""

import numpy as np
from mxnet.gluon import HybridBlock, nn


class Net(HybridBlock):
    """A hidden layer and a classifier."""

    def __init__(self, *, classes=10):
        super().__init__()
        with self.name_scope():
            self.hidden = nn.Dense(16, activation="tanh")
            self.output = nn.Dense(classes)

    def hybrid_forward(self, F, x):
        return self.output(self.hidden(x))


def splits(seed=0):
    """Two classes of noise, 80 images to train on and 20 to test with."""
    images = np.random.default_rng(seed).integers(0, 256, (100, 28, 28), dtype=np.uint8)
    labels = np.arange(100) % 2
    return {"train": (images[20:], labels[20:]), "test": (images[:20], labels[:20])}
