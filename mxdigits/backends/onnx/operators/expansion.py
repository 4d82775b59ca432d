"""Operators that make an array larger: repeated, broadcast or padded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Optional

import numpy as np

from ....arrays import Shape
from .types import Builder, Function, Value, sizes


def repeat(g: Builder, data: Value, *, repeats: int, axis: Optional[int]) -> Value:
    """Each element repeated ``repeats`` times, along an axis or in the flattened data.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> repeat(g, data, repeats=2, axis=1).shape, [node.op_type for node in g.nodes]
        ((None, 6), ['Unsqueeze', 'Tile', 'Reshape'])
    """
    if axis is None:
        data, axis = g.reshape(data, [(math.prod(each),) for each in data.shapes]), 0
    place = axis % data.rank
    reps = [repeats if i == place + 1 else 1 for i in range(data.rank + 1)]
    tiled = g.op("Tile", g.unsqueeze(data, [place + 1]), np.array(reps, np.int64))
    joined = [(*s[:place], s[place] * repeats, *s[place + 1 :]) for s in data.shapes]
    return g.reshape(tiled, joined)


def tile(g: Builder, data: Value, *, reps: Shape) -> Value:
    """The data repeated ``reps`` times along each axis.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> tile(g, data, reps=(2,)).shape, [node.op_type for node in g.nodes]
        ((None, 6), ['Tile'])
    """
    rank = max(data.rank, len(reps))
    data = g.unsqueeze(data, range(rank - data.rank))
    return g.op("Tile", data, np.array([1] * (rank - len(reps)) + list(reps), np.int64))


def pad(g: Builder, data: Value, *, mode: str, pad_width: Shape, constant_value: float) -> Value:
    """The data padded with elements before and after each axis.

    ``pad_width`` has two numbers per axis; ``mode`` is ``constant``, ``edge`` or ``reflect``.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> result = pad(g, data, mode="reflect", pad_width=(0, 0, 1, 1), constant_value=0.0)
        >>> result.shape, [node.op_type for node in g.nodes]
        ((None, 5), ['Pad'])
    """
    if mode == "constant":
        return g.pad(data, list(zip(pad_width[::2], pad_width[1::2])), constant_value)
    widths = np.array([*pad_width[::2], *pad_width[1::2]], np.int64)
    return g.op("Pad", data, widths, mode=mode)


def broadcast_axis(g: Builder, data: Value, *, axis: Shape, size: Shape) -> Value:
    """The data broadcast along axes of size 1.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 1), (4, 1)))
        >>> broadcast_axis(g, data, axis=(1,), size=(3,)).shape, [node.op_type for node in g.nodes]
        ((None, 3), ['Expand'])
    """
    wanted = {each % data.rank: wide for each, wide in zip(axis, size)}
    return _expanded(g, data, [wanted.get(i, 1) for i in range(data.rank)])


def broadcast_to(g: Builder, data: Value, *, shape: Shape) -> Value:
    """The data broadcast to a shape, in which 0 keeps a size.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 1), (4, 1)))
        >>> broadcast_to(g, data, shape=(0, 3)).shape, [node.op_type for node in g.nodes]
        ((None, 3), ['Expand'])
    """
    return _expanded(g, data, [size or 1 for size in shape])


def broadcast_like(
    g: Builder,
    lhs: Value,
    rhs: Value,
    *,
    lhs_axes: Optional[Shape],
    rhs_axes: Optional[Shape],
) -> Value:
    """The data broadcast to the shape of another array, or only along the named axes.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 1), (4, 1)))
        >>> like = g.input("like", np.float32, ((2, 3), (4, 3)))
        >>> result = broadcast_like(g, data, like, lhs_axes=None, rhs_axes=None)
        >>> result.shape, [node.op_type for node in g.nodes]
        ((None, 3), ['Expand'])
        >>> token = g.input("token", np.float32, ((1, 3), (1, 3)))
        >>> broadcast_like(g, token, like, lhs_axes=(0,), rhs_axes=(0,)).shape
        (None, 3)
    """
    if lhs_axes is None or rhs_axes is None:
        lhs_axes = rhs_axes = tuple(range(rhs.rank))
    pairs = [
        (left % lhs.rank, right)
        for left, right in zip(lhs_axes, rhs_axes)
        if sizes(lhs, left) != sizes(rhs, right)
    ]
    for left, right in [pair for pair in pairs if rhs.shape[pair[1]] is None]:
        lhs = _as_long(g, lhs, left, rhs, right)
        pairs.remove((left, right))
    size = tuple(rhs.size(right) for _, right in pairs)
    return broadcast_axis(g, lhs, axis=tuple(left for left, _ in pairs), size=size)


def _as_long(g: Builder, data: Value, axis: int, like: Value, other: int) -> Value:
    """The data repeated along an axis of size 1 up to the batch, as long as an axis of ``like``."""
    if data.shape[axis] != 1:
        raise ValueError(f"its axis {axis} is not 1 and not as long as the batch")
    rest = [each for each in range(like.rank) if each != other]
    batch = g.slice(like, rest, [0] * len(rest), [1] * len(rest)) if rest else like
    shape = [
        tuple(size if each == axis else 1 for each in range(data.rank))
        for size in sizes(like, other)
    ]
    # All true, whatever the numbers are.
    equal = g.op("Equal", g.reshape(batch, shape), g.reshape(batch, shape))
    return g.op("Where", g.op("Or", equal, g.op("Not", equal)), data, data)


def _expanded(g: Builder, data: Value, sizes: Sequence[int]) -> Value:
    """The data broadcast along axes of size 1; a wanted size of 1 keeps an axis."""
    return g.op("Expand", data, np.array(sizes, np.int64))


FUNCTIONS: dict[str, Function] = {
    "Pad": pad,
    "broadcast_axis": broadcast_axis,
    "broadcast_like": broadcast_like,
    "broadcast_to": broadcast_to,
    "repeat": repeat,
    "tile": tile,
}
