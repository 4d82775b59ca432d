"""A network in a form independent of libraries, and how each of its parameters learns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Optional, Union

from ..arrays import Arrays
from ..errors import RunFolderError, UsageError
from ..wording import some_of
from .mxnet.types import Network

if TYPE_CHECKING:
    from ..graph import Graph

# Most names in a message.
_NAMED = 5


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


def places_of(network: Network) -> dict[str, bool]:
    """The places of all arrays of a network, and whether each is a parameter that may learn.

    Args:
        network: a GraphNetwork or a HybridBlock.

    Example:
        >>> import numpy as np
        >>> from mxdigits.graph import Graph, Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> places_of(GraphNetwork(graph, {"w": np.zeros((10, 784), np.float32)}))
        {'w': True}
    """
    if isinstance(network, GraphNetwork):
        graph = network.graph
        settings = {
            name: network.parameters.get(name, ParameterSettings(name))
            for name in (*graph.parameters, *graph.auxiliary_states)
        }
        return {s.place: s.trained and name in graph.parameters for name, s in settings.items()}
    # A parameter that several layers share has only one place, the last.
    found = {p.name: (place, p) for place, p in network._collect_params_with_prefix().items()}
    return {place: parameter.grad_req != "null" for place, parameter in found.values()}


def learning_of(
    places: Mapping[str, bool],
    freeze: Sequence[str] = (),
    lr_mult: Optional[Mapping[str, float]] = None,
) -> Learning:
    """The parameters to freeze and their rates, from patterns such as ``features.*``.

    Args:
        places: as from :func:`places_of`.
        freeze: patterns of what training leaves unchanged.
        lr_mult: factors of the learning rate by pattern; if several patterns fit, the last counts.

    Raises:
        UsageError: if a pattern fits no name, or nothing is left to train.

    Example:
        >>> places = {"features.0.weight": True, "output.weight": True}
        >>> learning_of(places, ["features.*"]).frozen
        frozenset({'features.0.weight'})
    """
    frozen: set[str] = set()
    for pattern in freeze:
        frozen.update(_fitting("freeze", pattern, places))
    rates: dict[str, float] = {}
    for pattern, factor in (lr_mult or {}).items():
        rates.update(dict.fromkeys(_fitting("lr_mult", pattern, places), factor))
    trained = [place for place, learns in places.items() if learns]
    if trained and frozen.issuperset(trained):
        raise UsageError(f"freeze: {', '.join(freeze)} leaves no parameter to train")
    return Learning(frozenset(frozen), {place: f for place, f in rates.items() if places[place]})


def _fitting(key: str, pattern: str, places: Mapping[str, bool]) -> list[str]:
    fitting = [place for place in places if fnmatchcase(place, pattern)]
    if not fitting:
        raise UsageError(
            f"{key}: no parameter has a name like {pattern!r}; there are "
            f"{some_of(places, _NAMED)}; mxdigits check RECIPE --layers lists all"
        )
    return fitting


def natural_key(name: str) -> list[Union[str, int]]:
    """The key to sort names by, of text and numbers in turn: ``dense9`` before ``dense10``.

    Example:
        >>> sorted(["dense10", "dense9"], key=natural_key)
        ['dense9', 'dense10']
    """
    return [int(piece) if at % 2 else piece for at, piece in enumerate(re.split(r"(\d+)", name))]


def with_weights(
    network: GraphNetwork, graph: Graph, arrays: Arrays, source: object
) -> GraphNetwork:
    """A network with the parameters and statistics of another of the same architecture.

    They are matched by their place in the graph, because names differ between processes.

    Args:
        network: the network whose weights are replaced.
        graph: the other network's graph.
        arrays: the other network's arrays.
        source: the other network's file, for messages.

    Raises:
        RunFolderError: if the networks have different architectures.

    Example:
        >>> import numpy as np
        >>> from mxdigits.graph import Graph, Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=2, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> network = GraphNetwork(graph, {"w": np.zeros((2, 3), np.float32)})
        >>> with_weights(network, graph, {"w": np.ones((2, 3))}, "net.params").arrays["w"].tolist()
        [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    """
    ours, theirs = network.graph.variables_in_use(), graph.variables_in_use()
    if len(ours) != len(theirs):
        raise RunFolderError(
            f"{source} holds another network: it has {len(theirs)} arrays of parameters, "
            f"this one {len(ours)}"
        )
    taken = {}
    for own, other in zip(ours, theirs):
        if network.arrays[own].shape != arrays[other].shape:
            raise RunFolderError(
                f"{source} holds another network: its {other} is of shape {arrays[other].shape}, "
                f"here it is {network.arrays[own].shape}"
            )
        taken[own] = arrays[other].astype(network.arrays[own].dtype)
    return replace(network, arrays=taken)
