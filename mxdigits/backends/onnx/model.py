"""Writes a :class:`~mxdigits.graph.Graph` as a model of ONNX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

import numpy as np
from numpy.typing import DTypeLike

from ... import __version__
from ...arrays import Arrays
from ...errors import NetworkError
from ...foreign import describe
from ...graph import Graph, Operation
from ...graph.recurrent import with_one_vector
from .builder import PROBED, Builder, Value
from .operators import FUNCTIONS
from .runtime import import_onnx
from .support import USUAL_OPSET, check_opset, check_supported

if TYPE_CHECKING:
    from onnx import ModelProto, ValueInfoProto

onnx = import_onnx()

_BATCH = "N"
_REFUSALS = onnx.checker.ValidationError, onnx.shape_inference.InferenceError


@dataclass(frozen=True)
class Input:
    """An input of the file: its shape, with None for the batch size, and its type.

    If ``scale`` is not 1, the input is converted to float32 and multiplied by it.

    Example:
        >>> Input((None, 1, 28, 28), np.uint8, scale=1 / 255).at(100)
        (100, 1, 28, 28)
    """

    shape: tuple[Optional[int], ...]
    dtype: DTypeLike = np.float32
    scale: float = 1.0

    def at(self, batch: int) -> tuple[int, ...]:
        """The shape for a batch size."""
        return tuple(batch if size is None else size for size in self.shape)


class WrittenModel:
    """A graph written as ONNX: ``proto`` is the ModelProto, ``builder`` has all shapes.

    Args:
        graph: a graph of operators that ONNX has.
        arrays: the arrays of the variables that the file holds, by name.
        inputs: an Input for each of the other variables, by name.
        outputs: the names of the heads; ``output`` and a number by default.
        opset: the version of ONNX's operators, at least 13.

    Raises:
        UsageError: if there is no such opset.
        NetworkError: if ONNX lacks a layer, or a layer does not fit its inputs.

    Example:
        >>> images = {"data": Input((None, 1, 28, 28))}
        >>> written = WrittenModel(graph, arrays, images, ["prob"])  # doctest: +SKIP
        >>> content = written.proto.SerializeToString()  # doctest: +SKIP
    """

    def __init__(
        self,
        graph: Graph,
        arrays: Arrays,
        inputs: Mapping[str, Input],
        outputs: Sequence[str] = (),
        *,
        opset: int = USUAL_OPSET,
    ):
        check_opset(opset)
        check_supported(graph, opset)
        self.builder = Builder(opset)
        graph, arrays = with_one_vector(graph, arrays)
        self._graph, self._arrays, self._inputs = graph, arrays, inputs
        self.values: list[tuple[Value, ...]] = []
        for node in graph.nodes:
            if isinstance(node, Operation):
                self.values.append(self._layer(node))
            else:
                self.values.append((self._variable(node.name),))
        self._head_names: set[str] = set()
        names = outputs or [f"output{i}" for i in range(len(graph.heads))]
        self.heads = [
            self._named(self.values[head.node][head.index], name)
            for head, name in zip(graph.heads, names)
        ]
        self.proto = self._model()

    def describe(self, texts: Mapping[str, str]) -> None:
        """Set the model's metadata to these texts."""
        onnx.helper.set_model_props(self.proto, dict(texts))

    def checked(self) -> bytes:
        """The file's bytes, after onnx's own checker has accepted them.

        Raises:
            NetworkError: if the checker refuses them, or the file would be too large.
        """
        try:
            content: bytes = self.proto.SerializeToString()
            onnx.checker.check_model(content, full_check=True)
        except (ValueError, *_REFUSALS) as error:
            raise NetworkError([f"no ONNX file can hold it: {describe(error)}"]) from error
        return content

    def _variable(self, name: str) -> Value:
        if name in self._arrays:
            array = np.asarray(self._arrays[name])
            return self.builder.constant(array.astype(array.dtype.newbyteorder("=")), name)
        if name not in self._inputs:
            raise NetworkError([f"the network's variable {name!r} has no array"])
        given = self._inputs[name]
        value = self.builder.input(name, given.dtype, (given.at(PROBED[0]), given.at(PROBED[1])))
        if given.scale == 1:
            return value
        self.builder.layer = name
        return self.builder.op("Mul", self.builder.cast(value, np.float32), given.scale)

    def _layer(self, node: Operation) -> tuple[Value, ...]:
        inputs = [self.values[each.node][each.index] for each in self._graph.taken_by(node)]
        self.builder.layer = node.name
        try:
            result = FUNCTIONS[node.operator](self.builder, *inputs, **node.attributes)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            shapes = ", ".join(_written(each.shape) for each in inputs)
            reason = str(error) if type(error) is ValueError else describe(error)
            raise NetworkError(
                [f"layer {node.name!r} ({node.operator}) cannot take {shapes}: {reason}"]
            ) from error
        return result if isinstance(result, tuple) else (result,)

    def _named(self, value: Value, name: str) -> Value:
        """A head with its own name; a copy if it is no node's output, or already another head."""
        nodes = self.builder.nodes
        made = any(value.name in node.output for node in nodes)
        if not made or value.name in self._head_names:
            self.builder.layer = name
            value = self.builder.op("Identity", value)
        for node in nodes:
            for names in (node.input, node.output):
                for place, each in enumerate(names):
                    if each == value.name:
                        names[place] = name
        self._head_names.add(name)
        return Value(name, value.dtype, value.shapes)

    def _model(self) -> ModelProto:
        builder, helper = self.builder, onnx.helper
        builder.leave_out_unused(self.heads)
        constants = [
            onnx.numpy_helper.from_array(each.constant, each.name) for each in builder.constants
        ]
        graph = helper.make_graph(
            builder.nodes,
            "network",
            [_info(each) for each in builder.inputs],
            [_info(each) for each in self.heads],
            constants,
        )
        opsets = [helper.make_opsetid("", builder.opset)]
        made: ModelProto = helper.make_model(
            graph,
            producer_name="mxdigits",
            producer_version=__version__,
            opset_imports=opsets,
            # The oldest version that has this opset, so that older programs can read the file.
            ir_version=helper.find_min_ir_version_for(opsets),
        )
        return made


def _info(value: Value) -> ValueInfoProto:
    shape = [_BATCH if size is None else size for size in value.shape]
    kind = onnx.helper.np_dtype_to_tensor_dtype(value.dtype)
    made: ValueInfoProto = onnx.helper.make_tensor_value_info(value.name, kind, shape)
    return made


def _written(shape: Sequence[Optional[int]]) -> str:
    sizes = [_BATCH if size is None else str(size) for size in shape]
    return f"({', '.join(sizes)}{',' * (len(sizes) == 1)})"
