"""Loads a run's network, and finds the shapes in a graph, with PyTorch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from ...graph import Graph
from ..graphs.abstract import Shaper
from ..graphs.known_shapes import known_heads
from .execute import evaluate
from .support import check_supported
from .types import Tensor, Tensors


class _Shaper(Shaper[Tensor]):
    def check_supported(self, graph: Graph) -> None:
        check_supported(graph)

    def abstract(self, shape: Sequence[int], dtype: str) -> Tensor:
        kind = torch.from_numpy(np.zeros(0, dtype)).dtype
        return torch.empty(tuple(shape), dtype=kind, device="meta")

    def heads(self, graph: Graph, arrays: Tensors) -> tuple[Tensor, ...]:
        # PyTorch's first operator on the device "meta" imports 900 modules, which takes a second.
        if all(each.dtype == torch.float32 for each in arrays.values()):
            shapes = {name: tuple(each.shape) for name, each in arrays.items()}
            if (known := known_heads(graph, shapes)) is not None:
                return tuple(self.abstract(shape, "float32") for shape in known)
        with torch.no_grad():
            return evaluate(graph, arrays, device=torch.device("meta")).outputs


SHAPER = _Shaper()
