"""Pooling: windows over images, and the operators that make images larger or smaller."""

from __future__ import annotations

import functools
import itertools
import math
from typing import Optional

import jax.numpy as jnp
import numpy as np
from jax import lax

from ....arrays import Integers, Numbers, Shape
from ...graphs.windows import Windows, bilinear_upsampling, interpolations, pieces, resized
from .arithmetic import Binary, maximum
from .layers import deconvolution
from .types import Array, Function

# Most places of a window that are worth a slice each.
_FEW = 16


def pooling(
    data: Array,
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
) -> Array:
    """The maximum, mean, sum or Lp norm of the windows over images of any layout.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> attributes = OPERATORS["Pooling"].completed({"kernel": (2, 2), "stride": (2, 2)})
        >>> pooling(jnp.arange(16.0).reshape((1, 1, 4, 4)), **attributes).tolist()
        [[[[5.0, 7.0], [13.0, 15.0]]]]
    """
    layout = layout or {3: "NCW", 4: "NCHW", 5: "NCDHW"}[data.ndim]
    spatial = [axis for axis, letter in enumerate(layout) if letter not in "NC"]
    if global_pool:
        kernel = tuple(data.shape[axis] for axis in spatial)
        stride, pad, pooling_convention = (1,) * len(kernel), (0,) * len(kernel), "valid"
    else:
        kernel, pad = tuple(kernel), tuple(pad[: len(kernel)])
    windows = [
        Windows(data.shape[axis], size, step, edge, pooling_convention)
        for axis, size, step, edge in zip(spatial, kernel, stride, pad)
    ]
    pool = _Pool(data, spatial, windows)
    if pool_type == "max":
        return pool.largest()
    if pool_type == "avg":
        return pool.average(padding_counts=count_include_pad is not False)
    return pool.norm(1 if pool_type == "sum" else p_value or 1)


class _Pool:
    """Data with windows over their spatial axes."""

    def __init__(self, data: Array, spatial: list[int], windows: list[Windows]):
        self._data, self._spatial, self._windows = data, spatial, windows

    def largest(self) -> Array:
        few = math.prod(each.kernel for each in self._windows) <= _FEW
        apart = all(each.kernel <= 2 * each.stride for each in self._windows)
        if few and apart:
            result = self._largest_of_slices()
        else:
            result = self._reduced(self._data, -math.inf, lax.max)
        inside = self._product([each.inside for each in self._windows])
        if inside.all():
            return result
        return jnp.where(inside > 0, result, jnp.finfo(self._data.dtype).min)

    def _largest_of_slices(self) -> Array:
        """The largest of each window, computed from a slice for each place in a window.

        XLA makes one loop of it. On a CPU that is 2 to 5 times as fast as XLA's own windows and
        their gradient, as long as windows overlap little.
        """
        lowest = np.asarray(-math.inf, self._data.dtype)[()]
        edges = [(0, 0, 0)] * self._data.ndim
        for axis, each in zip(self._spatial, self._windows):
            edges[axis] = (*each.padding, 0)
        padded = lax.pad(self._data, lowest, edges)
        slices_of_window = []
        for place in itertools.product(*(range(each.kernel) for each in self._windows)):
            slices = [slice(None)] * self._data.ndim
            for axis, begin, each in zip(self._spatial, place, self._windows):
                last = begin + (each.count - 1) * each.stride
                slices[axis] = slice(begin, last + 1, each.stride)
            slices_of_window.append(padded[tuple(slices)])
        return functools.reduce(maximum, slices_of_window)

    def average(self, padding_counts: bool) -> Array:
        counts = [each.with_padding if padding_counts else each.inside for each in self._windows]
        count = np.maximum(self._product(counts), 1)
        return self._reduced(self._data, 0.0, lax.add) / count.astype(self._data.dtype)

    def norm(self, p: int) -> Array:
        """The Lp norm of each window: the p-th root of the sum of p-th powers; for 1 the sum."""
        if p == 1:
            return self._reduced(self._data, 0.0, lax.add)
        total = self._reduced(self._data**p, 0.0, lax.add)
        # Where all values are 0, the gradient is set to 0.
        nonzero = jnp.where(total == 0, jnp.ones_like(total), total)
        root = jnp.sqrt(nonzero) if p == 2 else jnp.cbrt(nonzero)
        return jnp.where(total == 0, jnp.zeros_like(total), root)

    def _reduced(self, data: Array, start: float, operation: Binary) -> Array:
        dimensions, strides, padding = [1] * data.ndim, [1] * data.ndim, [(0, 0)] * data.ndim
        for axis, each in zip(self._spatial, self._windows):
            dimensions[axis], strides[axis], padding[axis] = each.kernel, each.stride, each.padding
        initial = np.asarray(start, data.dtype)[()]
        return lax.reduce_window(data, initial, operation, dimensions, strides, padding)

    def _product(self, counts: list[Integers]) -> Integers:
        """The product of counts along each axis, in a shape that broadcasts with the result."""
        product = np.ones((1,) * self._data.ndim, np.int64)
        for axis, count in zip(self._spatial, counts):
            product = product * count.reshape([-1 if i == axis else 1 for i in range(product.ndim)])
        return product


