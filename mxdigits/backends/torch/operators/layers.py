"""Dense layers, convolutions, dropout and the leaky activations."""

from __future__ import annotations

from typing import Optional

import torch
import torch.nn.functional as F
from torch import Tensor

from ....arrays import Shape
from ...graphs.shapes import reaching
from .types import Draw, Function, Saved

_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805


def fully_connected(
    data: Tensor,
    weight: Tensor,
    bias: Optional[Tensor] = None,
    *,
    num_hidden: int,
    no_bias: bool,
    flatten: bool,
) -> Tensor:
    """A dense layer: data (n, ...) times the weight (units, inputs) plus the bias: (n, units).

    Without ``flatten``, only the last axis of the data is replaced.

    Example:
        >>> data, bias = torch.tensor([[1.0, 2.0]]), torch.ones(2)
        >>> weight = torch.tensor([[1.0, 0.0], [1.0, 1.0]])
        >>> fully_connected(data, weight, bias, num_hidden=2, no_bias=False, flatten=True).tolist()
        [[2.0, 4.0]]
    """
    _expect_filters(weight, num_hidden)
    return F.linear(data.flatten(1) if flatten and data.ndim > 1 else data, weight, bias)


def convolution(
    data: Tensor,
    weight: Tensor,
    bias: Optional[Tensor] = None,
    *,
    stride: Shape,
    dilate: Shape,
    pad: Shape,
    num_filter: int,
    num_group: int,
    layout: str,
    **_: object,
) -> Tensor:
    """A convolution of images of any layout, with padding, steps, dilation and groups.

    ``weight`` is (filters, channels / groups, ...) in layouts with channels first.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> attributes = OPERATORS["Convolution"].completed({"kernel": (2, 2), "num_filter": 1})
        >>> image, weight = torch.arange(9.0).reshape((1, 1, 3, 3)), torch.ones((1, 1, 2, 2))
        >>> convolution(image, weight, **attributes).tolist()
        [[[[8.0, 12.0], [20.0, 24.0]]]]
    """
    _expect_filters(weight, num_filter)
    data, weight = channels_first(data, layout), channels_first(weight, layout)
    none = (0,) * len(stride)
    result = torch.convolution(data, weight, bias, stride, pad, dilate, False, none, num_group)
    return laid_out(result, layout)


def deconvolution(
    data: Tensor,
    weight: Tensor,
    bias: Optional[Tensor] = None,
    *,
    kernel: Shape,
    stride: Shape,
    dilate: Shape,
    pad: Shape,
    adj: Shape,
    target_shape: Shape,
    num_filter: int,
    num_group: int,
    layout: str,
    **_: object,
) -> Tensor:
    """A transposed convolution: the gradient of a convolution by its input, as a layer.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> wanted = {"kernel": (2, 2), "stride": (2, 2), "num_filter": 1}
        >>> image, weight = torch.tensor([[[[1.0, 2.0]]]]), torch.ones((1, 1, 2, 2))
        >>> deconvolution(image, weight, **OPERATORS["Deconvolution"].completed(wanted)).tolist()
        [[[[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]]]
    """
    data, weight = channels_first(data, layout), channels_first(weight, layout)
    _expect_filters(weight, num_filter, weight.shape[1] * num_group)
    if any(target_shape):
        extents = [dilation * (size - 1) + 1 for size, dilation in zip(kernel, dilate)]
        pad, adj = reaching(target_shape, data.shape[2:], stride, extents)
    given, cut = (pad, adj), []
    if any(extra >= max(steps) for extra, *steps in zip(adj, stride, dilate)):
        # PyTorch refuses such an adjustment, so the result is cut out of a larger one.
        given = (0,) * len(pad), (0,) * len(pad)
        for edge, extra in list(zip(pad, adj))[::-1]:
            cut += [-edge, extra - edge]
    result = torch.convolution(
        data, weight, None, stride, given[0], dilate, True, given[1], num_group
    )
    if cut:
        result = F.pad(result, cut)
    if bias is not None:
        result = result + bias.reshape([-1] + [1] * len(kernel))
    return laid_out(result, layout)


def channels_first(array: Tensor, layout: str) -> Tensor:
    """An array of a layout such as NHWC as NCHW; a view of it.

    Example:
        >>> tuple(channels_first(torch.zeros(5, 28, 28, 1), "NHWC").shape)
        (5, 1, 28, 28)
    """
    return array if layout[1] == "C" else array.movedim(-1, 1)


