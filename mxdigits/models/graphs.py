"""The Gluon models of mxdigits as graphs, for backends that need no MXNet.

Each has the same nodes and names as MXNet's trace of the block. Importing MXNet for that would take
longer than training a small network.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..graph import Graph
from ..graph.building import INPUT, Expression, GraphBuilder
from .graph_model import GraphModel
from .options import check_activation, check_count, check_dropout, check_units


def mlp(
    *,
    classes: int = 10,
    hidden: Sequence[int] = (128, 64),
    activation: str = "relu",
    dropout: float = 0.0,
) -> GraphModel:
    """The graph of :class:`~mxdigits.models.mlp.MLP`, with the same options.

    Example:
        >>> mlp(hidden=[32]).graph.parameters
        ('mlp0_dense0_weight', 'mlp0_dense0_bias', 'mlp0_dense1_weight', 'mlp0_dense1_bias')
    """
    check_units("hidden", hidden)
    check_activation(activation)
    check_dropout(dropout)
    layers = _Layers("mlp")
    for units in hidden:
        layers.dense(units, activation)
        layers.dropout(dropout)
    layers.dense(classes)
    return layers.model()


def lenet(
    *,
    classes: int = 10,
    activation: str = "tanh",
    dropout: float = 0.0,
    channels: Sequence[int] = (20, 50),
    hidden: int = 500,
) -> GraphModel:
    """The graph of :class:`~mxdigits.models.lenet.LeNet`, with the same options.

    Example:
        >>> sum(node.operator == "Pooling" for node in lenet(channels=[8]).graph.operations)
        1
    """
    check_activation(activation)
    check_dropout(dropout)
    check_units("channels", channels)
    check_count("hidden", hidden)
    layers = _Layers("lenet")
    for count in channels:
        layers.convolution(count, activation)
        layers.pooling()
    layers.dense(hidden, activation)
    layers.dropout(dropout)
    layers.dense(classes)
    return layers.model()


def least_size(graph: Graph) -> int:
    """The least height and width of images, in pixels, that one of these graphs can take.

    Example:
        >>> least_size(lenet().graph), least_size(mlp().graph)
        (16, 1)
    """
    size = 1
    for node in reversed(list(graph.operations)):
        if node.operator == "Convolution":
            size += 4  # a 5x5 kernel without padding
        elif node.operator == "Pooling":
            size *= 2
    return size


class _Layers:
    """Layers one after the other, with the names and places that Gluon's HybridSequential gives."""

    def __init__(self, name: str):
        self._name = name
        self._build = GraphBuilder()
        self._last = self._build.variable(INPUT, "input")
        self._numbers: dict[str, int] = {}
        self._count = 0
        self._places: dict[str, str] = {}

    def dense(self, units: int, activation: str = "") -> None:
        self._learning("FullyConnected", "dense", activation, num_hidden=units)

    def convolution(self, channels: int, activation: str) -> None:
        self._learning("Convolution", "conv", activation, num_filter=channels, kernel=(5, 5))

    def pooling(self) -> None:
        self._add("Pooling", "pool", self._last, kernel=(2, 2), stride=(2, 2), pool_type="max")

    def dropout(self, share: float) -> None:
        if share:
            self._add("Dropout", "dropout", self._last, p=share)

    def model(self) -> GraphModel:
        graph = self._build.graph(self._last)
        return GraphModel(f"model {self._name!r}", graph, {}, places=self._places)

    def _learning(self, operator: str, kind: str, activation: str, **attributes: object) -> None:
        own = f"{self._name}0_{kind}{self._numbers.get(kind, 0)}"
        given = [self._parameter(own, each) for each in ("weight", "bias")]
        self._add(operator, kind, self._last, *given, **attributes)
        if activation:
            name = f"{own}_{activation}_fwd"
            self._last = self._build("Activation", self._last, name=name, act_type=activation)

    def _parameter(self, layer: str, what: str) -> Expression:
        self._places[f"{layer}_{what}"] = f"layers.{self._count}.{what}"
        return self._build.variable(f"{layer}_{what}")

    def _add(self, operator: str, kind: str, *given: Expression, **attributes: object) -> None:
        number = self._numbers.get(kind, 0)
        name = f"{self._name}0_{kind}{number}_fwd"
        self._last = self._build(operator, *given, name=name, **attributes)
        self._numbers[kind] = number + 1
        self._count += 1
