"""A graph run by PyTorch, operation by operation, to be differentiated and traced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Optional

import numpy as np
import torch
from torch import Tensor

from ...arrays import AnyArray, Arrays
from ...errors import NetworkError, describe
from ...graph import OPERATORS, Graph, Operation, Variable
from ..drawing import draws, layer_draws
from .drawing import Generator
from .operators import DRAWS, FUNCTIONS, TAKES_DEVICE, TAKES_OTHERS, TAKES_TRAINING
from .operators.normalization import BatchStatistics
from .operators.types import Draw, Others, Result
from .support import check_supported
from .types import Tensors


class Evaluation(NamedTuple):
    """What a graph gives: its heads, and all auxiliary states as training leaves them.

    Example:
        >>> len(Evaluation((torch.zeros(5, 10),), {}).outputs)
        1
    """

    outputs: tuple[Tensor, ...]
    auxiliary: dict[str, Tensor]


def evaluate(
    graph: Graph,
    arrays: Tensors,
    *,
    training: bool = False,
    draw: Optional[Draw] = None,
    device: Optional[torch.device] = None,
    others: Optional[Others] = None,
) -> Evaluation:
    """What a graph gives for the arrays of all its variables.

    Args:
        graph: of operators that this backend has.
        arrays: {name of a variable: tensor}.
        training: whether layers such as dropout act, and statistics move.
        draw: where layers that draw get their random numbers from, in the order of the graph.
        device: where a layer without inputs shall make its output; by default where the arrays are.
        others: who has the other images of the batch; None if all are here.

    Raises:
        NetworkError: if a variable has no array, or a layer does not fit what it is given.
        ValueError: if the graph draws random numbers and there is nothing to draw from.

    Example:
        >>> from mxdigits.graph import Output, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> arrays = {"data": torch.zeros(100, 1, 28, 28), "w": torch.zeros(10, 784)}
        >>> evaluate(graph, arrays).outputs[0].shape
        torch.Size([100, 10])
    """
    if draw is None and draws(graph, training=training):
        raise ValueError("the network draws random numbers: it needs something to draw from")
    if device is None:
        device = next((each.device for each in arrays.values()), torch.device("cpu"))
    last = _last_uses(graph)
    values: list[tuple[Tensor, ...]] = []
    measured: list[tuple[Operation, BatchStatistics]] = []
    for place, node in enumerate(graph.nodes):
        if isinstance(node, Variable):
            values.append((_given(arrays, node.name),))
            continue
        state = _state(node, training, draw, device, others)
        result = _applied(node, [values[each.node][each.index] for each in node.inputs], state)
        if OPERATORS[node.operator].auxiliary:
            result, statistics = result
            if statistics is not None:
                measured.append((node, statistics))
        values.append(result if isinstance(result, tuple) else (result,))
        for each in node.inputs:
            if last[each.node] == place:  # or all of them would lie in memory until the end
                values[each.node] = ()
    outputs = tuple(values[head.node][head.index] for head in graph.heads)
    return Evaluation(outputs, _moved(graph, arrays, measured))


def classes_of(graph: Graph, arrays: Tensors, image_shape: Sequence[int]) -> int:
    """How many logits a network gives for an image of shape (C, H, W).

    Example:
        >>> from mxdigits.graph import Output, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> classes_of(graph, {"w": torch.zeros(10, 784)}, (1, 28, 28))
        10
    """
    (name,) = graph.inputs
    given = {each: array.to("meta") for each, array in arrays.items()}
    given[name] = torch.empty((1, *image_shape), device="meta")
    return int(evaluate(graph, given).outputs[0].shape[1])


def _last_uses(graph: Graph) -> dict[int, int]:
    """The last operation that takes an output of each node; none for a head."""
    last = {
        each.node: place
        for place, node in enumerate(graph.nodes)
        if isinstance(node, Operation)
        for each in node.inputs
    }
    return {**last, **{head.node: -1 for head in graph.heads}}


def _state(
    node: Operation,
    training: bool,
    draw: Optional[Draw],
    device: torch.device,
    others: Optional[Others],
) -> dict[str, object]:
    """What a layer is told besides its inputs and attributes."""
    state: dict[str, object] = {}
    if node.operator in TAKES_TRAINING:
        state["training"] = training
    if node.operator in DRAWS:
        state["draw"] = draw if layer_draws(node, training) else None
    if node.operator in TAKES_OTHERS:
        state["others"] = others
    if node.operator in TAKES_DEVICE:
        state["device"] = device
    return state


def _given(arrays: Tensors, name: str) -> Tensor:
    try:
        return arrays[name]
    except KeyError:
        raise NetworkError([f"the network's variable {name!r} has no array"]) from None


def _applied(node: Operation, inputs: Sequence[Tensor], state: Mapping[str, object]) -> Result:
    try:
        return FUNCTIONS[node.operator](*inputs, **node.attributes, **state)
    except torch.cuda.OutOfMemoryError:
        raise
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        shapes = ", ".join(str(tuple(each.shape)) for each in inputs)
        raise NetworkError(
            [f"layer {node.name!r} ({node.operator}) cannot take {shapes}: {describe(error)}"]
        ) from error


def _moved(
    graph: Graph, arrays: Tensors, measured: Sequence[tuple[Operation, BatchStatistics]]
) -> dict[str, Tensor]:
    """All auxiliary states, moved towards what was measured of the batch.

    From the last layer to the first, as MXNet moves them on its way back: it matters where several
    layers share one state.
    """
    states = {name: _given(arrays, name) for name in graph.auxiliary_states}
    for node, statistics in reversed(measured):
        momentum = node.attributes["momentum"]
        for taken, statistic in zip(node.inputs[-len(statistics) :], statistics):
            name = graph.nodes[taken.node].name
            states[name] = states[name] * momentum + statistic * (1 - momentum)
    return states


def logits_of(graph: Graph, arrays: Tensors, images: Tensor) -> Tensor:
    """What a graph with one input and one head gives in inference.

    Raises:
        NetworkError: if a layer does not fit what it is given.

    Example:
        >>> from mxdigits.graph import Output, Variable, operation
        >>> dense = operation("FullyConnected", "dense", [Output(0), Output(1)],
        ...                   num_hidden=10, no_bias=True)
        >>> graph = Graph((Variable("data", "input"), Variable("w"), dense), (Output(2),))
        >>> tuple(logits_of(graph, {"w": torch.zeros(10, 784)}, torch.zeros(5, 1, 28, 28)).shape)
        (5, 10)
    """
    (name,) = graph.inputs
    with torch.inference_mode():
        return evaluate(graph, {**arrays, name: images}).outputs[0]


def check_network(graph: Graph) -> None:
    """Refuse a graph that has not one input and one head, or that this backend cannot run.

    Raises:
        NetworkError: saying why.

    Example:
        >>> check_network(Graph((Variable("data", "input"),), ()))
        Traceback (most recent call last):
            ...
        mxdigits.errors.NetworkError: it takes 1 inputs and gives 0 outputs, not one
    """
    check_supported(graph)
    if len(graph.inputs) != 1 or len(graph.heads) != 1:
        raise NetworkError(
            [f"it takes {len(graph.inputs)} inputs and gives {len(graph.heads)} outputs, not one"]
        )


def outputs(graph: Graph, arrays: Arrays, images: AnyArray, device: torch.device) -> AnyArray:
    """What a graph with one input and one head makes of it, as an array of NumPy.

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
