"""Checks an ONNX file from anybody before onnxruntime reads it.

It may hold only operators that mxdigits writes, no control flow, no data in other files, one input
of images and one output; and no layer's output may fill the memory.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Optional

from ...errors import RunFolderError
from ...foreign import first_line
from ..limits import IMAGES, MOST_ELEMENTS, MOST_ELEMENTS_AT_ONCE, TOO_LARGE
from .runtime import import_onnx

if TYPE_CHECKING:
    from onnx import ModelProto, TensorProto

onnx = import_onnx()

# The operators that the functions of ``operators/`` use, and those that quantisation adds.
_WRITTEN = (
    "Abs Acos Acosh Add ArgMax ArgMin Asin Asinh Atan Atanh AveragePool BatchNormalization "
    "Cast Ceil Clip Concat Conv ConvTranspose Cos Cosh CumSum Div Elu Equal Erf Exp Expand Flatten "
    "Floor GRU Gather GatherElements Gemm GlobalAveragePool GlobalMaxPool Greater GridSample "
    "HardSigmoid Identity LRN LSTM LeakyRelu Less Log LogSoftmax MatMul Max MaxPool Min "
    "Mod Mul Neg Not Or PRelu Pad Pow Reciprocal ReduceL1 ReduceL2 ReduceMax ReduceMean ReduceMin "
    "RNN ReduceProd ReduceSum Relu Reshape Resize Selu Sigmoid Sign Sin Sinh Slice Softmax "
    "Softplus Softsign Split Sqrt Squeeze Sub Sum Tan Tanh Tile TopK Transpose Unsqueeze Where"
)
ALLOWED = frozenset([*_WRITTEN.split(" "), "DequantizeLinear", "QuantizeLinear"])
_MOST_NODES = 100_000
_IN_TENSORS = (onnx.AttributeProto.TENSOR, onnx.AttributeProto.SPARSE_TENSOR)
_PLAIN = (
    onnx.AttributeProto.FLOAT,
    onnx.AttributeProto.FLOATS,
    onnx.AttributeProto.INT,
    onnx.AttributeProto.INTS,
    onnx.AttributeProto.STRING,
    onnx.AttributeProto.STRINGS,
    onnx.AttributeProto.TENSOR,
)


def checked_texts(content: bytes, file: Path) -> dict[str, str]:
    """The metadata of a model, after a check that it may be run.

    Args:
        content: the content of the model's file.
        file: its name in messages.

    Raises:
        RunFolderError: if it is no model, or may not be run.

    Example:
        >>> checked_texts(b"?", Path("digits.onnx"))
        Traceback (most recent call last):
            ...
        mxdigits.errors.RunFolderError: digits.onnx is not an ONNX file
    """
    try:
        proto = onnx.load_model_from_string(content)
    except Exception as error:  # protobuf's errors have no common class in all versions
        raise RunFolderError(f"{file} is not an ONNX file") from error
    try:
        problem = next(_problems(proto), None) or _size_problem(proto)
    except Exception as error:
        problem = first_line(error)
    if problem is not None:
        raise RunFolderError(f"{file} is not run: {problem}")
    return {each.key: each.value for each in proto.metadata_props}


def _problems(proto: ModelProto) -> Iterator[str]:
    graph = proto.graph
    if any(each.domain not in ("", "ai.onnx") for each in proto.opset_import):
        yield "it has operators that are not ONNX's own"
    if len(proto.functions) or len(graph.sparse_initializer) or len(graph.node) > _MOST_NODES:
        yield "it has functions, sparse weights, or too many layers"
    for node in graph.node:
        if node.op_type not in ALLOWED or node.domain not in ("", "ai.onnx"):
            yield f"it has the operator {node.op_type[:40]!r}, which mxdigits does not write"
        for attribute in node.attribute:
            if attribute.type not in _PLAIN:
                yield f"it has an attribute {attribute.name[:40]!r} that is no number or text"
            if attribute.type in _IN_TENSORS and _elsewhere(attribute.t):
                yield "some of its numbers lie in another file"
    if any(map(_elsewhere, graph.initializer)):
        yield "some of its numbers lie in another file"
    held = {each.name for each in graph.initializer}
    inputs = [each for each in graph.input if each.name not in held]
    if len(inputs) != 1 or len(graph.output) != 1:
        yield f"it has {len(inputs)} inputs and {len(graph.output)} outputs, not one"


def _elsewhere(tensor: TensorProto) -> bool:
    return bool(tensor.data_location == onnx.TensorProto.EXTERNAL or len(tensor.external_data))


def _size_problem(proto: ModelProto) -> Optional[str]:
    """What is wrong with its outputs' sizes, as ONNX infers them; empty if nothing."""
    onnx.checker.check_model(proto)
    small = onnx.ModelProto()
    small.CopyFrom(proto)
    del small.graph.value_info[:]  # the file's own claims of shapes
    held = {each.name: math.prod(each.dims) for each in small.graph.initializer}
    (taken,) = [each for each in small.graph.input if each.name not in held]
    shape = taken.type.tensor_type.shape.dim
    if len(shape) != 4 or taken.type.tensor_type.elem_type != onnx.TensorProto.FLOAT:
        return "its input is not images of float32"
    shape[0].Clear()
    shape[0].dim_value = IMAGES
    (given,) = small.graph.output
    given.type.tensor_type.ClearField("shape")
    inferred = onnx.shape_inference.infer_shapes(small, strict_mode=True, data_prop=True)
    sizes = {}
    for each in (*inferred.graph.value_info, *inferred.graph.input, *inferred.graph.output):
        dims = each.type.tensor_type.shape.dim
        if not all(d.HasField("dim_value") for d in dims):
            return f"the shape of {each.name[:40]!r} does not follow from that of its input"
        sizes[each.name] = math.prod(d.dim_value for d in dims) // IMAGES
    known = {name for node in small.graph.node for name in node.output if name}
    if lacking := sorted(known - sizes.keys()):
        return f"the shape of {lacking[0][:40]!r} does not follow from that of its input"
    largest = max(held.values(), default=0) // IMAGES
    if max(sizes.values()) > max(MOST_ELEMENTS_AT_ONCE, largest) or (
        sum(sizes.values()) > MOST_ELEMENTS
    ):
        return TOO_LARGE
    return None
