"""Normalisations. With half precision, statistics are computed in float32."""

from __future__ import annotations

from typing import NamedTuple, Optional

import torch
import torch.nn.functional as F
from torch import Tensor

from .types import Function, Others, Outputs


class BatchStatistics(NamedTuple):
    """The statistics that a batch normalisation measured, to update the running ones.

    Example:
        >>> BatchStatistics(torch.zeros(3), torch.ones(3)).variance.tolist()
        [1.0, 1.0, 1.0]
    """

    mean: Tensor
    variance: Tensor


def batch_norm(
    data: Tensor,
    gamma: Tensor,
    beta: Tensor,
    moving_mean: Tensor,
    moving_var: Tensor,
    *,
    eps: float,
    fix_gamma: bool,
    use_global_stats: bool,
    output_mean_var: bool,
    axis: int,
    training: bool,
    others: Optional[Others] = None,
    **_: object,
) -> tuple[tuple[Tensor, ...], Optional[BatchStatistics]]:
    """The outputs; and the statistics of the batch, if those were used.

    With ``others``, the batch is that of all workers.

    The variance is the biased one, both for the output and for the running statistics.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> attributes = OPERATORS["BatchNorm"].completed({"eps": 0.0})
        >>> data, one, zero = torch.tensor([[1.0], [3.0]]), torch.ones(1), torch.zeros(1)
        >>> arrays = data, one, zero, zero, one
        >>> (result,), measured = batch_norm(*arrays, **attributes, training=True)
        >>> result.tolist(), measured.mean.tolist()
        ([[-1.0], [1.0]], [2.0])
    """
    # Statistics are not trained, so they get no gradient.
    kept = moving_mean.detach(), moving_var.detach()
    scale = torch.ones_like(kept[0]) if fix_gamma else gamma.to(kept[0].dtype)
    batch = training and not use_global_stats
    axis %= data.ndim
    given = data if axis == 1 else data.movedim(axis, 1), scale, beta.to(kept[0].dtype)
    if batch and others is not None:
        result, mean, inverse = _normalized_by_all(*given, eps, others)
    else:
        running = (None, None) if batch else kept
        result, mean, inverse = torch.native_batch_norm(*given, *running, batch, 0.0, eps)
    mean, inverse = mean.detach(), inverse.detach()
    measured = None
    if batch:
        measured = BatchStatistics(mean, (inverse.pow(-2) - eps).clamp(min=0))
    else:
        mean, inverse = kept[0], (kept[1] + eps).rsqrt()
    outputs = (result if axis == 1 else result.movedim(1, axis), mean, inverse)
    return (outputs if output_mean_var else outputs[:1]), measured


def _normalized_by_all(
    data: Tensor, scale: Tensor, beta: Tensor, eps: float, others: Others
) -> tuple[Tensor, Tensor, Tensor]:
    """This worker's images (n, C, ...), normalized by those of all workers.

    It also gives the mean over all workers, and the factor of the deviations from it.
    """
    shape = [1, -1] + [1] * (data.ndim - 2)
    over = [axis for axis in range(data.ndim) if axis != 1]
    numbers = data.to(scale.dtype)
    own = numbers.mean(over)
    own_variance = (numbers - own.reshape(shape)).square().mean(over)
    mean, variance = others.moments(own, own_variance)
    inverse = (variance + eps).rsqrt()
    centred = numbers - mean.reshape(shape)
    result = centred * (scale * inverse).reshape(shape) + beta.reshape(shape)
    return result.to(data.dtype), mean, inverse


