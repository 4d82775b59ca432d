"""Reductions, such as sums over axes, and softmax.

MXNet has no arrays without axes: a reduction over all axes gives the shape (1,).
"""

from __future__ import annotations

from typing import Optional

from ..code import Code, Emitter, Layers, Value, cast, kept, known_rank

Axes = tuple[int, ...]

_REDUCTIONS = {"max": "amax", "mean": "mean", "min": "amin", "sum": "sum"}


def _reducing(name: str) -> Emitter:
    def emit(
        w: Layers, data: Value, *, axis: Optional[Axes], keepdims: bool, exclude: bool
    ) -> Code:
        axes = _axes(data, axis, exclude)
        if not axes:
            return kept("$0", data)
        given, have = "@0", data.dtype
        if not data.is_floating:
            given, have = ("@0.float()", "float32") if name == "mean" else ("@0.long()", "int64")
        if name == "prod":
            text = given
            for each in sorted((each % known_rank(data) for each in axes), reverse=True):
                text = f"{text}.prod(dim={each}, keepdim={keepdims})"
        else:
            text = f"{given}.{_REDUCTIONS[name]}({_where(axes, keepdims)})"
        return _reduced(text, data, axes, keepdims, have)

    return emit


def _axes(data: Value, axis: Optional[Axes], exclude: bool) -> Axes:
    if not axis:
        return tuple(range(known_rank(data)))
    if not exclude:
        return tuple(axis)
    named = {each % known_rank(data) for each in axis}
    return tuple(each for each in range(known_rank(data)) if each not in named)


def _where(axes: Axes, keepdims: bool) -> str:
    dims = axes[0] if len(axes) == 1 else axes
    return f"dim={dims}" + (", keepdim=True" if keepdims else "")


def _reduced(
    text: str, data: Value, axes: Axes, keepdims: bool, have: str, want: Optional[str] = None
) -> Code:
    want = want or data.dtype
    text = cast(text, have, want)
    rank = data.rank if keepdims else data.rank and data.rank - len(axes)
    if rank == 0:
        return Code(f"{text}.reshape(1)", want, 1)
    return Code(text, want, rank)


def _place_of(name: str) -> Emitter:
    def emit(w: Layers, data: Value, *, axis: Optional[int], keepdims: bool) -> Code:
        if axis is None:
            rank = known_rank(data) if keepdims else 1
            shape = ", ".join(["1"] * rank)
            return Code(f"@0.{name}().reshape({shape}).to(torch.{data.dtype})", data.dtype, rank)
        text = f"@0.{name}({_where((axis,), keepdims)})"
        return _reduced(text, data, (axis,), keepdims, "int64")

    return emit


def norm(
    w: Layers,
    data: Value,
    *,
    ord: int,
    axis: Optional[Axes],
    out_dtype: Optional[str],
    keepdims: bool,
) -> Code:
    """The L1 norm or the L2 norm along axes, or of all elements; ``ord`` is 1 or 2.

    Example:
        >>> layers = Layers({}, {})
        >>> norm(layers, Value(rank=2), ord=2, axis=(1,), out_dtype=None, keepdims=False).text
        'torch.linalg.vector_norm($0, ord=2, dim=1)'
    """
    axes = _axes(data, axis, exclude=False)
    given, have = ("$0", data.dtype) if data.is_floating else ("@0.float()", "float32")
    text = f"torch.linalg.vector_norm({given}, ord={ord}, {_where(axes, keepdims)})"
    return _reduced(text, data, axes, keepdims, have, out_dtype)


def _shares(name: str, sign: str = "") -> Emitter:
    def emit(
        w: Layers,
        data: Value,
        length: Optional[Value] = None,
        *,
        axis: int,
        temperature: Optional[float],
        dtype: Optional[str],
        **_: object,
    ) -> Code:
        made = dtype or data.dtype
        given = cast("@0", data.dtype, made)
        if temperature is not None:
            given = f"({given} / {temperature})"
        if sign:
            given = f"({sign}{given})"
        if length is not None:
            text = f"{w.helper('softmax_within')}({given.replace('@', '$')}, $1, {axis})"
            return Code(text, made, data.rank)
        return Code(f"{given}.{name}(dim={axis})", made, data.rank)

    return emit


def cumsum(w: Layers, a: Value, *, axis: Optional[int], dtype: Optional[str]) -> Code:
    """The cumulative sums along an axis; None means of the flattened data.

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
    **{name: _reducing(name) for name in (*_REDUCTIONS, "prod")},
    "_np_cumsum": cumsum,
    "argmax": _place_of("argmax"),
    "argmin": _place_of("argmin"),
    "log_softmax": _shares("log_softmax"),
    "norm": norm,
    "softmax": _shares("softmax"),
    "softmin": _shares("softmax", "-"),
}
