"""Loads a run's network, and finds the shapes in a graph, with PyTorch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Optional

import numpy as np
import torch

from ...arrays import Shape
from ...graph import Graph
from ..graphs import abstract
from ..graphs.loading import load_graph_network
from ..network import GraphNetwork
from .execute import evaluate
from .support import check_supported
from .types import Tensor, Tensors


class _Shaper:
    check_supported = staticmethod(check_supported)

    @staticmethod
    def abstract(shape: Sequence[int], dtype: str) -> Tensor:
        kind = torch.from_numpy(np.zeros(0, dtype)).dtype
        return torch.empty(tuple(shape), dtype=kind, device="meta")

    @staticmethod
    def heads(graph: Graph, arrays: Tensors) -> tuple[Tensor, ...]:
        with torch.no_grad():
            return evaluate(graph, arrays, device=torch.device("meta")).outputs


SHAPER = _Shaper()


def load_network(
    symbol_file: Path,
    parameters_file: Path,
    contexts: Sequence[torch.device],
    image_shape: Sequence[int],
    classes: int,
    sha256: Optional[Mapping[str, str]] = None,
) -> GraphNetwork:
    """:func:`~mxdigits.backends.graphs.loading.load_graph_network` with PyTorch.

    Example:
        >>> from mxdigits.graph import Output, Variable, operation
        >>> from mxdigits.graph.network_files import write_network
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> files = Path("symbol.json"), Path("net.params")
        >>> write_network(graph, {"w": np.zeros((10, 784), np.float32)}, *files)
        >>> load_network(*files, [torch.device("cpu")], (1, 28, 28), 10).arrays["w"].shape
        (10, 784)
    """
    return load_graph_network(symbol_file, parameters_file, image_shape, classes, sha256, SHAPER)


def parameter_shapes(
    graph: Graph,
    image_shape: Sequence[int],
    classes: int,
    known: Mapping[str, Shape],
) -> dict[str, Shape]:
    """:func:`~mxdigits.backends.graphs.abstract.parameter_shapes` with PyTorch.

    Example:
        >>> from mxdigits.graph import Output, Variable, operation
        >>> inputs = [Output(0), Output(1), Output(2)]
        >>> dense = operation("FullyConnected", "dense", inputs, num_hidden=10)
        >>> nodes = Variable("data", "input"), Variable("w"), Variable("b"), dense
        >>> parameter_shapes(Graph(nodes, (Output(3),)), (1, 28, 28), 10, {})
        {'w': (10, 784), 'b': (10,)}
    """
    return abstract.parameter_shapes(graph, image_shape, classes, known, SHAPER)