def group_norm(
    data: Tensor,
    gamma: Tensor,
    beta: Tensor,
    *,
    num_groups: int,
    eps: float,
    output_mean_var: bool,
) -> Outputs:
    """Each group of channels normalised, then scaled and shifted by group, as in MXNet 1.9.1.

    Example:
        >>> data, one, zero = torch.tensor([[1.0, 3.0, 10.0, 30.0]]), torch.ones(2), torch.zeros(2)
        >>> group_norm(data, one, zero, num_groups=2, eps=0.0, output_mean_var=False).tolist()
        [[-1.0, 1.0, -1.0, 1.0]]
    """
    size, channels, *rest = data.shape
    grouped = data.reshape((size, num_groups, channels // num_groups, *rest))
    inner = tuple(range(2, grouped.ndim))
    result, mean, std = _standardized(grouped, inner, eps)
    shape = [1, num_groups] + [1] * len(inner)
    result = result * gamma.reshape(shape) + beta.reshape(shape)
    result = result.reshape(data.shape).to(data.dtype)
    if not output_mean_var:
        return result
    shape = [size, num_groups]
    return result, mean.reshape(shape).detach(), std.reshape(shape).detach()


def instance_norm(data: Tensor, gamma: Tensor, beta: Tensor, *, eps: float) -> Tensor:
    """Each channel of each image (N, C, ...) with mean 0 and deviation 1, then scaled and shifted.

    Example:
        >>> data = torch.tensor([[[1.0, 3.0], [10.0, 30.0]]])
        >>> instance_norm(data, torch.ones(2), torch.zeros(2), eps=0.0).tolist()
        [[[-1.0, 1.0], [-1.0, 1.0]]]
    """
    result, _, _ = _standardized(data, tuple(range(2, data.ndim)), eps)
    shape = [1, -1] + [1] * (data.ndim - 2)
    return (result * gamma.reshape(shape) + beta.reshape(shape)).to(data.dtype)


def layer_norm(
    data: Tensor, gamma: Tensor, beta: Tensor, *, axis: int, eps: float, output_mean_var: bool
) -> Outputs:
    """The data with mean 0 and deviation 1 along an axis, then scaled and shifted.

    Example:
        >>> data = torch.tensor([[1.0, 3.0], [10.0, 30.0]])
        >>> one, zero = torch.ones(2), torch.zeros(2)
        >>> layer_norm(data, one, zero, axis=-1, eps=0.0, output_mean_var=False).tolist()
        [[-1.0, 1.0], [-1.0, 1.0]]
    """
    result, mean, std = _standardized(data, (axis % data.ndim,), eps)
    shape = [-1 if i == axis % data.ndim else 1 for i in range(data.ndim)]
    result = (result * gamma.reshape(shape) + beta.reshape(shape)).to(data.dtype)
    # MXNet passes no gradient through the statistics that a layer also gives.
    return (result, mean.detach(), std.detach()) if output_mean_var else result


def _standardized(data: Tensor, axes: tuple[int, ...], eps: float) -> tuple[Tensor, Tensor, Tensor]:
    """The data with mean 0 and deviation 1 over some axes; and their mean and deviation."""
    numbers = data.to(torch.promote_types(data.dtype, torch.float32))
    mean = numbers.mean(axes, keepdim=True)
    centred = numbers - mean
    std = (centred.square().mean(axes, keepdim=True) + eps).sqrt()
    return centred / std, mean, std


def l2_normalization(data: Tensor, *, eps: float, mode: str) -> Tensor:
    """The data divided by the L2 norm of each image, of each place, or of each channel.

    Example:
        >>> l2_normalization(torch.tensor([[0.0, 4.0]]), eps=0.0, mode="instance").tolist()
        [[0.0, 1.0]]
    """
    axes = {
        "instance": tuple(range(1, data.ndim)),
        "channel": (1,),
        "spatial": tuple(range(2, data.ndim)),
    }[mode]
    return data / (data.square().sum(axes, keepdim=True) + eps).sqrt()


def lrn(data: Tensor, *, alpha: float, beta: float, knorm: float, nsize: int) -> Tensor:
    """Local response normalisation, over a window of channels.

    Example:
        >>> data = torch.full((1, 3, 1, 1), 2.0)
        >>> lrn(data, alpha=1.0, beta=1.0, knorm=0.0, nsize=1).ravel().tolist()
        [0.5, 0.5, 0.5]
    """
    half = (nsize - 1) // 2
    flat = data.square().reshape((len(data), 1, data.shape[1], -1))
    squares = F.avg_pool2d(flat, (2 * half + 1, 1), 1, (half, 0), divisor_override=1)
    return data * (knorm + alpha / nsize * squares.reshape(data.shape)) ** -beta


FUNCTIONS: dict[str, Function] = {
    "BatchNorm": batch_norm,
    "GroupNorm": group_norm,
    "InstanceNorm": instance_norm,
    "L2Normalization": l2_normalization,
    "LRN": lrn,
    "LayerNorm": layer_norm,
}
