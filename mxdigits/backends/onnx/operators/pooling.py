"""Pooling: windows over images, and the operators that make images larger or smaller."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Optional

import numpy as np

from ....arrays import Numbers, Shape
from ...graphs.windows import Windows, bilinear_upsampling, interpolations, pieces, resized
from ..types import NodeAttribute
from .layers import deconvolution, layout_permutations
from .types import Builder, Function, Value

_LAYOUTS = {3: "NCW", 4: "NCHW", 5: "NCDHW"}


def pooling(
    g: Builder,
    data: Value,
    *,
    kernel: Shape,
    pool_type: str,
    global_pool: bool,
    pooling_convention: str,
    stride: Shape,
    pad: Shape,
    p_value: Optional[int],
    count_include_pad: Optional[bool],
    layout: Optional[str],
    **_: object,
) -> Value:
    """The maximum, mean, sum or Lp norm of the windows over images of any layout.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> attributes = OPERATORS["Pooling"].completed({"kernel": (2, 2), "stride": (2, 2)})
        >>> g = Builder(17)
        >>> image = g.input("image", np.float32, ((2, 1, 4, 4), (4, 1, 4, 4)))
        >>> pooling(g, image, **attributes).shape, [node.op_type for node in g.nodes]
        ((None, 1, 2, 2), ['MaxPool'])
    """
    permutations = layout_permutations(layout or _LAYOUTS[data.rank])
    if permutations is not None:
        data = g.op("Transpose", data, perm=permutations[0])
    sizes = [data.size(axis) for axis in range(2, data.rank)]
    if global_pool:
        kernel, pad = tuple(sizes), (0,) * len(sizes)
        stride, pooling_convention = (1,) * len(sizes), "valid"
    windows = [
        Windows(size, extent, step, edge, pooling_convention)
        for size, extent, step, edge in zip(sizes, kernel, stride, pad)
    ]
    pool = _Pool(g, data, windows, whole=global_pool)
    if pool_type == "max":
        result = pool.largest()
    elif pool_type == "avg":
        result = pool.average(padding_counts=count_include_pad is not False)
    else:
        result = pool.norm(1 if pool_type == "sum" else p_value or 1)
    return result if permutations is None else g.op("Transpose", result, perm=permutations[1])


class _Pool:
    """Images with channels first, and the windows over them."""

    def __init__(self, g: Builder, data: Value, windows: Sequence[Windows], whole: bool):
        self._g, self._data, self._windows = g, data, windows
        self._whole = whole

    def largest(self) -> Value:
        if self._whole:
            return self._g.op("GlobalMaxPool", self._data)
        lowest = float(np.finfo(self._data.dtype).min)
        return self._pooled("MaxPool", self._data, lowest)

    def average(self, padding_counts: bool) -> Value:
        if self._whole:
            return self._g.op("GlobalAveragePool", self._data)
        inside = [each.inside for each in self._windows]
        counts = [each.with_padding for each in self._windows] if padding_counts else inside
        kernels = [each.kernel for each in self._windows]
        if all((count == size).all() for count, size in zip(counts, kernels)):
            return self._mean(self._data)
        if not padding_counts and self._within_kernels() and _product(inside).all():
            return self._pooled("AveragePool", self._data, 0, count_include_pad=0)
        share = math.prod(kernels) / np.maximum(_product(counts), 1)
        return self._g.op("Mul", self._mean(self._data), share.astype(self._data.dtype))

    def norm(self, p: int) -> Value:
        """The Lp norm of each window: the p-th root of the sum of p-th powers; for 1 the sum."""
        g, data = self._g, self._data
        powers = data if p == 1 else g.op("Pow", data, float(p))
        total = g.op("Mul", self._mean(powers), float(math.prod(w.kernel for w in self._windows)))
        if p == 1:
            return total
        return g.op("Sqrt", total) if p == 2 else g.op("Pow", total, 1 / p)

    def _mean(self, data: Value) -> Value:
        """The mean of each window, including padding and places after it."""
        return self._pooled("AveragePool", data, 0, count_include_pad=1)

    def _pooled(self, kind: str, data: Value, edge: float, **attributes: NodeAttribute) -> Value:
        """A pooling of ONNX; padding with ``edge`` is done before if it is as large as a kernel."""
        edges = [each.padding for each in self._windows]
        if not self._within_kernels():
            data = self._g.pad(data, [(0, 0), (0, 0), *edges], edge)
            edges = [(0, 0)] * len(edges)
        return self._g.op(
            kind,
            data,
            kernel_shape=[each.kernel for each in self._windows],
            strides=[each.stride for each in self._windows],
            pads=[before for before, _ in edges] + [behind for _, behind in edges],
            **attributes,
        )

    def _within_kernels(self) -> bool:
        """Whether the padding is smaller than the kernel, as onnxruntime requires."""
        return all(max(each.padding) < each.kernel for each in self._windows)


def _product(counts: Sequence[Numbers]) -> Numbers:
    """The product of counts along each axis: one number per window."""
    product = np.ones((), np.int64)
    for count in counts:
        product = np.multiply.outer(product, count)
    return product


def adaptive_average(g: Builder, data: Value, *, output_size: Shape) -> Value:
    """The means of a given number of pieces of each image: ``AdaptiveAvgPooling2D``.

    The pieces are of about equal size.

    Example:
        >>> g = Builder(17)
        >>> image = g.input("image", np.float32, ((2, 1, 4, 4), (4, 1, 4, 4)))
        >>> adaptive_average(g, image, output_size=(2, 2)).shape, [node.op_type for node in g.nodes]
        ((None, 1, 2, 2), ['MatMul', 'MatMul'])
    """
    height, width = (output_size or (1,)) * 2 if len(output_size) < 2 else output_size
    if (height, width) == (1, 1):
        return g.op("GlobalAveragePool", data)
    return _weighted(g, data, pieces(data.size(2), height), pieces(data.size(3), width))


def bilinear_resize(
    g: Builder,
    data: Value,
    like: Optional[Value] = None,
    *,
    height: int,
    width: int,
    scale_height: Optional[float],
    scale_width: Optional[float],
    mode: str,
    align_corners: bool,
) -> Value:
    """Images (N, C, H, W) resized by linear interpolation: ``BilinearResize2D``.

    The size is that of ``like``, or is given by ``mode`` and the other numbers.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> wanted = {"height": 8, "width": 6}
        >>> attributes = OPERATORS["_contrib_BilinearResize2D"].completed(wanted)
        >>> g = Builder(17)
        >>> image = g.input("image", np.float32, ((2, 1, 4, 4), (4, 1, 4, 4)))
        >>> bilinear_resize(g, image, **attributes).shape, [node.op_type for node in g.nodes]
        ((None, 1, 8, 6), ['MatMul', 'MatMul'])
    """
    sizes = data.size(2), data.size(3)
    if like is not None:
        height, width = like.size(2), like.size(3)
    else:
        height, width = resized(sizes, (height, width), (scale_height, scale_width), mode)
    return _weighted(g, data, *interpolations(sizes, (height, width), align_corners))


def _weighted(g: Builder, data: Value, rows: Numbers, columns: Numbers) -> Value:
    """Images whose rows and columns are weighted sums of the given ones."""
    left, right = rows.astype(data.dtype), columns.T.astype(data.dtype)
    return g.op("MatMul", g.op("MatMul", g.constant(left), data), g.constant(right))


def up_sampling(
    g: Builder,
    *data: Value,
    scale: int,
    num_filter: int,
    sample_type: str,
    multi_input_mode: str,
    num_args: int,
    **_: object,
) -> Value:
    """Images (N, C, H, W) enlarged ``scale`` times; several are joined by channel or summed.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> wanted = {"scale": 2, "sample_type": "nearest", "num_args": 1}
        >>> attributes = OPERATORS["UpSampling"].completed(wanted)
        >>> g = Builder(17)
        >>> image = g.input("image", np.float32, ((2, 1, 4, 4), (4, 1, 4, 4)))
        >>> up_sampling(g, image, **attributes).shape, [node.op_type for node in g.nodes]
        ((None, 1, 8, 8), ['Resize'])
    """
    if sample_type == "bilinear":
        return deconvolution(g, *data, **bilinear_upsampling(scale, num_filter))
    height = data[0].size(2) * scale
    enlarged = [_repeated(g, each, height // each.size(2)) for each in data]
    if multi_input_mode == "concat" or num_args == 1:
        return g.op("Concat", *enlarged, axis=1) if num_args > 1 else enlarged[0]
    return g.op("Sum", *enlarged)


def _repeated(g: Builder, data: Value, times: int) -> Value:
    scales = np.array([1, 1, times, times], np.float32)
    return g.op(
        "Resize",
        data,
        np.zeros(0, np.float32),  # the region of interest, unused in this mode
        scales,
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )


FUNCTIONS: dict[str, Function] = {
    "Pooling": pooling,
    "UpSampling": up_sampling,
    "_contrib_AdaptiveAvgPooling2D": adaptive_average,
    "_contrib_BilinearResize2D": bilinear_resize,
}