def adaptive_average(data: Array, *, output_size: Shape) -> Array:
    """The means of a given number of pieces of each image: ``AdaptiveAvgPooling2D``.

    The pieces are of about equal size.

    Example:
        >>> adaptive_average(jnp.arange(16.0).reshape((1, 1, 4, 4)), output_size=(2, 2)).tolist()
        [[[[2.5, 4.5], [10.5, 12.5]]]]
    """
    height, width = (output_size or (1,)) * 2 if len(output_size) < 2 else output_size
    return _weighted(data, pieces(data.shape[2], height), pieces(data.shape[3], width))


def bilinear_resize(
    data: Array,
    like: Optional[Array] = None,
    *,
    height: int,
    width: int,
    scale_height: Optional[float],
    scale_width: Optional[float],
    mode: str,
    align_corners: bool,
) -> Array:
    """Images (N, C, H, W) resized by linear interpolation: ``BilinearResize2D``.

    The size is that of ``like``, or is given by ``mode`` and the other numbers.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> attributes = OPERATORS["_contrib_BilinearResize2D"].completed({"height": 1, "width": 3})
        >>> bilinear_resize(jnp.array([[[[0.0, 1.0]]]]), **attributes).tolist()
        [[[[0.0, 0.5, 1.0]]]]
    """
    sizes = data.shape[2:]
    if like is not None:
        height, width = like.shape[2:]
    else:
        height, width = resized(sizes, (height, width), (scale_height, scale_width), mode)
    return _weighted(data, *interpolations(sizes, (height, width), align_corners))


def _weighted(data: Array, rows: Numbers, columns: Numbers) -> Array:
    left, right = (jnp.asarray(each, data.dtype) for each in (rows, columns))
    return jnp.einsum("nchw,ah,bw->ncab", data, left, right)


def up_sampling(
    *data: Array,
    scale: int,
    num_filter: int,
    sample_type: str,
    multi_input_mode: str,
    num_args: int,
    **_: object,
) -> Array:
    """Images (N, C, H, W) enlarged ``scale`` times; several are joined by channel or summed.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> wanted = {"scale": 2, "sample_type": "nearest", "num_args": 1}
        >>> attributes = OPERATORS["UpSampling"].completed(wanted)
        >>> up_sampling(jnp.array([[[[1.0, 2.0]]]]), **attributes).tolist()
        [[[[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]]]
    """
    if sample_type == "bilinear":
        return deconvolution(*data, **bilinear_upsampling(scale, num_filter))
    height = data[0].shape[2] * scale
    enlarged = [_repeated(each, height // each.shape[2]) for each in data]
    if multi_input_mode == "concat" or num_args == 1:
        return jnp.concatenate(enlarged, axis=1)
    total = enlarged[0]
    for each in enlarged[1:]:
        total = total + each
    return total


def _repeated(data: Array, times: int) -> Array:
    return jnp.repeat(jnp.repeat(data, times, axis=2), times, axis=3)


FUNCTIONS: dict[str, Function] = {
    "Pooling": pooling,
    "UpSampling": up_sampling,
    "_contrib_AdaptiveAvgPooling2D": adaptive_average,
    "_contrib_BilinearResize2D": bilinear_resize,
}
