"""Pooling: windows over images, and the operators that make images larger or smaller."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Callable, Optional

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ....arrays import Integers, Numbers, Shape
from ...graphs.windows import Windows, bilinear_upsampling, interpolations, pieces, resized
from .elementwise import cube_root
from .layers import channels_first, deconvolution, laid_out
from .types import Function, constant

_LARGEST: dict[int, Callable[..., Tensor]] = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
_MEAN: dict[int, Callable[..., Tensor]] = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}


def pooling(
    data: Tensor,
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
) -> Tensor:
    """The maximum, mean, sum or Lp norm of the windows over images of any layout.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> attributes = OPERATORS["Pooling"].completed({"kernel": (2, 2), "stride": (2, 2)})
        >>> pooling(torch.arange(16.0).reshape((1, 1, 4, 4)), **attributes).tolist()
        [[[[5.0, 7.0], [13.0, 15.0]]]]
    """
    layout = layout or "NC"
    data = channels_first(data, layout)
    sizes = data.shape[2:]
    if global_pool:
        kernel = tuple(sizes)
        stride, pad, pooling_convention = (1,) * len(kernel), (0,) * len(kernel), "valid"
    windows = [_windows(*given, pooling_convention) for given in zip(sizes, kernel, stride, pad)]
    pool = _Pool(data, windows)
    if pool_type == "max":
        result = pool.largest()
    elif pool_type == "avg":
        result = pool.average(padding_counts=count_include_pad is not False)
    else:
        result = pool.norm(1 if pool_type == "sum" else p_value or 1)
    return laid_out(result, layout)


_windows = lru_cache(maxsize=256)(Windows)  # each step needs the same ones


class _Pool:
    """Data (N, C, ...) with windows over their spatial axes."""

    def __init__(self, data: Tensor, windows: list[Windows]):
        self._data, self._windows = data, windows
        self._kernel = [each.kernel for each in windows]
        self._stride = [each.stride for each in windows]

    def largest(self) -> Tensor:
        pool = _LARGEST[len(self._windows)]
        result: Tensor = pool(self._padded(self._data, -math.inf), self._kernel, self._stride)
        if all(each.inside.all() for each in self._windows):
            return result
        inside = self._product([each.inside for each in self._windows])
        lowest = torch.finfo(self._data.dtype).min
        return torch.where(constant(inside > 0, result, torch.bool), result, lowest)

    def average(self, padding_counts: bool) -> Tensor:
        counts = [each.with_padding if padding_counts else each.inside for each in self._windows]
        return self._mean(self._data, np.maximum(self._product(counts), 1))

    def norm(self, p: int) -> Tensor:
        """The Lp norm of each window: the p-th root of the sum of p-th powers; for 1 the sum."""
        if p == 1:
            return self._mean(self._data, np.ones(1))
        total = self._mean(self._data**p, np.ones(1))
        # Where all values are 0, the gradient is set to 0.
        nonzero = torch.where(total == 0, 1, total)
        return torch.where(total == 0, 0, nonzero.sqrt() if p == 2 else cube_root(nonzero))

    def _mean(self, data: Tensor, counts: Numbers) -> Tensor:
        """The mean of each window: its sum divided by the number of values that count."""
        if all(size == each for size, each in zip(data.shape[2:], self._kernel)):
            result = data.mean(tuple(range(2, data.ndim)), keepdim=True)
        else:
            result = _MEAN[len(self._windows)](self._padded(data, 0.0), self._kernel, self._stride)
        factor = math.prod(self._kernel) / counts
        if (factor == 1).all():
            return result
        return result * constant(factor, result)

    def _padded(self, data: Tensor, value: float) -> Tensor:
        edges = [width for each in self._windows[::-1] for width in each.padding]
        return F.pad(data, edges, value=value) if any(edges) else data

    def _product(self, counts: list[Integers]) -> Integers:
        """The product of counts along each axis, in a shape that broadcasts with the result."""
        product = np.ones((1,) * len(counts), np.int64)
        for axis, count in enumerate(counts):
            product = product * count.reshape([-1 if i == axis else 1 for i in range(product.ndim)])
        return product


def adaptive_average(data: Tensor, *, output_size: Shape) -> Tensor:
    """The means of a given number of pieces of each image, of about equal size.

    Example:
        >>> adaptive_average(torch.arange(16.0).reshape((1, 1, 4, 4)), output_size=(2, 2)).tolist()
        [[[[2.5, 4.5], [10.5, 12.5]]]]
    """
    height, width = (output_size or (1,)) * 2 if len(output_size) < 2 else output_size
    return _weighted(data, pieces(data.shape[2], height), pieces(data.shape[3], width))


def bilinear_resize(
    data: Tensor,
    like: Optional[Tensor] = None,
    *,
    height: int,
    width: int,
    scale_height: Optional[float],
    scale_width: Optional[float],
    mode: str,
    align_corners: bool,
) -> Tensor:
    """Images (N, C, H, W) resized by linear interpolation: ``BilinearResize2D``.

    The size is that of ``like``, or is given by ``mode`` and the other numbers.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> attributes = OPERATORS["_contrib_BilinearResize2D"].completed({"height": 1, "width": 3})
        >>> bilinear_resize(torch.tensor([[[[0.0, 1.0]]]]), **attributes).tolist()
        [[[[0.0, 0.5, 1.0]]]]
    """
    sizes = data.shape[2:]
    if like is not None:
        height, width = like.shape[2:]
    else:
        height, width = resized(sizes, (height, width), (scale_height, scale_width), mode)
    return _weighted(data, *interpolations(sizes, (height, width), align_corners))


def _weighted(data: Tensor, rows: Numbers, columns: Numbers) -> Tensor:
    return constant(rows, data) @ data @ constant(columns, data).T


def up_sampling(
    *data: Tensor,
    scale: int,
    num_filter: int,
    sample_type: str,
    multi_input_mode: str,
    num_args: int,
    **_: object,
) -> Tensor:
    """Images (N, C, H, W) enlarged ``scale`` times; several are joined by channel or summed.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> wanted = {"scale": 2, "sample_type": "nearest", "num_args": 1}
        >>> attributes = OPERATORS["UpSampling"].completed(wanted)
        >>> up_sampling(torch.tensor([[[[1.0, 2.0]]]]), **attributes).tolist()
        [[[[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]]]
    """
    if sample_type == "bilinear":
        return deconvolution(*data, **bilinear_upsampling(scale, num_filter))
    height = data[0].shape[2] * scale
    enlarged = [_repeated(each, height // each.shape[2]) for each in data]
    if multi_input_mode == "concat" or num_args == 1:
        return torch.cat(enlarged, 1)
    total = enlarged[0]
    for each in enlarged[1:]:
        total = total + each
    return total


def _repeated(data: Tensor, times: int) -> Tensor:
    size, channels, height, width = data.shape
    large = data.reshape((size, channels, height, 1, width, 1))
    large = large.expand((size, channels, height, times, width, times))
    return large.reshape((size, channels, height * times, width * times))


FUNCTIONS: dict[str, Function] = {
    "Pooling": pooling,
    "UpSampling": up_sampling,
    "_contrib_AdaptiveAvgPooling2D": adaptive_average,
    "_contrib_BilinearResize2D": bilinear_resize,
}
