"""Builds an ONNX graph node by node; each output's type and shape are known immediately.

ONNX infers the shapes for two batch sizes: a size that differs between them depends on the batch,
and is left open in the file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional, Union

import numpy as np
from numpy.typing import DTypeLike

from ...arrays import Numbers, Shape
from ..graphs.shapes import axes_of
from .runtime import import_onnx
from .types import DType, NodeAttribute

if TYPE_CHECKING:
    from onnx import NodeProto, TypeProto

onnx = import_onnx()

# The batch sizes for which shapes are inferred.
PROBED = (2, 4)

# Constants with more elements are weights, and no shape depends on their values.
_MOST_KNOWN = 64

_AXES_AS_INPUT = 18  # the first opset in which all reductions take their axes as an input


@dataclass(frozen=True, eq=False)
class Value:
    """An output of a node, an input or a constant: its name, type, and shapes by batch size.

    ``is_zero`` says that all of its numbers are known to be 0.

    Example:
        >>> image = Value("image", np.dtype("float32"), ((2, 1, 28, 28), (4, 1, 28, 28)))
        >>> image.shape, image.size(1)
        ((None, 1, 28, 28), 1)
    """

    name: str
    dtype: DType
    shapes: tuple[Shape, Shape]
    constant: Optional[Numbers] = None
    is_zero: bool = False

    @property
    def rank(self) -> int:
        return len(self.shapes[0])

    @property
    def shape(self) -> tuple[Optional[int], ...]:
        """The shape, with None for sizes that depend on the batch."""
        return tuple(a if a == b else None for a, b in zip(*self.shapes))

    @property
    def fixed_shape(self) -> Shape:
        """The shape.

        Raises:
            ValueError: if it depends on the batch.
        """
        return tuple(self.size(axis) for axis in range(self.rank))

    def size(self, axis: int) -> int:
        """The size of an axis.

        Raises:
            ValueError: if it depends on the batch.
        """
        size = self.shape[axis]
        if size is None:
            raise ValueError(f"its axis {axis} is as long as the batch, which is left open")
        return size

    def axes(self, axis: Optional[Sequence[int]] = None) -> tuple[int, ...]:
        """Axes counted from 0; all of them for None and ()."""
        return axes_of(axis, self.rank)

    @property
    def is_floating(self) -> bool:
        return self.dtype.kind == "f"


Operand = Union[Value, Numbers, float]


class Builder:
    """Collects nodes and constants.

    Args:
        opset: the version of ONNX's operators.

    Example:
        >>> builder = Builder(17)
        >>> x = builder.input("x", np.float32, ((2, 3), (4, 3)))
        >>> builder.op("Mul", x, 0.5).shape
        (None, 3)
    """

    def __init__(self, opset: int):
        self.opset = opset
        self.layer = ""  # the current layer, with which its nodes' names begin
        self.nodes: list[NodeProto] = []
        self.inputs: list[Value] = []
        self._constants: dict[object, Value] = {}
        self._names: dict[str, int] = {}
        self._imports = [onnx.helper.make_opsetid("", opset)]

    def leave_out_unused(self, heads: Sequence[Value]) -> None:
        """Remove the nodes that none of these values needs."""
        needed = {each.name for each in heads}
        kept = []
        for node in reversed(self.nodes):
            if needed.intersection(node.output):
                needed.update(node.input)
                kept.append(node)
        self.nodes = kept[::-1]

    @property
    def constants(self) -> list[Value]:
        """The constants that any node takes."""
        taken = {name for node in self.nodes for name in node.input}
        return [each for each in self._constants.values() if each.name in taken]

    def input(self, name: str, dtype: DTypeLike, shapes: tuple[Shape, Shape]) -> Value:
        """Add an input: an array that the graph is given."""
        value = Value(self._new(name), np.dtype(dtype), shapes)
        self.inputs.append(value)
        return value

    def constant(self, array: Numbers, name: str = "") -> Value:
        """Add an array that the file holds; equal small arrays are held once."""
        small = array.size <= _MOST_KNOWN
        key = (array.dtype.str, array.shape, array.tobytes()) if small and not name else object()
        if key not in self._constants:
            named = self._new(name or f"{self.layer}/constant")
            shapes = (array.shape, array.shape)
            self._constants[key] = Value(named, array.dtype, shapes, np.ascontiguousarray(array))
        return self._constants[key]

    def op(self, kind: str, *inputs: Optional[Operand], **attributes: NodeAttribute) -> Value:
        """Add a node with one output.

        Args:
            kind: the name of ONNX's operator.
            inputs: values or arrays, which become constants; a number gets the type of the first
                value; None leaves an input out.
            attributes: the node's.

        Raises:
            ValueError: if the operator does not accept such inputs.
        """
        return self.ops(kind, 1, *inputs, **attributes)[0]

    def ops(
        self, kind: str, count: int, *inputs: Optional[Operand], **attributes: NodeAttribute
    ) -> tuple[Value, ...]:
        """Add a node with ``count`` outputs, as by :meth:`op`."""
        first = next(each for each in inputs if isinstance(each, Value))
        taken = [self._value(each, first.dtype) for each in inputs]
        while taken[-1] is None:
            taken.pop()
        names = [self._new(f"{self.layer}/{kind}") for _ in range(count)]
        node = onnx.helper.make_node(
            kind,
            ["" if each is None else each.name for each in taken],
            names,
            name=names[0],
            **attributes,
        )
        self.nodes.append(node)
        known = [each for each in taken if each is not None]
        inferred = [self._inferred(node, known, probe) for probe in (0, 1)]
        return tuple(
            Value(name, dtype, (shape, inferred[1][name][1]))
            for name, (dtype, shape) in inferred[0].items()
        )

    # Helpers for many operators

    def cast(self, value: Value, dtype: DTypeLike) -> Value:
        """A value cast to a type; the value itself if it already has it."""
        target = np.dtype(dtype)
        if value.dtype == target:
            return value
        return self.op("Cast", value, to=onnx.helper.np_dtype_to_tensor_dtype(target))

    def reshape(self, value: Value, shapes: Sequence[Shape]) -> Value:
        """A value reshaped to the shapes given for the two batch sizes.

        Raises:
            ValueError: if several sizes depend on the batch.
        """
        if tuple(map(tuple, shapes)) == value.shapes:
            return value
        open_axes = [i for i, (a, b) in enumerate(zip(*shapes)) if a != b]
        if len(open_axes) > 1:
            raise ValueError("several sizes of its output follow from the batch")
        sizes = [-1 if i in open_axes else size for i, size in enumerate(shapes[0])]
        return self.op("Reshape", value, np.array(sizes, np.int64))

    def squeeze(self, value: Value, axes: Sequence[int]) -> Value:
        return self.op("Squeeze", value, np.array(axes, np.int64)) if axes else value

    def unsqueeze(self, value: Value, axes: Sequence[int]) -> Value:
        return self.op("Unsqueeze", value, np.array(axes, np.int64)) if axes else value

    def reduce(self, kind: str, value: Value, axes: Sequence[int], keepdims: bool = True) -> Value:
        """A reduction such as ``ReduceMean``."""
        if not axes:
            return value  # for ONNX, no axes would mean all axes
        if self.opset >= _AXES_AS_INPUT or kind == "ReduceSum":
            return self.op(kind, value, np.array(axes, np.int64), keepdims=int(keepdims))
        return self.op(kind, value, axes=list(axes), keepdims=int(keepdims))

    def slice(
        self,
        value: Value,
        axes: Sequence[int],
        begins: Sequence[int],
        ends: Sequence[int],
        steps: Optional[Sequence[int]] = None,
    ) -> Value:
        numbers = [
            np.array(each, np.int64) for each in (begins, ends, axes, steps or [1] * len(axes))
        ]
        return self.op("Slice", value, *numbers)

    def pad(self, value: Value, edges: Sequence[tuple[int, int]], number: float = 0) -> Value:
        """A value padded with a number before and after each axis."""
        if not any(map(any, edges)):
            return value
        widths = [before for before, _ in edges] + [behind for _, behind in edges]
        fill = np.array(number, value.dtype)
        return self.op("Pad", value, np.array(widths, np.int64), fill)

    def _value(self, operand: Optional[Operand], dtype: DType) -> Optional[Value]:
        if operand is None or isinstance(operand, Value):
            return operand
        if isinstance(operand, np.ndarray):
            return self.constant(operand)
        return self.constant(np.array(operand).astype(dtype))

    def _new(self, name: str) -> str:
        """A unique name."""
        count = self._names[name] = self._names.get(name, -1) + 1
        return f"{name}{count}" if count or name.endswith("/constant") else name

    def _inferred(
        self, node: NodeProto, known: Sequence[Value], probe: int
    ) -> dict[str, tuple[DType, Shape]]:
        """The type and shape of each output of a node, for one of the batch sizes."""
        schema = onnx.defs.get_schema(node.op_type, self.opset, "")
        types = {each.name: _type_of(each.dtype, each.shapes[probe]) for each in known}
        data = {
            each.name: onnx.numpy_helper.from_array(each.constant)
            for each in known
            if each.constant is not None and each.constant.size <= _MOST_KNOWN
        }
        try:
            found: Mapping[str, TypeProto] = onnx.shape_inference.infer_node_outputs(
                schema, node, types, data, opset_imports=self._imports
            )
        except onnx.shape_inference.InferenceError as error:
            raise ValueError(f"ONNX's {node.op_type}: {_reason(error)}") from error
        return {name: _described(found[name].tensor_type) for name in node.output}


def _type_of(dtype: DType, shape: Shape) -> TypeProto:
    kind = onnx.helper.np_dtype_to_tensor_dtype(dtype)
    made: TypeProto = onnx.helper.make_tensor_type_proto(kind, shape)
    return made


def _described(tensor: TypeProto.Tensor) -> tuple[DType, Shape]:
    sizes = tuple(each.dim_value for each in tensor.shape.dim)
    if not all(each.HasField("dim_value") for each in tensor.shape.dim):
        raise ValueError("the shape of its output does not follow from those of its inputs")
    return np.dtype(onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)), sizes


def _reason(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else "it does not fit"


def counted(shape: Shape) -> int:
    """The number of elements of an array of this shape.

    Example:
        >>> counted((2, 3, 4))
        24
    """
    return math.prod(shape)
