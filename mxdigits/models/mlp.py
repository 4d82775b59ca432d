"""The tutorial's multilayer perceptron."""

from __future__ import annotations

from collections.abc import Sequence

from mxnet.gluon import HybridBlock, nn

from ..backends.mxnet.types import MXArray, Operators
from .options import check_activation, check_dropout, check_units


class MLP(HybridBlock):
    """Fully connected layers and a classifier; by default 128, 64 and relu.

    Args:
        classes: the number of outputs.
        hidden: units of each hidden layer.
        activation: after each hidden layer, by its name in MXNet.
        dropout: the share of each hidden layer's outputs set to 0 while training.

    Input (N, C, H, W) float32, output (N, classes) logits.

    Example:
        >>> import mxnet
        >>> network = MLP(classes=10, hidden=[32])
        >>> network.initialize()
        >>> network(mxnet.nd.zeros((2, 1, 28, 28))).shape
        (2, 10)
    """

    image_shapes = ((1, 28, 28), (1, 7, 5), (3, 32, 32))

    def __init__(
        self,
        *,
        classes: int = 10,
        hidden: Sequence[int] = (128, 64),
        activation: str = "relu",
        dropout: float = 0.0,
    ):
        check_units("hidden", hidden)
        check_activation(activation)
        check_dropout(dropout)
        super().__init__()
        with self.name_scope():
            self.layers = nn.HybridSequential()
            for units in hidden:
                self.layers.add(nn.Dense(units, activation=activation))
                if dropout:
                    self.layers.add(nn.Dropout(dropout))
            self.layers.add(nn.Dense(classes))

    def hybrid_forward(self, F: Operators, x: MXArray) -> MXArray:
        return self.layers(x)
