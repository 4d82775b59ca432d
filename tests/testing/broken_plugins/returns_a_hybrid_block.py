"""It returns a block that cannot become a graph."""

from mxnet.gluon import nn


def build(*, classes=10):
    network = nn.Sequential()
    network.add(nn.Dense(classes))
    return network
