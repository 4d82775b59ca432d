"""Makes a network that was trained on standardised images take images from 0 to 1."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from ..arrays import Floats
from .building import GraphBuilder
from .graph import Graph

# Names of parameters that are used if channels differ.
MEAN = "input_mean"
STD = "input_std"


def standardising(
    graph: Graph, mean: Sequence[float], std: Sequence[float]
) -> tuple[Graph, dict[str, Floats]]:
    """The graph applied to ``(images - mean) / std``, like Gluon's ``transforms.Normalize``.

    Args:
        graph: a graph of one input and one head.
        mean: the mean of each channel, or one for all.
        std: the standard deviation of each channel, or one for all, above 0.

    Returns:
        The new graph, and the arrays that it needs in addition.

    Example:
        >>> build = GraphBuilder()
        >>> same = build.graph(build("relu", build.variable("data", "input")))
        >>> print(standardising(same, [0.5], [0.25])[0])
        0  data            input
        1  _minus_scalar0  _minus_scalar  data            scalar=0.5
        2  _div_scalar0    _div_scalar    _minus_scalar0  scalar=0.25
        3  relu0           relu           _div_scalar0
        gives relu0
    """
    build = GraphBuilder()
    (name,) = graph.inputs
    images = build.variable(name, "input")
    arrays: dict[str, Floats] = {}
    if len(mean) == len(std) == 1:
        changed = (images - mean[0]) / std[0]
    else:
        taken = {*graph.inputs, *graph.parameters, *graph.auxiliary_states}
        channels = max(len(mean), len(std))
        for each, values in ((_free(MEAN, taken), mean), (_free(STD, taken), std)):
            whole = np.broadcast_to(np.asarray(values, np.float32), (channels,))
            arrays[each] = whole.reshape(1, -1, 1, 1).copy()
        # Further training must change neither.
        middle, scale = (build("BlockGrad", build.variable(each)) for each in arrays)
        changed = (images - middle) / scale
    return build.graph(build.copy(graph, changed)), arrays


def _free(name: str, taken: Collection[str]) -> str:
    return name if name not in taken else _free(f"{name}_", taken)
