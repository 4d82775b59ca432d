"""Pooling, and images in another size."""

from __future__ import annotations

import math
from typing import Optional

from ..code import Code, Emitter, Layers, NotWritten, Value, options_of, tuple_of


def pooling(
    w: Layers,
    data: Value,
    *,
    kernel: tuple[int, ...],
    pool_type: str,
    global_pool: bool,
    pooling_convention: str,
    stride: tuple[int, ...],
    pad: tuple[int, ...],
    p_value: Optional[int],
    count_include_pad: Optional[bool],
    layout: Optional[str],
    **_: object,
) -> Code:
    """The maximum, mean, sum or Lp norm of the windows over images.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> attributes = OPERATORS["Pooling"].completed({"kernel": (2, 2), "stride": (2, 2)})
        >>> pooling(Layers({}, {}), Value(rank=4), **attributes).text
        'F.max_pool2d($0, 2)'
    """
    axes = len(kernel) or (data.rank or 0) - 2
    if axes < 1:
        raise NotWritten("how many axes it pools is not known; write its kernel")
    last = layout is not None and layout[1] != "C"
    before, after = ("@0.movedim(-1, 1)", ".movedim(1, -1)") if last else ("$0", "")
    if global_pool:
        text = _global(w, axes, pool_type, p_value).replace("$0", before)
        return Code(f"{text}{after}", data.dtype, axes + 2)
    stride, pad = stride or (1,) * axes, (pad or (0,) * axes)[:axes]
    full, counted = pooling_convention == "full", count_include_pad is not False
    usual = (
        pool_type in ("max", "avg")
        and pooling_convention != "same"
        and all(2 * edge <= size for edge, size in zip(pad, kernel))
        # Otherwise PyTorch would leave out a window that begins in the padding.
        and (not full or all(s <= k - p for s, k, p in zip(stride, kernel, pad)))
    )
    if not usual:
        p = 1 if pool_type == "sum" else p_value or 1
        told = f"{kernel}, {stride}, {pad}, {pooling_convention!r}"
        more = f"{pool_type!r}, p={p}, padding_counts={counted}"
        text = f"{w.helper('pooled')}({before}, {told}, {more})"
        return Code(f"{text}{after}", data.dtype, axes + 2)
    options = options_of(
        stride=(tuple_of(stride), tuple_of(kernel)),
        padding=(tuple_of(pad), "0"),
        ceil_mode=(full, False),
        **({"count_include_pad": (counted, True)} if pool_type == "avg" else {}),
    )
    text = f"F.{pool_type}_pool{axes}d({before}, {tuple_of(kernel)}{options})"
    return Code(f"{text}{after}", data.dtype, axes + 2)


def _global(w: Layers, axes: int, pool_type: str, p: Optional[int]) -> str:
    if pool_type in ("max", "avg"):
        return f"F.adaptive_{pool_type}_pool{axes}d($0, 1)"
    dims = tuple(range(2, axes + 2))
    if pool_type == "sum" or p in (None, 1):
        return f"$0.sum(dim={dims}, keepdim=True)"
    return f"{w.helper('root')}(($0 ** {p}).sum(dim={dims}, keepdim=True), {p})"


def adaptive_average(w: Layers, data: Value, *, output_size: tuple[int, ...]) -> Code:
    """The means of parts of each image, for an output of a given size: ``F.adaptive_avg_pool2d``.

    Example:
        >>> adaptive_average(Layers({}, {}), Value(rank=4), output_size=(2, 2)).text
        'F.adaptive_avg_pool2d($0, 2)'
    """
    return Code(f"F.adaptive_avg_pool2d($0, {tuple_of(output_size or (1,))})", data.dtype, 4)


def up_sampling(
    w: Layers,
    *data: Value,
    scale: int,
    num_filter: int,
    sample_type: str,
    multi_input_mode: str,
    num_args: int,
    **_: object,
) -> Code:
    """Images ``scale`` times as large; several inputs are joined by channel or summed.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> wanted = {"scale": 2, "sample_type": "nearest", "num_args": 1}
        >>> attributes = OPERATORS["UpSampling"].completed(wanted)
        >>> up_sampling(Layers({}, {}), Value(rank=4), **attributes).text
        "F.interpolate($0, scale_factor=2, mode='nearest')"
    """
    if sample_type == "bilinear":
        weight, edge = w.weight(data[1]), math.ceil((scale - 1) / 2)
        options = f"stride={scale}, padding={edge}, groups={num_filter}"
        return Code(f"F.conv_transpose2d($0, {weight}, {options})", data[0].dtype, 4)
    if num_args == 1:
        return Code(f"F.interpolate($0, scale_factor={scale}, mode='nearest')", data[0].dtype, 4)
    given = ", ".join(f"${i}" for i in range(num_args))
    text = f"{w.helper('up_sampled')}([{given}], {scale}, {multi_input_mode!r})"
    return Code(text, data[0].dtype, 4)


def bilinear_resize(
    w: Layers,
    data: Value,
    like: Optional[Value] = None,
    *,
    height: int,
    width: int,
    scale_height: Optional[float],
    scale_width: Optional[float],
    mode: str,
    align_corners: bool,
) -> Code:
    """Images in another size, by linear interpolation: ``F.interpolate``.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> wanted = {"height": 8, "width": 6}
        >>> attributes = OPERATORS["_contrib_BilinearResize2D"].completed(wanted)
        >>> bilinear_resize(Layers({}, {}), Value(rank=4), **attributes).text
        "F.interpolate($0, size=(8, 6), mode='bilinear', align_corners=True)"
    """
    if like is not None:
        text = f"{w.helper('resized_to')}($0, @1.shape[2:], {align_corners})"
    elif mode != "size" or scale_height is not None:
        scales = f"({scale_height}, {scale_width})"
        text = f"{w.helper('resized')}($0, {mode!r}, {scales}, {align_corners})"
    elif 1 in (height, width):
        text = f"{w.helper('resized_to')}($0, ({height}, {width}), {align_corners})"
    else:
        options = f"mode='bilinear', align_corners={align_corners}"
        text = f"F.interpolate($0, size=({height}, {width}), {options})"
    return Code(text, data.dtype, 4)


EMITTERS: dict[str, Emitter] = {
    "Pooling": pooling,
    "UpSampling": up_sampling,
    "_contrib_AdaptiveAvgPooling2D": adaptive_average,
    "_contrib_BilinearResize2D": bilinear_resize,
}
