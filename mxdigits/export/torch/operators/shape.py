"""Operators that move elements without changing them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Optional

from ....backends.graphs.shapes import npx_codes
from ..code import Code, Emitter, Layers, NotWritten, Sizes, Value, cast, kept, known_rank, tuple_of


def flatten(w: Layers, data: Value) -> Code:
    """The data with all axes but the first in one.

    Example:
        >>> flatten(Layers({}, {}), Value(rank=4)).text
        '@0.flatten(1)'
    """
    text = "@0.unsqueeze(1)" if data.rank == 1 else "@0.flatten(1)"
    return Code(text, data.dtype, 2)


def reshape(
    w: Layers,
    data: Value,
    *,
    shape: Sizes,
    reverse: bool,
    target_shape: Sizes,
    keep_highest: bool,
) -> Code:
    """The data in another shape, which is in the codes of ``mx.sym.Reshape``.

    ``target_shape`` and ``keep_highest`` say it where ``shape`` is ().

    Example:
        >>> more = {"reverse": False, "target_shape": (), "keep_highest": False}
        >>> reshape(Layers({}, {}), Value(rank=3), shape=(0, -1), **more).text
        '@0.flatten(1)'
    """
    if not shape:
        text = f"{w.helper('reshaped_to')}($0, {target_shape}, {keep_highest})"
        return Code(text, data.dtype, len(target_shape))
    return _reshaped(w, data, shape, reverse)


def npx_reshape(w: Layers, a: Value, *, newshape: Sizes, reverse: bool, order: str) -> Code:
    """The data in another shape, in the codes of ``mx.npx.reshape``.

    Example:
        >>> layers = Layers({}, {})
        >>> npx_reshape(layers, Value(rank=3), newshape=(-2, -1), reverse=False, order="C").text
        '@0.flatten(1)'
    """
    return _reshaped(w, a, npx_codes(newshape), reverse)


def _reshaped(w: Layers, data: Value, codes: Sequence[int], reverse: bool) -> Code:
    rank = _rank_after(data.rank, codes)
    if min(codes) >= -1 and 0 not in codes:
        return Code(f"@0.reshape({', '.join(map(str, codes))})", data.dtype, rank)
    if tuple(codes) == (0, -1) and data.rank != 1 and not reverse:
        return Code("@0.flatten(1)", data.dtype, 2)
    more = ", reverse=True" if reverse else ""
    return Code(f"{w.helper('reshaped')}($0, {tuple(codes)}{more})", data.dtype, rank)


def _rank_after(rank: Optional[int], codes: Sequence[int]) -> Optional[int]:
    """How many axes codes of ``Reshape`` make of so many; None if that is not known."""
    made, used, todo = 0, 0, list(codes)
    while todo:
        code = todo.pop(0)
        if code == -2:
            if rank is None or todo:
                return None
            made, used = made + rank - used, rank
        elif code == -4:
            made, used, todo = made + 2, used + 1, todo[2:]
        else:
            made, used = made + (code != -6), used + (2 if code == -3 else 1)
    return made


def swap_axis(w: Layers, data: Value, *, dim1: int, dim2: int) -> Code:
    """The data with two axes swapped.

    Example:
        >>> swap_axis(Layers({}, {}), Value(rank=2), dim1=0, dim2=1).text
        '@0.transpose(0, 1)'
    """
    return kept(f"@0.transpose({dim1}, {dim2})", data)


def expand_dims(w: Layers, data: Value, *, axis: int) -> Code:
    """The data with a further axis of size 1.

    Example:
        >>> expand_dims(Layers({}, {}), Value(rank=2), axis=1).text
        '@0.unsqueeze(1)'
    """
    return Code(f"@0.unsqueeze({axis})", data.dtype, data.rank and data.rank + 1)


def squeeze(w: Layers, data: Value, *, axis: Optional[Sizes]) -> Code:
    """The data without axes of size 1; at least one axis stays.

    Example:
        >>> squeeze(Layers({}, {}), Value(rank=3), axis=(1,)).text
        '@0.squeeze(1)'
    """
    if axis is None:
        return Code(f"{w.helper('squeezed')}($0)", data.dtype)
    rank = data.rank and data.rank - len(axis)
    if rank == 0:
        return Code("@0.reshape(1)", data.dtype, 1)
    return Code(f"@0.squeeze({tuple_of(axis)})", data.dtype, rank)


def transpose(w: Layers, data: Value, *, axes: Sizes) -> Code:
    """The data with their axes in another order; in the opposite one for ().

    Example:
        >>> transpose(Layers({}, {}), Value(rank=3), axes=(2, 0, 1)).text
        '@0.permute(2, 0, 1)'
    """
    order = axes or range(known_rank(data))[::-1]
    return kept(f"@0.permute({', '.join(map(str, order))})", data)


def repeat(w: Layers, data: Value, *, repeats: int, axis: Optional[int]) -> Code:
    """Each element so many times in a row, along an axis or of the flattened data.

    Example:
        >>> repeat(Layers({}, {}), Value(rank=2), repeats=2, axis=1).text
        '@0.repeat_interleave(2, dim=1)'
    """
    if axis is None:
        return Code(f"@0.repeat_interleave({repeats})", data.dtype, 1)
    return kept(f"@0.repeat_interleave({repeats}, dim={axis})", data)


def reverse(w: Layers, data: Value, *, axis: Sizes) -> Code:
    """The data backwards along axes.

    Example:
        >>> reverse(Layers({}, {}), Value(rank=2), axis=(1,)).text
        '@0.flip(1)'
    """
    return kept(f"@0.flip({tuple_of(axis)})", data)


def tile(w: Layers, data: Value, *, reps: Sizes) -> Code:
    """The data so many times along each axis.

    Example:
        >>> tile(Layers({}, {}), Value(rank=2), reps=(1, 2)).text
        '@0.tile((1, 2))'
    """
    rank = data.rank and max(data.rank, len(reps))
    return Code(f"@0.tile({tuple(reps)})", data.dtype, rank)


def pad(w: Layers, data: Value, *, mode: str, pad_width: Sizes, constant_value: float) -> Code:
    """The data with so many further elements before and behind each axis.

    ``pad_width`` has two numbers an axis; ``mode`` is ``constant``, ``edge`` or ``reflect``.

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


