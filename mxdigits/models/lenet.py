"""The tutorial's LeNet."""

from __future__ import annotations

from collections.abc import Sequence

from mxnet.gluon import HybridBlock, nn

from ..backends.mxnet.types import MXArray, Operators
from .options import check_activation, check_count, check_dropout, check_units


class LeNet(HybridBlock):
    """Two convolutions with pooling, a hidden layer and a classifier (after LeCun et al., 1998).

    Convolution 5x5 20, max-pool 2, convolution 5x5 50, max-pool 2, dense 500, dense ``classes``.
    With fewer channels and units it is faster.

    Args:
        classes: the number of outputs.
        activation: after each convolution and the hidden layer, by its name in MXNet.
        dropout: the share of the hidden layer's outputs set to 0 while training.
        channels: the channels of each convolution; at most two convolutions for images of 16x16.
        hidden: the units of the hidden layer.

    Input (N, C, H, W) float32 with H and W of at least 16, output (N, classes) logits.

    Example:
        >>> import mxnet
        >>> network = LeNet(classes=10, dropout=0.5)
        >>> network.initialize()
        >>> network(mxnet.nd.zeros((2, 1, 28, 28))).shape
        (2, 10)
    """

    image_shapes = ((1, 28, 28), (1, 16, 16), (3, 32, 32))

    def __init__(
        self,
        *,
        classes: int = 10,
        activation: str = "tanh",
        dropout: float = 0.0,
        channels: Sequence[int] = (20, 50),
        hidden: int = 500,
    ):
        check_activation(activation)
        check_dropout(dropout)
        check_units("channels", channels)
        check_count("hidden", hidden)
        super().__init__()
        with self.name_scope():
            self.layers = nn.HybridSequential()
            for count in channels:
                self.layers.add(
                    nn.Conv2D(count, kernel_size=5, activation=activation),
                    nn.MaxPool2D(pool_size=2, strides=2),
                )
            self.layers.add(nn.Dense(hidden, activation=activation))
            if dropout:
                self.layers.add(nn.Dropout(dropout))
            self.layers.add(nn.Dense(classes))

    def hybrid_forward(self, F: Operators, x: MXArray) -> MXArray:
        return self.layers(x)
