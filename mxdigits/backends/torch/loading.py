"""A run's network from its files, and the shapes in a graph, for PyTorch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

import numpy as np
import torch
from torch import Tensor

from ...graph import Graph
from .. import abstract
from ..base import GraphNetwork
from ..loading import load_graph_network
from .execute import evaluate
from .support import check_supported


class _Shaper:
    check_supported = staticmethod(check_supported)

    @staticmethod
    def abstract(shape: Sequence[int], dtype: str) -> Tensor:
        kind = torch.from_numpy(np.zeros(0, dtype)).dtype
        return torch.empty(tuple(shape), dtype=kind, device="meta")

    @staticmethod
    def heads(graph: Graph, arrays: Mapping[str, Tensor]) -> tuple[Tensor, ...]:
        with torch.no_grad():
            return evaluate(graph, arrays, device=torch.device("meta")).outputs


def load_network(
    symbol_file: Path,
    parameters_file: Path,
    contexts: Sequence[Any],
    image_shape: Sequence[int],
    classes: int,
    sha256: Optional[Mapping[str, str]] = None,
) -> GraphNetwork:
    """What :func:`~mxdigits.backends.loading.load_graph_network` does, by PyTorch."""
    return load_graph_network(symbol_file, parameters_file, image_shape, classes, sha256, _Shaper())


def parameter_shapes(
    graph: Graph,
    image_shape: Sequence[int],
    classes: int,
    known: Mapping[str, abstract.Shape],
) -> dict[str, abstract.Shape]:
    """What :func:`~mxdigits.backends.abstract.parameter_shapes` does, by PyTorch."""
    return abstract.parameter_shapes(graph, image_shape, classes, known, _Shaper())
