"""Operators that join arrays, and the one that splits an array."""

from __future__ import annotations

from ..code import Code, Emitter, Layers, Value, kept


def split(w: Layers, data: Value, *, num_outputs: int, axis: int, squeeze_axis: bool) -> Code:
    """The data in equal parts along an axis: ``SliceChannel``; parts of size 1 may lose the axis.

    Example:
        >>> split(Layers({}, {}), Value(rank=4), num_outputs=2, axis=1, squeeze_axis=False).text
        '@0.chunk(2, 1)'
    """
    if squeeze_axis:
        rank = data.rank and data.rank - 1
        return Code(f"@0.unbind({axis})", data.dtype, rank, outputs=num_outputs)
    return Code(f"@0.chunk({num_outputs}, {axis})", data.dtype, data.rank, outputs=num_outputs)


def _joined(count: int) -> str:
    return ", ".join(f"${i}" for i in range(count))


def concat(w: Layers, *data: Value, num_args: int, dim: int) -> Code:
    """Arrays joined along an existing axis.

    Example:
        >>> concat(Layers({}, {}), Value(rank=2), Value(rank=2), num_args=2, dim=1).text
        'torch.cat([$0, $1], dim=1)'
    """
    return kept(f"torch.cat([{_joined(num_args)}], dim={dim})", data[0])


def stack(w: Layers, *data: Value, axis: int, num_args: int) -> Code:
    """Arrays of one shape joined along a new axis.

    Example:
        >>> stack(Layers({}, {}), Value(rank=2), Value(rank=2), axis=1, num_args=2).text
        'torch.stack([$0, $1], dim=1)'
    """
    rank = data[0].rank and data[0].rank + 1
    return Code(f"torch.stack([{_joined(num_args)}], dim={axis})", data[0].dtype, rank)


EMITTERS: dict[str, Emitter] = {
    "Concat": concat,
    "SliceChannel": split,
    "stack": stack,
}
