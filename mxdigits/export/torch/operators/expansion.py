"""Operators that make an array larger: repeated, broadcast or padded."""

from __future__ import annotations

from typing import Optional

from ..code import Code, Emitter, Layers, Sizes, Value, kept, known_rank


def repeat(w: Layers, data: Value, *, repeats: int, axis: Optional[int]) -> Code:
    """Each element repeated in place, along an axis or in the flattened data.

    Example:
        >>> repeat(Layers({}, {}), Value(rank=2), repeats=2, axis=1).text
        '@0.repeat_interleave(2, dim=1)'
    """
    if axis is None:
        return Code(f"@0.repeat_interleave({repeats})", data.dtype, 1)
    return kept(f"@0.repeat_interleave({repeats}, dim={axis})", data)


def tile(w: Layers, data: Value, *, reps: Sizes) -> Code:
    """The whole data repeated along each axis.

    Example:
        >>> tile(Layers({}, {}), Value(rank=2), reps=(1, 2)).text
        '@0.tile((1, 2))'
    """
    rank = data.rank and max(data.rank, len(reps))
    return Code(f"@0.tile({tuple(reps)})", data.dtype, rank)


def pad(w: Layers, data: Value, *, mode: str, pad_width: Sizes, constant_value: float) -> Code:
    """The data with further elements at both ends of each axis.

    ``pad_width`` has two numbers per axis; ``mode`` is ``constant``, ``edge`` or ``reflect``.

    Example:
        >>> layers = Layers({}, {})
        >>> data = Value(rank=2)
        >>> pad(layers, data, mode="constant", pad_width=(0, 0, 1, 1), constant_value=0.0).text
        'F.pad($0, (1, 1))'
    """
    pairs = list(zip(pad_width[::2], pad_width[1::2]))[::-1]
    while pairs and pairs[-1] == (0, 0):
        pairs.pop()
    widths = tuple(width for pair in pairs for width in pair)
    if mode == "constant":
        more = f", value={constant_value}" if constant_value else ""
        return kept(f"F.pad($0, {widths}{more})", data)
    torch_mode = {"edge": "replicate", "reflect": "reflect"}[mode]
    return kept(f"F.pad($0, {widths}, mode={torch_mode!r})", data)


def broadcast_axis(w: Layers, data: Value, *, axis: Sizes, size: Sizes) -> Code:
    """The data repeated along axes of size 1.

    Example:
        >>> broadcast_axis(Layers({}, {}), Value(rank=2), axis=(1,), size=(3,)).text
        '@0.expand(-1, 3)'
    """
    sizes = [-1] * known_rank(data)
    for place, wide in zip(axis, size):
        sizes[place] = wide
    return kept(f"@0.expand({', '.join(map(str, sizes))})", data)


def broadcast_to(w: Layers, data: Value, *, shape: Sizes) -> Code:
    """The data repeated to a shape; a 0 in it keeps the size of that axis.

    Example:
        >>> broadcast_to(Layers({}, {}), Value(rank=2), shape=(0, 3)).text
        '@0.expand(-1, 3)'
    """
    return kept(f"@0.expand({', '.join(str(size or -1) for size in shape)})", data)


def broadcast_like(
    w: Layers, lhs: Value, rhs: Value, *, lhs_axes: Optional[Sizes], rhs_axes: Optional[Sizes]
) -> Code:
    """The data repeated to the shape of another array, along all axes or the named ones.

    Example:
        >>> layers = Layers({}, {})
        >>> broadcast_like(layers, Value(rank=2), Value(rank=2), lhs_axes=None, rhs_axes=None).text
        '@0.expand_as($1)'
    """
    if lhs_axes is None or rhs_axes is None:
        return kept("@0.expand_as($1)", lhs)
    return kept(f"{w.helper('expanded_like')}($0, $1, {lhs_axes}, {rhs_axes})", lhs)


EMITTERS: dict[str, Emitter] = {
    "Pad": pad,
    "broadcast_axis": broadcast_axis,
    "broadcast_like": broadcast_like,
    "broadcast_to": broadcast_to,
    "repeat": repeat,
    "tile": tile,
}
