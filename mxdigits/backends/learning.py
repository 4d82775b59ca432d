"""Chooses which parameters of a network learn, and how fast, by patterns of their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Optional

from ..errors import UsageError
from ..wording import some_of
from .mxnet.types import Network
from .network import GraphNetwork, Learning, ParameterSettings

# Most names in a message.
_NAMED = 5


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
