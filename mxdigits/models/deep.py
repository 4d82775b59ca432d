"""A deep network of small convolutions."""

from __future__ import annotations

from collections.abc import Sequence

from ..graph.building import INPUT, Expression, GraphBuilder
from ..graph.hints import Hint
from ..values import as_written
from .graph_model import GraphModel
from .options import check_dropout, check_units

_UNDECAYED = ("_bias", "_beta", "_gamma")


def deep(
    *,
    classes: int = 10,
    channels: Sequence[int] = (48, 96, 128),
    depth: Sequence[int] = (2, 3, 3),
    squeeze: int = 8,
    hidden: int = 0,
    dropout: float = 0.0,
) -> GraphModel:
    """Stages of 3x3 convolutions with batch normalisation and squeeze-excitation.

    A stage has as many convolutions as ``depth`` says, each with the stage's ``channels``, a batch
    normalisation and relu. Each but the first adds its result to its input (He et al., 2016), after
    squeeze-excitation (Hu et al., 2018), which weighs channels by their means. Max-pooling halves
    the image between stages. The means of the last channels are classified. Convolutions have no
    bias, and weight decay leaves out normalisations and biases.

    It is a graph: it trains on every backend, and needs no MXNet.

    Args:
        classes: the number of outputs.
        channels: the number of channels of each stage.
        depth: the number of convolutions of each stage, as many numbers as ``channels`` has.
        squeeze: the channels of a squeeze-excitation divided by its units; 0 for none.
        hidden: units of a layer that takes all of the last channels, halved once more, in place of
            their means; 0 for no such layer.
        dropout: the share of the classifier's inputs that is set to 0 in training.

    Input (N, C, H, W) float32, H and W at least 2 to the power of the number of stages less one;
    output (N, classes) logits.

    Example:
        >>> model = deep(channels=[8, 16], depth=[1, 2])
        >>> sum(node.operator == "Convolution" for node in model.graph.operations)
        3
    """
    check_units("channels", channels)
    check_units("depth", depth)
    if not channels or len(channels) != len(depth):
        raise ValueError(
            f"depth: must have a number for each of the {len(channels)} stages of channels, "
            f"got {as_written(depth)}"
        )
    for name, value in (("squeeze", squeeze), ("hidden", hidden)):
        if type(value) is not int or value < 0:
            raise ValueError(
                f"{name}: must be a whole number of at least 0, got {as_written(value)}"
            )
    check_dropout(dropout)
    network = _Network(squeeze)
    x = network.build.variable(INPUT, "input")
    for stage, (width, count) in enumerate(zip(channels, depth)):
        if stage:
            x = network.halved(x, f"pool{stage}")
        x = network.stage(x, f"stage{stage}", width, count)
    if hidden:
        x = network.halved(x, "pool")
        x = network.activated(network.dense(x, "hidden", hidden), "hidden_relu")
    else:
        x = network.build("mean", x, name="means", axis=(2, 3))
    if dropout:
        x = network.build("Dropout", x, name="dropout", p=dropout)
    graph = network.build.graph(network.dense(x, "logits", classes))
    hints = {name: Hint(wd_mult=0.0) for name in graph.parameters if name.endswith(_UNDECAYED)}
    return GraphModel("model 'deep'", graph, hints)


class _Network:
    """Adds layers to a graph, each with variables of its own."""

    def __init__(self, squeeze: int):
        self.build = GraphBuilder()
        self._squeeze = squeeze

    def stage(self, x: Expression, name: str, channels: int, depth: int) -> Expression:
        x = self.activated(self._normalized(x, f"{name}_conv0", channels), f"{name}_relu0")
        for place in range(1, depth):
            own = f"{name}_conv{place}"
            more = self._excited(self._normalized(x, own, channels), own, channels)
            x = self.build("elemwise_add", x, more, name=f"{name}_sum{place}")
            x = self.activated(x, f"{name}_relu{place}")
        return x

    def halved(self, x: Expression, name: str) -> Expression:
        window = {"kernel": (2, 2), "stride": (2, 2), "pool_type": "max"}
        return self.build("Pooling", x, name=name, **window)

    def dense(self, x: Expression, name: str, units: int) -> Expression:
        weight, bias = (self.build.variable(f"{name}_{each}") for each in ("weight", "bias"))
        return self.build("FullyConnected", x, weight, bias, name=name, num_hidden=units)

    def _normalized(self, x: Expression, name: str, channels: int) -> Expression:
        weight = self.build.variable(f"{name}_weight")
        window = {"kernel": (3, 3), "stride": (1, 1), "pad": (1, 1), "no_bias": True}
        x = self.build("Convolution", x, weight, name=name, num_filter=channels, **window)
        learnt = [self.build.variable(f"{name}_{each}") for each in ("gamma", "beta")]
        means = [
            self.build.variable(f"{name}_{each}", "auxiliary")
            for each in ("moving_mean", "moving_var")
        ]
        return self.build(
            "BatchNorm", x, *learnt, *means, name=f"{name}_norm", fix_gamma=False, eps=1e-5
        )

    def activated(self, x: Expression, name: str) -> Expression:
        return self.build("Activation", x, name=name, act_type="relu")

    def _excited(self, x: Expression, name: str, channels: int) -> Expression:
        """Squeeze-excitation: each channel times a weight computed from all channels' means."""
        if not self._squeeze:
            return x
        means = self.build("mean", x, name=f"{name}_means", axis=(2, 3))
        few = self.dense(means, f"{name}_squeeze", max(1, channels // self._squeeze))
        few = self.activated(few, f"{name}_squeezed")
        weights = self.dense(few, f"{name}_excite", channels)
        weights = self.build("Activation", weights, name=f"{name}_excited", act_type="sigmoid")
        weights = self.build("Reshape", weights, name=f"{name}_weights", shape=(0, -1, 1, 1))
        return self.build("broadcast_mul", x, weights, name=f"{name}_weighed")
