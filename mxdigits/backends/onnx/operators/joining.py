"""Operators that join arrays, and the one that splits an array."""

from __future__ import annotations

import numpy as np

from .types import Builder, Function, Value


def split(
    g: Builder, data: Value, *, num_outputs: int, axis: int, squeeze_axis: bool
) -> tuple[Value, ...]:
    """The data in equal parts along an axis, which ``squeeze_axis`` removes: ``SliceChannel``.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 4), (4, 4)))
        >>> parts = split(g, data, num_outputs=2, axis=1, squeeze_axis=False)
        >>> [part.shape for part in parts], [node.op_type for node in g.nodes]
        ([(None, 2), (None, 2)], ['Split'])
    """
    size = data.size(axis)
    if size % num_outputs:
        raise ValueError(f"its axis {axis} of size {size} has no {num_outputs} equal parts")
    sizes = np.full(num_outputs, size // num_outputs, np.int64)
    place = axis % data.rank
    parts = g.ops("Split", num_outputs, data, sizes, axis=place)
    return tuple(g.squeeze(each, [place]) if squeeze_axis else each for each in parts)


def concat(g: Builder, *data: Value, num_args: int, dim: int) -> Value:
    """Arrays joined along an existing axis.

    Example:
        >>> g = Builder(17)
        >>> a = g.input("a", np.float32, ((2, 2), (4, 2)))
        >>> b = g.input("b", np.float32, ((2, 3), (4, 3)))
        >>> concat(g, a, b, num_args=2, dim=1).shape, [node.op_type for node in g.nodes]
        ((None, 5), ['Concat'])
    """
    return g.op("Concat", *data, axis=dim % data[0].rank)


def stack(g: Builder, *data: Value, axis: int, num_args: int) -> Value:
    """Arrays of one shape joined along a new axis.

    Example:
        >>> g = Builder(17)
        >>> a = g.input("a", np.float32, ((2, 3), (4, 3)))
        >>> b = g.input("b", np.float32, ((2, 3), (4, 3)))
        >>> stack(g, a, b, axis=1, num_args=2).shape, [node.op_type for node in g.nodes]
        ((None, 2, 3), ['Unsqueeze', 'Unsqueeze', 'Concat'])
    """
    place = axis % (data[0].rank + 1)
    return g.op("Concat", *(g.unsqueeze(each, [place]) for each in data), axis=place)


FUNCTIONS: dict[str, Function] = {
    "Concat": concat,
    "SliceChannel": split,
    "stack": stack,
}