def laid_out(array: Tensor, layout: str) -> Tensor:
    """An array (N, C, ...) back in its layout, the inverse of :func:`channels_first`.

    Example:
        >>> tuple(laid_out(torch.zeros(5, 1, 28, 28), "NHWC").shape)
        (5, 28, 28, 1)
    """
    return array if layout[1] == "C" else array.movedim(1, -1)


def _expect_filters(weight: Tensor, filters: int, rows: Optional[int] = None) -> None:
    rows = weight.shape[0] if rows is None else rows
    if rows != filters:
        raise ValueError(f"its weight has {rows} rows, not {filters}")


def dropout(
    data: Tensor,
    *,
    p: float,
    mode: str,
    axes: Shape,
    training: bool,
    draw: Optional[Draw],
    **_: object,
) -> Tensor:
    """Zeros at random places, the rest scaled up; all elements along ``axes`` share one draw.

    Example:
        >>> from mxdigits.backends.torch.drawing import Generator
        >>> data, draw = torch.ones(1000), Generator(torch.device("cpu"))
        >>> dropped = dropout(data, p=0.5, mode="training", axes=(), training=True, draw=draw)
        >>> sorted(set(dropped.tolist()))
        [0.0, 2.0]
        >>> dropout(data, p=0.5, mode="training", axes=(), training=False, draw=None) is data
        True
    """
    if p <= 0 or not (training or mode == "always"):
        return data
    assert draw is not None
    kept = 1 - p
    shape = [1 if i in axes else size for i, size in enumerate(data.shape)]
    drawn = draw.uniform(shape, by_image=0 not in axes)
    return torch.where(drawn < kept, data / kept, 0)


def leaky_relu(
    data: Tensor,
    gamma: Optional[Tensor] = None,
    *,
    act_type: str,
    slope: float,
    lower_bound: float,
    upper_bound: float,
    training: bool,
    draw: Optional[Draw],
) -> Tensor:
    """The data above 0, and smaller values below 0: MXNet's family ``LeakyReLU``.

    ``act_type`` is ``leaky``, ``elu``, ``gelu``, ``selu``, ``prelu``, which learns its slopes
    ``gamma``, or ``rrelu``, which draws its slopes in training.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> attributes = OPERATORS["LeakyReLU"].completed({"slope": 0.25})
        >>> leaky_relu(torch.tensor([-4.0, 4.0]), **attributes, training=False, draw=None).tolist()
        [-1.0, 4.0]
    """
    if act_type == "gelu":
        return F.gelu(data)
    if act_type == "selu":
        result: Tensor = _Selu.apply(data)
        return result
    if act_type == "elu":
        return F.elu(data, slope)
    if act_type == "prelu":
        assert gamma is not None
        return torch.where(data > 0, data, data * gamma.reshape(_along_channels(gamma, data)))
    if act_type == "rrelu" and training:
        assert draw is not None
        drawn = lower_bound + (upper_bound - lower_bound) * draw.uniform(data.shape, by_image=True)
        return torch.where(data > 0, data, data * drawn.to(data.dtype))
    below_zero = (lower_bound + upper_bound) / 2 if act_type == "rrelu" else slope
    return F.leaky_relu(data, below_zero)


class _Selu(torch.autograd.Function):
    """MXNet's gradient, which is not the derivative: it adds the scaled result to alpha."""

    @staticmethod
    def forward(context: Saved, data: Tensor) -> Tensor:
        result = _SELU_SCALE * torch.where(data > 0, data, _SELU_ALPHA * data.expm1())
        context.save_for_backward(data, result)
        return result

    @staticmethod
    def backward(context: Saved, gradient: Tensor) -> Tensor:
        data, result = context.saved_tensors
        return gradient * _SELU_SCALE * torch.where(data > 0, 1, _SELU_ALPHA + result)


def _along_channels(gamma: Tensor, data: Tensor) -> list[int]:
    """The shape that makes slopes broadcast over the data: their last axis along axis 1."""
    shape = [1] * data.ndim
    left = list(gamma.shape)
    for axis in range(min(data.ndim, 2) - 1, -1, -1):
        if left and left[-1] in (1, data.shape[axis]):
            shape[axis] = left.pop()
    if left:
        raise ValueError(
            f"its slopes of shape {tuple(gamma.shape)} do not fit data of {tuple(data.shape)}"
        )
    return shape


FUNCTIONS: dict[str, Function] = {
    "Convolution": convolution,
    "Deconvolution": deconvolution,
    "Dropout": dropout,
    "FullyConnected": fully_connected,
    "LeakyReLU": leaky_relu,
}
