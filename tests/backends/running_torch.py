"""A graph run by PyTorch, for comparison with MXNet."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import torch
from backends.mxnet_reference import Arrays, Results, head_gradients

from mxdigits.backends.torch.drawing import Generator
from mxdigits.backends.torch.execute import evaluate
from mxdigits.graph import Graph


def run_by_torch(
    graph: Graph, arrays: Arrays, trained: Collection[str] = (), training: bool = True
) -> Results:
    """Run a graph forwards, and backwards from the gradients that MXNet is given."""
    given = {name: torch.tensor(np.asarray(array)) for name, array in arrays.items()}
    leaves = [given[name].requires_grad_() for name in trained]
    draw = Generator(torch.device("cpu"))
    draw.begin(3, 0, 0)
    done = evaluate(graph, given, training=training, draw=draw)
    outputs = [each.detach().numpy() for each in done.outputs]
    slopes = []
    if leaves:
        heads = [
            (out, torch.tensor(head))
            for out, head in zip(done.outputs, head_gradients(outputs))
            if out.requires_grad
        ]
        slopes = _slopes(heads, leaves) if heads else []
    gradients = {
        name: np.zeros_like(arrays[name]) if slope is None else slope.numpy()
        for name, slope in zip(trained, slopes or [None] * len(leaves))
    }
    auxiliary = {name: each.detach().numpy() for name, each in done.auxiliary.items()}
    return Results(outputs, gradients, auxiliary)


def _slopes(heads, leaves):
    outputs, gradients = zip(*heads)
    return torch.autograd.grad(outputs, leaves, gradients, allow_unused=True)