def slice_(
    w: Layers,
    data: Value,
    *,
    begin: Sequence[Optional[int]],
    end: Sequence[Optional[int]],
    step: Sequence[Optional[int]],
) -> Code:
    """A part of the data by the bounds of each axis, as Python's slices have them.

    Example:
        >>> slice_(Layers({}, {}), Value(rank=2), begin=(0, 1), end=(None, 3), step=()).text
        '@0[0:, 1:3]'
    """
    steps = [each or 1 for each in step] or [1] * len(begin)
    if min(steps) > 0:
        cuts = ", ".join(map(_cut, begin, end, steps))
        return kept(f"@0[{cuts}]", data)
    given = f"{tuple(begin)}, {tuple(end)}, {tuple(steps)}"
    return kept(f"{w.helper('sliced')}($0, {given})", data)


def _cut(begin: Optional[int], end: Optional[int], step: int = 1) -> str:
    first, last = ("" if each is None else each for each in (begin, end))
    return f"{first}:{last}" + (f":{step}" if step != 1 else "")


def slice_axis(w: Layers, data: Value, *, axis: int, begin: int, end: Optional[int]) -> Code:
    """A part of the data by its bounds along one axis.

    Example:
        >>> slice_axis(Layers({}, {}), Value(rank=2), axis=1, begin=1, end=None).text
        '@0[:, 1:]'
    """
    cut = _cut(begin or None, end)
    if axis < 0:
        return kept(f"@0[{', '.join(['...', cut, *[':'] * (-axis - 1)])}]", data)
    return kept(f"@0[{', '.join([':'] * axis + [cut])}]", data)


def slice_like(w: Layers, data: Value, shape_like: Value, *, axes: Sizes) -> Code:
    """The first part of the data, as long as another array along axes; along all for ().

    Example:
        >>> slice_like(Layers({}, {}), Value(rank=2), Value(rank=2), axes=(1,)).text
        'cut_like($0, $1, (1,))'
    """
    return kept(f"{w.helper('cut_like')}($0, $1, {tuple(axes)})", data)


def split(w: Layers, data: Value, *, num_outputs: int, axis: int, squeeze_axis: bool) -> Code:
    """The data in equal parts along an axis, which each part may lose: ``SliceChannel``.

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
    """Arrays joined along an axis that they have.

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
    """The data repeated to a shape, whose zeros keep a size.

    Example:
        >>> broadcast_to(Layers({}, {}), Value(rank=2), shape=(0, 3)).text
        '@0.expand(-1, 3)'
    """
    return kept(f"@0.expand({', '.join(str(size or -1) for size in shape)})", data)


