"""A graph prepared to be run by PyTorch many times, operation by operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Optional

import torch
from torch import Tensor

from ...graph import OPERATORS, Graph, Operation, Variable
from ...graph.attributes import AttributeValue
from ..graphs.evaluation import Evaluation, array_of, misfit, states_after
from ..graphs.stochastic import is_stochastic, layer_is_stochastic
from .operators import DRAWS, FUNCTIONS, TAKES_DEVICE, TAKES_OTHERS, TAKES_TRAINING
from .operators.normalization import BatchStatistics
from .operators.types import Draw, Function, Others, Result
from .types import Tensors

_TOLD = TAKES_TRAINING | DRAWS | TAKES_OTHERS | TAKES_DEVICE


class _Layer(NamedTuple):
    """An operation, and what each run would otherwise have to look up.

    ``attributes`` are in a plain dict, which makes calls faster. After the layer, the values of the
    nodes ``done`` are no longer needed.
    """

    node: Operation
    function: Function
    attributes: dict[str, AttributeValue]
    inputs: tuple[tuple[int, int], ...]
    done: tuple[int, ...]


class Evaluator:
    """A graph that can be run many times.

    Args:
        graph: a graph of operators that this backend has.

    Example:
        >>> from mxdigits.graph import Output, operation
        >>> relu = operation("Activation", "relu", [Output(0)], act_type="relu")
        >>> run = Evaluator(Graph((Variable("data", "input"), relu), (Output(1),)))
        >>> run({"data": torch.tensor([-1.0, 1.0])}).outputs[0].tolist()
        [0.0, 1.0]
    """

    def __init__(self, graph: Graph):
        last = _last_uses(graph)
        self._graph = graph
        self._draws = [is_stochastic(graph, training=training) for training in (False, True)]
        self._nodes = [
            node if isinstance(node, Variable) else _layer(graph, node, place, last)
            for place, node in enumerate(graph.nodes)
        ]

    def __call__(
        self,
        arrays: Tensors,
        *,
        training: bool = False,
        draw: Optional[Draw] = None,
        device: Optional[torch.device] = None,
        others: Optional[Others] = None,
    ) -> Evaluation:
        """Run the graph, like :func:`~mxdigits.backends.torch.execute.evaluate`."""
        if draw is None and self._draws[training]:
            raise ValueError("the network draws random numbers: it needs something to draw from")
        if device is None:
            device = next((each.device for each in arrays.values()), torch.device("cpu"))
        values: list[tuple[Tensor, ...]] = []
        measured: list[tuple[Operation, BatchStatistics]] = []
        for layer in self._nodes:
            if isinstance(layer, Variable):
                values.append((array_of(arrays, layer.name),))
                continue
            node = layer.node
            state = _state(node, training, draw, device, others) if node.operator in _TOLD else {}
            result = _applied(layer, [values[i][k] for i, k in layer.inputs], state)
            if OPERATORS[node.operator].auxiliary:
                result, statistics = result
                if statistics is not None:
                    measured.append((node, statistics))
            values.append(result if isinstance(result, tuple) else (result,))
            for each in layer.done:  # frees their memory before the end
                values[each] = ()
        outputs = tuple(values[head.node][head.index] for head in self._graph.heads)
        return Evaluation(outputs, states_after(self._graph, arrays, measured, _moved))


def _layer(graph: Graph, node: Operation, place: int, last: Mapping[int, int]) -> _Layer:
    inputs = tuple((each.node, each.index) for each in graph.taken_by(node))
    done = tuple({i for i, _ in inputs if last[i] == place})
    return _Layer(node, FUNCTIONS[node.operator], dict(node.attributes), inputs, done)


def _last_uses(graph: Graph) -> dict[int, int]:
    """For each node the last operation that takes its outputs; heads have none."""
    last = {
        each.node: place
        for place, node in enumerate(graph.nodes)
        if isinstance(node, Operation)
        for each in graph.taken_by(node)
    }
    return {**last, **{head.node: -1 for head in graph.heads}}


def _state(
    node: Operation,
    training: bool,
    draw: Optional[Draw],
    device: torch.device,
    others: Optional[Others],
) -> dict[str, object]:
    """A layer's arguments besides its inputs and attributes."""
    state: dict[str, object] = {}
    if node.operator in TAKES_TRAINING:
        state["training"] = training
    if node.operator in DRAWS:
        state["draw"] = draw if layer_is_stochastic(node, training) else None
    if node.operator in TAKES_OTHERS:
        state["others"] = others
    if node.operator in TAKES_DEVICE:
        state["device"] = device
    return state


def _applied(layer: _Layer, inputs: Sequence[Tensor], state: Mapping[str, object]) -> Result:
    try:
        return layer.function(*inputs, **layer.attributes, **state)
    except torch.cuda.OutOfMemoryError:
        raise
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise misfit(layer.node, inputs, error) from error


def _moved(state: Tensor, statistic: Tensor, momentum: float) -> Tensor:
    return state.lerp(statistic, 1 - momentum)
