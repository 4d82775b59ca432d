"""Finds layers that an ONNX file cannot hold, before anything is written."""

from __future__ import annotations

from typing import Optional

from ...errors import UsageError
from ...graph import Graph, Operation
from ..graphs.unsupported import check_layers
from .operators import FUNCTIONS
from .operators.sampling import GRID_SAMPLE
from .runtime import import_onnx

OLDEST_OPSET = 13
# Onnxruntime can read it since 1.12, and so can the importers of PyTorch, TensorFlow and browsers.
USUAL_OPSET = 17

_RANDOM = "it draws random numbers when it predicts, so that no two answers agree"


def check_opset(opset: int) -> None:
    """Refuse a version of ONNX's operators that cannot be written.

    Raises:
        UsageError: saying which versions can be written.

    Example:
        >>> check_opset(7)
        Traceback (most recent call last):
            ...
        mxdigits.errors.UsageError: opset 7 cannot be written: from 13 to ...
    """
    newest = import_onnx().defs.onnx_opset_version()
    if not OLDEST_OPSET <= opset <= newest:
        raise UsageError(
            f"opset {opset} cannot be written: from {OLDEST_OPSET} to {newest} can, "
            f"by the onnx {import_onnx().__version__} that is installed"
        )


def check_supported(graph: Graph, opset: int = USUAL_OPSET) -> None:
    """Refuse a graph that cannot be written as ONNX.

    Raises:
        NetworkError: naming each layer, its operator and the reason.

    Example:
        >>> from mxdigits.graph import Operation, Variable, Output
        >>> odd = Graph((Variable("data"), Operation("Custom", "mine", (Output(0),))), (Output(1),))
        >>> check_supported(odd)
        Traceback (most recent call last):
            ...
        mxdigits.errors.NetworkError: ONNX cannot hold layer 'mine' (Custom): there is ...
    """
    check_layers(graph, lambda node: _why_not(node, opset), "ONNX cannot hold")


def _why_not(node: Operation, opset: int) -> Optional[str]:
    if node.operator.startswith("_random_"):
        return _RANDOM
    if node.operator not in FUNCTIONS:
        return "there is no such operator in ONNX"
    attributes = node.attributes
    if node.operator == "Dropout" and attributes["mode"] == "always" and attributes["p"] > 0:
        return f"{_RANDOM}; write mode='training'"
    if node.operator == "BilinearSampler" and opset < GRID_SAMPLE:
        return f"opset {opset} lacks GridSample; write --opset {GRID_SAMPLE}"
    if "bfloat16" in (attributes.get("dtype"), attributes.get("out_dtype")):
        return "NumPy has no bfloat16 to compare it in; write float32"
    return None
