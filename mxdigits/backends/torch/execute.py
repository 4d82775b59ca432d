"""Runs a graph by PyTorch: once, for its logits, or for its shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

import numpy as np
import torch

from ...arrays import AnyArray, Arrays
from ...graph import Graph
from ..graphs.evaluation import Evaluation
from ..graphs.unsupported import check_one_output
from .drawing import Generator
from .evaluator import Evaluator
from .operators.types import Draw
from .support import check_supported
from .types import Tensors


def evaluate(
    graph: Graph,
    arrays: Tensors,
    *,
    training: bool = False,
    draw: Optional[Draw] = None,
    device: Optional[torch.device] = None,
) -> Evaluation:
    """The result of a graph, given the arrays of all its variables.

    Args:
        graph: a graph of operators that this backend has.
        arrays: {name of a variable: tensor}.
        training: whether layers such as dropout act, and statistics are updated.
        draw: the generator for layers that draw random numbers, in the order of the graph.
        device: the device of the output of layers without inputs; by default that of the arrays.

    Raises:
        NetworkError: if a variable has no array, or a layer does not fit its inputs.
        ValueError: if the graph draws random numbers and ``draw`` is None.

    Example:
        >>> from mxdigits.graph import Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> arrays = {"data": torch.zeros(100, 1, 28, 28), "w": torch.zeros(10, 784)}
        >>> evaluate(graph, arrays).outputs[0].shape
        torch.Size([100, 10])
    """
    return Evaluator(graph)(arrays, training=training, draw=draw, device=device)


def classes_of(graph: Graph, arrays: Tensors, image_shape: Sequence[int]) -> int:
    """The number of logits that a network gives for an image of shape (C, H, W).

    Example:
        >>> from mxdigits.graph import Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> classes_of(graph, {"w": torch.zeros(10, 784)}, (1, 28, 28))
        10
    """
    # One image is computed, because the first array without numbers (of the device "meta") imports
    # 900 modules, which takes a second.
    (name,) = graph.inputs
    device = next((each.device for each in arrays.values()), torch.device("cpu"))
    with torch.inference_mode():
        image = torch.zeros((1, *image_shape), device=device)
        return int(evaluate(graph, {**arrays, name: image}).outputs[0].shape[1])


def check_network(graph: Graph) -> None:
    """Refuse a graph without exactly one input and one head, or that this backend cannot run.

    Raises:
        NetworkError: saying why.

    Example:
        >>> from mxdigits.graph import Variable
        >>> check_network(Graph((Variable("data", "input"),), ()))
        Traceback (most recent call last):
            ...
        mxdigits.errors.NetworkError: it takes 1 inputs and gives 0 outputs, not one
    """
    check_supported(graph)
    check_one_output(graph)


def outputs(graph: Graph, arrays: Arrays, images: AnyArray, device: torch.device) -> AnyArray:
    """The output of a graph with one input and one head, as a NumPy array.

    Example:
        >>> from mxdigits.graph import Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> images = np.zeros((5, 1, 28, 28), np.float32)
        >>> arrays = {"w": np.zeros((10, 784), np.float32)}
        >>> outputs(graph, arrays, images, torch.device("cpu")).shape
        (5, 10)
    """
    check_network(graph)
    given = {name: torch.tensor(np.asarray(each), device=device) for name, each in arrays.items()}
    (name,) = graph.inputs
    given[name] = torch.tensor(images, device=device)
    draw = Generator(device)
    draw.begin(seed=0, epoch=0, batch=0)
    with torch.inference_mode():
        found: AnyArray = evaluate(graph, given, draw=draw).outputs[0].cpu().numpy()
    return found