def broadcast_like(
    w: Layers, lhs: Value, rhs: Value, *, lhs_axes: Optional[Sizes], rhs_axes: Optional[Sizes]
) -> Code:
    """The data repeated to the shape of another array, or along the axes that are named.

    Example:
        >>> layers = Layers({}, {})
        >>> broadcast_like(layers, Value(rank=2), Value(rank=2), lhs_axes=None, rhs_axes=None).text
        '@0.expand_as($1)'
    """
    if lhs_axes is None or rhs_axes is None:
        return kept("@0.expand_as($1)", lhs)
    return kept(f"{w.helper('expanded_like')}($0, $1, {lhs_axes}, {rhs_axes})", lhs)


def take(w: Layers, a: Value, indices: Value, *, axis: int, mode: str) -> Code:
    """The slices of ``a`` at whole numbers along an axis.

    A number beyond an end is moved to it by the mode ``clip``, and counted on by ``wrap``.

    Example:
        >>> take(Layers({}, {}), Value(rank=2), Value(rank=1), axis=0, mode="clip").text
        "taken($0, $1, 0, 'clip')"
    """
    rank = None if a.rank is None or indices.rank is None else a.rank + indices.rank - 1
    return Code(f"{w.helper('taken')}($0, $1, {axis}, {mode!r})", a.dtype, rank)


def embedding(w: Layers, data: Value, weight: Value, **_: object) -> Code:
    """A row of the weight for each number of the data: ``nn.Embedding``.

    Example:
        >>> import numpy as np
        >>> w = Layers({"w": np.zeros((10, 4), np.float32)}, {}, name="table")
        >>> embedding(w, Value(rank=2), Value(variable="w")).text
        'embedded($0, self.table)'
        >>> w.built
        {'table': 'nn.Embedding(10, 4)'}
    """
    array = w.array(weight)
    rows, numbers = array.shape
    layer = w.module(f"nn.Embedding({rows}, {numbers})", {"weight": array}, weight.variable)
    rank = None if data.rank is None else data.rank + 1
    return Code(f"{w.helper('embedded')}($0, {layer})", weight.dtype, rank)


def one_hot(
    w: Layers, indices: Value, *, depth: int, on_value: float, off_value: float, dtype: str
) -> Code:
    """A further axis, with one value at the place that a number says, and another elsewhere.

    Example:
        >>> wanted = {"depth": 3, "on_value": 1.0, "off_value": 0.0, "dtype": "float32"}
        >>> one_hot(Layers({}, {}), Value(rank=1), **wanted).text
        'one_hot($0, 3, 1.0, 0.0).to(torch.float32)'
    """
    if dtype == "bfloat16":
        raise NotWritten("NumPy has no bfloat16 to compare it in; write float32")
    made = cast(f"{w.helper('one_hot')}($0, {depth}, {on_value}, {off_value})", "float64", dtype)
    return Code(made, dtype, None if indices.rank is None else indices.rank + 1)


def cumsum(w: Layers, a: Value, *, axis: Optional[int], dtype: Optional[str]) -> Code:
    """The sums of all numbers up to each, along an axis; of all in a row for None.

    Example:
        >>> cumsum(Layers({}, {}), Value(rank=2), axis=1, dtype=None).text
        '@0.cumsum(1)'
    """
    kind = dtype or a.dtype
    more = "" if kind == a.dtype and a.is_floating else f", dtype=torch.{kind}"
    if axis is None:
        return Code(f"@0.flatten().cumsum(0{more})", kind, 1)
    return Code(f"@0.cumsum({axis}{more})", kind, a.rank)


EMITTERS: dict[str, Emitter] = {
    "Concat": concat,
    "Embedding": embedding,
    "Flatten": flatten,
    "Pad": pad,
    "Reshape": reshape,
    "SliceChannel": split,
    "SwapAxis": swap_axis,
    "_np_cumsum": cumsum,
    "_npx_reshape": npx_reshape,
    "broadcast_axis": broadcast_axis,
    "broadcast_like": broadcast_like,
    "broadcast_to": broadcast_to,
    "expand_dims": expand_dims,
    "one_hot": one_hot,
    "repeat": repeat,
    "reverse": reverse,
    "slice": slice_,
    "slice_axis": slice_axis,
    "slice_like": slice_like,
    "squeeze": squeeze,
    "stack": stack,
    "take": take,
    "tile": tile,
    "transpose": transpose,
}
