"""Refuses graphs that a backend cannot run, before anything runs."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Callable, NamedTuple, Optional

from ...errors import NetworkError
from ...graph import Graph, Operation
from ...graph.attributes import Attributes

WhyNot = Callable[[Operation], Optional[str]]


class Unsupported(NamedTuple):
    """A layer that cannot be run: its name, its operator, and why.

    Example:
        >>> Unsupported("mine", "Custom", "it has no such operator").layer
        'mine'
    """

    layer: str
    operator: str
    why: str


def check_layers(graph: Graph, why_not: WhyNot, what: str) -> None:
    """Refuse a graph with layers that only MXNet can run, or that ``why_not`` has a reason against.

    Args:
        graph: a graph of any operators.
        why_not: why something cannot run an operation; None if it can.
        what: the beginning of the message, such as ``the backend xla cannot run``.

    Raises:
        NetworkError: naming each layer, its operator and the reason.

    Example:
        >>> from mxdigits.graph import Output, Variable, operation
        >>> relu = operation("relu", "relu", [Output(0)])
        >>> graph = Graph((Variable("data", "input"), relu), (Output(1),))
        >>> check_layers(graph, lambda node: "it is too steep", "the backend cannot run")
        Traceback (most recent call last):
            ...
        mxdigits.errors.NetworkError: the backend cannot run layer 'relu' (relu): it is too steep
    """
    reasons = ((node, _only_of_mxnet(node) or why_not(node)) for node in graph.operations)
    refuse([Unsupported(node.name, node.operator, why) for node, why in reasons if why], what)


def check_one_output(graph: Graph) -> None:
    """Refuse a graph without exactly one input and one output.

    Raises:
        NetworkError: saying how many it has.

    Example:
        >>> from mxdigits.graph import Variable
        >>> check_one_output(Graph((Variable("data", "input"),), ()))
        Traceback (most recent call last):
            ...
        mxdigits.errors.NetworkError: it takes 1 inputs and gives 0 outputs, not one
    """
    if len(graph.inputs) != 1 or len(graph.heads) != 1:
        raise NetworkError(
            [f"it takes {len(graph.inputs)} inputs and gives {len(graph.heads)} outputs, not one"]
        )


def why_untrainable(node: Operation, operators: Container[str]) -> Optional[str]:
    """Why a backend with these operators cannot train a layer; None if it can.

    Example:
        >>> from mxdigits.graph import Output, operation
        >>> why_untrainable(operation("relu", "relu", [Output(0)]), {"sigmoid"})
        'it has no such operator'
    """
    if node.operator not in operators:
        return "it has no such operator"
    if node.operator == "SoftmaxOutput" and node.attributes["out_grad"]:
        # MXNet 1.9.1 multiplies by the output instead of its gradient.
        return "it has no out_grad; leave it out"
    return None


def refuse(problems: list[Unsupported], what: str) -> None:
    """Refuse a graph if there are problems.

    Args:
        problems: the layers that cannot be run.
        what: the beginning of the message, such as ``the backend xla cannot run``.

    Raises:
        NetworkError: naming each layer, its operator and the reason.

    Example:
        >>> problem = Unsupported("mine", "Custom", "it has no such operator")
        >>> refuse([problem], "the backend cannot run")
        Traceback (most recent call last):
            ...
        mxdigits.errors.NetworkError: the backend cannot run layer 'mine' (Custom): it has ...
    """
    if problems:
        raise NetworkError(
            [f"{what} layer {layer!r} ({operator}): {why}" for layer, operator, why in problems]
        )


def _only_of_mxnet(node: Operation) -> Optional[str]:
    """Why only MXNet can run an operation, and what to write instead; None if others can too."""
    check = _CHECKS.get(node.operator)
    return check(node.attributes) if check else None


def _matrix_product(attributes: Attributes) -> Optional[str]:
    kind = attributes["forward_stype"]
    return f"it has no {kind} arrays" if kind in ("csr", "row_sparse") else None


def _npx_reshape(attributes: Attributes) -> Optional[str]:
    order = attributes["order"]
    return f"it has no order {order!r}; write 'C'" if order != "C" else None


def _pooling(attributes: Attributes) -> Optional[str]:
    if attributes["pool_type"] == "lp" and attributes["p_value"] not in (1, 2, 3):
        return f"it has no p_value {attributes['p_value']}; write 1, 2 or 3"
    if attributes["pooling_convention"] == "same" and len(attributes["kernel"]) != 1:
        return "pooling_convention='same' is for one dimension; write 'full' or 'valid'"
    return None


def _reshape(attributes: Attributes) -> Optional[str]:
    both = attributes["shape"], attributes["target_shape"]
    return None if any(both) else "it lacks a shape"


def _take(attributes: Attributes) -> Optional[str]:
    if attributes["mode"] == "raise":
        return "mode='raise' stops at a wrong index, which a compiled program cannot; write 'clip'"
    return None


def _up_sampling(attributes: Attributes) -> Optional[str]:
    if attributes["sample_type"] == "bilinear" and attributes["num_args"] != 2:
        return "bilinear sampling takes an image and a weight"
    return None


_CHECKS: Mapping[str, Callable[[Attributes], Optional[str]]] = {
    "Pooling": _pooling,
    "Reshape": _reshape,
    "UpSampling": _up_sampling,
    "_npx_reshape": _npx_reshape,
    "batch_dot": _matrix_product,
    "dot": _matrix_product,
    "take": _take,
}
