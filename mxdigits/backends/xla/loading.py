"""Loads a run's network, and finds the shapes in a graph, with JAX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import jax

from ...graph import Graph
from ..graphs.abstract import Shaper
from .execute import evaluate
from .support import check_supported


class _Shaper(Shaper[jax.ShapeDtypeStruct]):
    def check_supported(self, graph: Graph) -> None:
        check_supported(graph)

    def abstract(self, shape: Sequence[int], dtype: str) -> jax.ShapeDtypeStruct:
        return jax.ShapeDtypeStruct(tuple(shape), dtype)

    def heads(
        self, graph: Graph, arrays: Mapping[str, jax.ShapeDtypeStruct]
    ) -> tuple[jax.ShapeDtypeStruct, ...]:
        heads: tuple[jax.ShapeDtypeStruct, ...] = jax.eval_shape(
            lambda given: evaluate(graph, given).outputs, dict(arrays)
        )
        return heads


SHAPER = _Shaper()
