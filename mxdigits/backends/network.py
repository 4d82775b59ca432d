"""A network in a form independent of libraries, and how each of its parameters learns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..arrays import Arrays

if TYPE_CHECKING:
    from ..graph import Graph


@dataclass(frozen=True)
class Learning:
    """Which parameters learn, and how fast, by their places in the network.

    Args:
        frozen: parameters and statistics that training leaves unchanged.
        lr_mult: the factor of the learning rate.

    Example:
        >>> Learning(frozenset({"0.weight"}), {"1.weight": 0.1}).frozen
        frozenset({'0.weight'})
    """

    frozen: frozenset[str] = frozenset()
    lr_mult: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class ParameterSettings:
    """How one parameter learns.

    Args:
        place: its name by its place in the network, the same in every process. Its name in the
            graph may depend on how many blocks a process has made.
        trained: whether the optimizer changes it.
        lr_mult: the factor of the learning rate.
        wd_mult: the factor of the weight decay.

    Example:
        >>> ParameterSettings("0.weight", wd_mult=0.0).lr_mult
        1.0
    """

    place: str
    trained: bool = True
    lr_mult: float = 1.0
    wd_mult: float = 1.0

    def adjusted(self, learning: Learning) -> ParameterSettings:
        """These settings, frozen or with another learning rate if ``learning`` says so."""
        return replace(
            self,
            trained=self.trained and self.place not in learning.frozen,
            lr_mult=self.lr_mult * learning.lr_mult.get(self.place, 1.0),
        )


@dataclass(frozen=True)
class GraphNetwork:
    """A network in a form independent of libraries, which every backend takes.

    Args:
        graph: with one input, images (n, C, H, W) float32 from 0 to 1, and logits (n, classes).
        arrays: the arrays of its parameters and auxiliary states, by their names in the graph.
        parameters: how each of them learns, by name; those left out have the defaults.
        files: the SHA-256 of each file that it was read from, by file name.

    Example:
        >>> import numpy as np
        >>> from mxdigits.graph import Graph, Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> GraphNetwork(graph, {"w": np.zeros((10, 784), np.float32)}).graph.parameters
        ('w',)
    """

    graph: Graph
    arrays: Arrays
    parameters: Mapping[str, ParameterSettings] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
