"""A run's network from its files, and the shapes in a graph, for JAX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

import jax

from ...graph import Graph
from .. import abstract
from ..base import GraphNetwork
from ..loading import load_graph_network
from .execute import evaluate
from .support import check_supported


class _Shaper:
    check_supported = staticmethod(check_supported)
    abstract = staticmethod(jax.ShapeDtypeStruct)

    @staticmethod
    def heads(graph: Graph, arrays: Mapping[str, Any]) -> tuple[Any, ...]:
        heads: tuple[Any, ...] = jax.eval_shape(
            lambda given: evaluate(graph, given).outputs, dict(arrays)
        )
        return heads


def load_network(
    symbol_file: Path,
    parameters_file: Path,
    contexts: Sequence[Any],
    image_shape: Sequence[int],
    classes: int,
    sha256: Optional[Mapping[str, str]] = None,
) -> GraphNetwork:
    """What :func:`~mxdigits.backends.loading.load_graph_network` does, by JAX."""
    return load_graph_network(symbol_file, parameters_file, image_shape, classes, sha256, _Shaper())


def parameter_shapes(
    graph: Graph,
    image_shape: Sequence[int],
    classes: int,
    known: Mapping[str, abstract.Shape],
) -> dict[str, abstract.Shape]:
    """What :func:`~mxdigits.backends.abstract.parameter_shapes` does, by JAX."""
    return abstract.parameter_shapes(graph, image_shape, classes, known, _Shaper())
