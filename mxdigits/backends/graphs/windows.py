"""Windows over images, and weights that resize images, in NumPy for every backend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Optional, TypedDict

import numpy as np

from ...arrays import Doubles, Numbers, Shape


class Windows:
    """The windows along one axis: their number, and how much of each lies inside the image.

    Example:
        >>> windows = Windows(size=5, kernel=3, stride=2, pad=1, convention="valid")
        >>> windows.count, windows.inside.tolist()
        (3, [2, 3, 2])
    """

    def __init__(self, size: int, kernel: int, stride: int, pad: int, convention: str):
        self.kernel, self.stride = kernel, stride
        if kernel > size + 2 * pad:
            raise ValueError(f"its kernel of {kernel} is larger than its input of {size + 2 * pad}")
        span = size + 2 * pad - kernel
        if convention == "same":
            self.count = -(-(size + 2 * pad) // stride)
        elif convention == "full":
            self.count = -(-span // stride) + 1
        else:
            self.count = span // stride + 1
        # Padding needed after the last window; negative if the windows do not reach the end.
        after = (self.count - 1) * stride + kernel - pad - size
        self.padding = (pad, max(after, 0))
        begins = np.arange(self.count) * stride - pad
        ends = np.minimum(begins + kernel, size + pad)
        self.with_padding = ends - begins
        self.inside = np.maximum(np.minimum(ends, size) - np.maximum(begins, 0), 0)


class Upsampling(TypedDict):
    """The attributes of MXNet's operator for a deconvolution that enlarges images.

    Example:
        >>> attributes: Upsampling = bilinear_upsampling(2, num_filter=8)
        >>> attributes["layout"]
        'NCHW'
    """

    kernel: tuple[int, int]
    stride: tuple[int, int]
    dilate: tuple[int, int]
    pad: tuple[int, int]
    adj: tuple[int, int]
    target_shape: Shape
    num_filter: int
    num_group: int
    layout: str


def bilinear_upsampling(scale: int, num_filter: int) -> Upsampling:
    """The attributes of the deconvolution that enlarges images ``scale`` times.

    Example:
        >>> attributes = bilinear_upsampling(2, num_filter=8)
        >>> attributes["kernel"], attributes["stride"], attributes["pad"]
        ((4, 4), (2, 2), (1, 1))
    """
    kernel, edge = 2 * scale - scale % 2, math.ceil((scale - 1) / 2)
    return {
        "kernel": (kernel, kernel),
        "stride": (scale, scale),
        "dilate": (1, 1),
        "pad": (edge, edge),
        "adj": (0, 0),
        "target_shape": (),
        "num_filter": num_filter,
        "num_group": num_filter,
        "layout": "NCHW",
    }


def pieces(size: int, count: int) -> Numbers:
    """A matrix (count, size) that averages each piece of an axis.

    Example:
        >>> pieces(4, 2).tolist()
        [[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]]
    """
    matrix = np.zeros((count, size))
    for i in range(count):
        begin, end = i * size // count, -(-(i + 1) * size // count)
        matrix[i, begin:end] = 1 / (end - begin)
    return matrix


def resized(
    sizes: Sequence[int],
    wanted: Sequence[int],
    scales: Sequence[Optional[float]],
    mode: str,
) -> tuple[int, int]:
    """The height and width that ``BilinearResize2D`` gives, in all modes except ``like``.

    Raises:
        ValueError: if a scale that the mode needs is missing.

    Example:
        >>> resized((28, 28), (1, 1), (2.0, 0.5), "size")
        (56, 14)
    """
    if mode == "odd_scale" or (mode == "size" and scales[0] is not None):
        if scales[0] is None or scales[1] is None:
            raise ValueError("it lacks scale_height or scale_width")
        return _scaled(sizes[0], scales[0], mode), _scaled(sizes[1], scales[1], mode)
    if mode != "size":
        return _evened(sizes[0], mode), _evened(sizes[1], mode)
    return wanted[0], wanted[1]


def _scaled(size: int, scale: float, mode: str) -> int:
    scale = float(np.float32(scale))
    if mode == "odd_scale" and size % 2:
        return int((size - 1) * scale) + 1
    return int(size * scale)


def _evened(size: int, mode: str) -> int:
    """A size made even or odd, as a mode such as ``to_even_up`` asks for."""
    wanted = 0 if mode.startswith("to_even") else 1
    if size % 2 == wanted:
        return size
    return size + 1 if mode.endswith("up") else size - 1


def interpolations(
    sizes: Sequence[int], wanted: Sequence[int], align_corners: bool
) -> tuple[Numbers, Numbers]:
    """The matrices that interpolate along the rows and the columns of an image.

    Example:
        >>> rows, columns = interpolations((1, 2), (1, 3), align_corners=True)
        >>> rows.tolist(), columns.shape
        ([[1.0]], (3, 2))
    """
    rows, columns = (interpolation(*each, align_corners) for each in zip(sizes, wanted))
    return rows, columns


def interpolation(size: int, wanted: int, align_corners: bool) -> Numbers:
    """A matrix (wanted, size) that interpolates linearly along an axis.

    Example:
        >>> interpolation(2, 3, align_corners=True).tolist()
        [[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]
    """
    matrix = np.zeros((wanted, size), np.float32)
    if size == wanted:
        return np.eye(size, dtype=np.float32)
    scale = np.float32(0)
    if wanted > 1:
        scale = np.float32((size - 1) / (wanted - 1) if align_corners else size / wanted)
    for i in range(wanted):
        place = scale * np.float32(i) if align_corners else scale * np.float32(i + 0.5) - 0.5
        place = np.float32(max(place, 0))
        below = min(int(place), size - 1)
        weight = place - np.float32(below)
        matrix[i, below] += 1 - weight
        matrix[i, min(below + 1, size - 1)] += weight
    return matrix


def grid_places(height: int, width: int) -> Doubles:
    """The places of an image's pixels, for ``GridGenerator``: rows x, y and 1, (3, height * width).

    Both run from -1 to 1; with only one pixel they are NaN, as in MXNet.

    Example:
        >>> grid_places(2, 3)[:2].tolist()
        [[-1.0, 0.0, 1.0, -1.0, 0.0, 1.0], [-1.0, -1.0, -1.0, 1.0, 1.0, 1.0]]
    """
    x, y = np.meshgrid(_from_end_to_end(width), _from_end_to_end(height))
    places: Doubles = np.stack([x, y, np.ones_like(x)]).reshape((3, -1))
    return places


def _from_end_to_end(count: int) -> Doubles:
    with np.errstate(divide="ignore"):
        step = np.float64(2) / (count - 1)
    places: Doubles = np.arange(count) * step - 1
    return places
