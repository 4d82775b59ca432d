"""Predicts with a network by PyTorch."""

from __future__ import annotations

from typing import Optional

import numpy as np
import torch
from torch import Tensor

from ...arrays import Images, Logits
from ...graph import Graph
from ..base import PREDICT_BATCH
from ..batches import batches
from ..graphs.pool_first import pool_first
from .evaluator import Evaluator
from .runtime import take_cpus
from .settings import computing
from .step import scaled
from .types import IMAGES, Tensors
from .weights import laid_out

# Larger arrays would go back to the system after each layer, and be fetched again page by page.
_ON_A_CPU = 250


class Predictor:
    """Gives a network's logits for images, piece by piece.

    On a CPU, the channels of each pixel lie side by side, as in training.

    Args:
        graph: a graph from images (n, C, H, W) float32 from 0 to 1 to logits (n, classes).
        device: the device of its arrays.

    Example:
        >>> from mxdigits.graph import Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> predict = Predictor(graph, torch.device("cpu"))
        >>> images = np.zeros((5, 1, 28, 28), np.uint8)
        >>> predict({"w": torch.zeros(10, 784)}, images).shape
        (5, 10)
    """

    def __init__(self, graph: Graph, device: torch.device):
        self._run, self._device = Evaluator(pool_first(graph)), device
        (self._input,) = graph.inputs
        self._on_cpu = device.type == "cpu"
        self._last: Optional[tuple[Tensors, Tensors]] = None

    def __call__(self, arrays: Tensors, images: Images) -> Logits:
        """The logits float32 (N, classes) of images uint8 (N, C, H, W).

        Args:
            arrays: the network's arrays by name, which nobody changes.
            images: at least one.

        Raises:
            NetworkError: if a layer does not fit its inputs.
        """
        arrays, done = self._prepared(arrays), []
        take_cpus()
        with computing(), torch.inference_mode():
            for begin, end in batches(len(images), _ON_A_CPU if self._on_cpu else PREDICT_BATCH):
                piece = scaled(torch.tensor(images[begin:end], device=self._device))
                logits = self._run({**arrays, self._input: self._shown(piece)}).outputs[0]
                done.append(logits.float().cpu().numpy())
        return np.concatenate(done)

    def _shown(self, images: Tensor) -> Tensor:
        if self._on_cpu and images.ndim == IMAGES:
            return images.contiguous(memory_format=torch.channels_last)
        return images

    def _prepared(self, arrays: Tensors) -> Tensors:
        """The arrays as the device reads them fastest, kept until others are given."""
        if not self._on_cpu:
            return arrays
        last = self._last  # another thread may replace it meanwhile
        if last is None or last[0] is not arrays:
            last = self._last = arrays, laid_out(arrays)
        return last[1]
