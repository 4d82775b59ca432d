"""Shared by the functions of all families: their type, and casts as in MXNet."""

from __future__ import annotations

from typing import Callable, Union

import numpy as np
from numpy.typing import DTypeLike

from ..builder import Builder, Value

__all__ = [
    "Builder",
    "Function",
    "Outputs",
    "Value",
    "cast",
    "floating",
    "keeps_type",
    "sizes",
    "whole",
]

# Takes a Builder, the inputs, and the attributes by name; gives the output or all outputs.
Outputs = Union[Value, tuple[Value, ...]]
Function = Callable[..., Outputs]


def cast(g: Builder, data: Value, dtype: DTypeLike) -> Value:
    """A value cast to another type as in C: fractions are cut off, and small integers wrap.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> cast(g, data, "uint8").shape, [node.op_type for node in g.nodes]
        ((None, 3), ['Cast', 'Cast'])
    """
    target = np.dtype(dtype)
    if data.is_floating and target.kind in "iu" and target.itemsize < 4:
        data = g.cast(data, np.int32)
    return g.cast(data, target)


def floating(g: Builder, data: Value) -> Value:
    """Whole numbers as float32; other values unchanged.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.int8, ((2, 3), (4, 3)))
        >>> floating(g, data).dtype
        dtype('float32')
    """
    return data if data.is_floating else g.cast(data, np.float32)


def whole(g: Builder, data: Value) -> Value:
    """Small whole numbers as int32, which every operator accepts; other values unchanged.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.uint8, ((2, 3), (4, 3)))
        >>> whole(g, data).dtype
        dtype('int32')
    """
    small = not data.is_floating and data.dtype not in (np.int32, np.int64)
    return g.cast(data, np.int32) if small else data


def keeps_type(function: Callable[[Builder, Value], Value]) -> Callable[[Builder, Value], Value]:
    """A function of one value whose result has the value's type, also for whole numbers.

    Example:
        >>> root = keeps_type(lambda g, data: g.op("Sqrt", data))
        >>> g = Builder(17)
        >>> data = g.input("data", np.int32, ((2, 3), (4, 3)))
        >>> root(g, data).dtype, [node.op_type for node in g.nodes]
        (dtype('int32'), ['Cast', 'Sqrt', 'Cast'])
    """

    def applied(g: Builder, data: Value) -> Value:
        return cast(g, function(g, floating(g, data)), data.dtype)

    return applied


def sizes(value: Value, axis: int) -> tuple[int, ...]:
    """The size of an axis for each of the two batch sizes.

    Example:
        >>> sizes(Builder(17).input("data", np.float32, ((2, 3), (4, 3))), 0)
        (2, 4)
    """
    return tuple(shape[axis] for shape in value.shapes)
