"""A graph written as ONNX and run by onnxruntime, for comparison with MXNet."""

from __future__ import annotations

from backends.mxnet_reference import Arrays, Results

from mxdigits.backends.onnx.model import Input, WrittenModel
from mxdigits.backends.onnx.runtime import import_onnx
from mxdigits.backends.onnx.session import Session
from mxdigits.graph import Graph


def run_by_onnx(graph: Graph, arrays: Arrays, opset: int = 17) -> Results:
    """What a graph in inference gives; every variable is an input, so that nothing is folded."""
    inputs = {name: Input(array.shape, array.dtype) for name, array in arrays.items()}
    written = WrittenModel(graph, {}, inputs, opset=opset)
    import_onnx().checker.check_model(written.proto, full_check=True)
    session = Session(written.proto.SerializeToString(), threads=1)
    taken = {each.name for each in session.inputs}
    outputs = session.run({name: array for name, array in arrays.items() if name in taken})
    return Results(outputs, {}, {})
