"""What this backend does not run, told before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, NamedTuple, Optional

from ...errors import NetworkError
from ...graph import Graph, Operation
from .operators import FUNCTIONS

# JAX has these only where the whole process is set to them.
_WIDE = {"float64": "float32", "int64": "int32"}


class Unsupported(NamedTuple):
    """A layer that cannot be run: its name, its operator, and why."""

    layer: str
    operator: str
    why: str


def unsupported(graph: Graph) -> list[Unsupported]:
    """Every layer of a graph that this backend cannot run; none if it can run the graph.

    Example:
        >>> from mxdigits.graph import Operation, Variable, Output
        >>> odd = Graph((Variable("data"), Operation("Custom", "mine", (Output(0),))), (Output(1),))
        >>> unsupported(odd)
        [Unsupported(layer='mine', operator='Custom', why='it has no such operator')]
    """
    reasons = ((node, _why_not(node)) for node in graph.operations)
    return [Unsupported(node.name, node.operator, why) for node, why in reasons if why]


def check_supported(graph: Graph) -> None:
    """Refuse a graph that this backend cannot run.

    Raises:
        NetworkError: naming each layer, its operator and the reason.
    """
    problems = unsupported(graph)
    if problems:
        raise NetworkError(
            [
                f"the backend xla cannot run layer {layer!r} ({operator}): {why}"
                for layer, operator, why in problems
            ]
        )


def _why_not(node: Operation) -> Optional[str]:
    if node.operator not in FUNCTIONS:
        return "it has no such operator"
    for name in ("dtype", "out_dtype"):
        wide = node.attributes.get(name)
        if wide in _WIDE:
            return f"it has no {wide}; write {_WIDE[wide]}"
    check = _CHECKS.get(node.operator)
    return check(node.attributes) if check else None


def _matrix_product(attributes: Mapping[str, Any]) -> Optional[str]:
    kind = attributes["forward_stype"]
    return f"it has no {kind} arrays" if kind in ("csr", "row_sparse") else None


def _npx_reshape(attributes: Mapping[str, Any]) -> Optional[str]:
    order = attributes["order"]
    return f"it has no order {order!r}; write 'C'" if order != "C" else None


def _pooling(attributes: Mapping[str, Any]) -> Optional[str]:
    if attributes["pool_type"] == "lp" and attributes["p_value"] not in (1, 2, 3):
        return f"it has no p_value {attributes['p_value']}; write 1, 2 or 3"
    if attributes["pooling_convention"] == "same" and len(attributes["kernel"]) != 1:
        return "pooling_convention='same' is for one dimension; write 'full' or 'valid'"
    return None


def _reshape(attributes: Mapping[str, Any]) -> Optional[str]:
    both = attributes["shape"], attributes["target_shape"]
    return None if any(both) else "it lacks a shape"


def _softmax_output(attributes: Mapping[str, Any]) -> Optional[str]:
    # MXNet 1.9.1 multiplies by the output instead of its gradient.
    return "it has no out_grad; leave it out" if attributes["out_grad"] else None


def _take(attributes: Mapping[str, Any]) -> Optional[str]:
    if attributes["mode"] == "raise":
        return "mode='raise' stops at a wrong index, which a compiled program cannot; write 'clip'"
    return None


def _up_sampling(attributes: Mapping[str, Any]) -> Optional[str]:
    if attributes["sample_type"] == "bilinear" and attributes["num_args"] != 2:
        return "bilinear sampling takes an image and a weight"
    return None


_CHECKS: Mapping[str, Callable[[Mapping[str, Any]], Optional[str]]] = {
    "Pooling": _pooling,
    "Reshape": _reshape,
    "SoftmaxOutput": _softmax_output,
    "UpSampling": _up_sampling,
    "_npx_reshape": _npx_reshape,
    "batch_dot": _matrix_product,
    "dot": _matrix_product,
    "take": _take,
}
