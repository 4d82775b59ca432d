"""Normalisations. With float16 and bfloat16, statistics are computed in float32."""

from __future__ import annotations

from typing import NamedTuple, Optional

import jax.numpy as jnp
import numpy as np
from jax import lax

from .types import Array, Function, Outputs


class BatchStatistics(NamedTuple):
    """The statistics that a batch normalisation measured, to update the running ones.

    Example:
        >>> BatchStatistics(jnp.zeros(3), jnp.ones(3)).variance.tolist()
        [1.0, 1.0, 1.0]
    """

    mean: Array
    variance: Array


def batch_norm(
    data: Array,
    gamma: Array,
    beta: Array,
    moving_mean: Array,
    moving_var: Array,
    *,
    eps: float,
    fix_gamma: bool,
    use_global_stats: bool,
    output_mean_var: bool,
    axis: int,
    training: bool,
    **_: object,
) -> tuple[tuple[Array, ...], Optional[BatchStatistics]]:
    """The outputs; and the statistics of the batch, if those were used.

    The variance is the biased one, both for the output and for the running statistics.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> attributes = OPERATORS["BatchNorm"].completed({"eps": 0.0})
        >>> data, one, zero = jnp.array([[1.0], [3.0]]), jnp.ones(1), jnp.zeros(1)
        >>> arrays = data, one, zero, zero, one
        >>> (result,), measured = batch_norm(*arrays, **attributes, training=True)
        >>> result.tolist(), measured.mean.tolist()
        ([[-1.0], [1.0]], [2.0])
    """
    channels = axis % data.ndim
    others = tuple(i for i in range(data.ndim) if i != channels)
    shape = [-1 if i == channels else 1 for i in range(data.ndim)]
    numbers = data.astype(jnp.promote_types(data.dtype, jnp.float32))
    if training and not use_global_stats:
        mean = jnp.mean(numbers, others)
        variance = jnp.mean(jnp.square(numbers - mean.reshape(shape)), others)
        measured = BatchStatistics(lax.stop_gradient(mean), lax.stop_gradient(variance))
    else:
        # They are not trained, so they get no gradient.
        mean, variance = lax.stop_gradient(moving_mean), lax.stop_gradient(moving_var)
        measured = None
    inverse = lax.rsqrt(variance + eps)
    scale = inverse if fix_gamma else inverse * gamma
    result = (numbers - mean.reshape(shape)) * scale.reshape(shape) + beta.reshape(shape)
    outputs = (result.astype(data.dtype), *_untrained(mean, inverse))
    return (outputs if output_mean_var else outputs[:1]), measured


def group_norm(
    data: Array,
    gamma: Array,
    beta: Array,
    *,
    num_groups: int,
    eps: float,
    output_mean_var: bool,
) -> Outputs:
    """Each group of channels of each image with mean 0 and deviation 1, then scaled and shifted.

    ``gamma`` and ``beta`` have one number per group, as in MXNet 1.9.1, instead of per channel.

    Example:
        >>> data, one, zero = jnp.array([[1.0, 3.0, 10.0, 30.0]]), jnp.ones(2), jnp.zeros(2)
        >>> group_norm(data, one, zero, num_groups=2, eps=0.0, output_mean_var=False).tolist()
        [[-1.0, 1.0, -1.0, 1.0]]
    """
    size, channels, *rest = data.shape
    grouped = data.reshape((size, num_groups, channels // num_groups, *rest))
    inner = tuple(range(2, grouped.ndim))
    result, mean, std = _standardized(grouped, inner, eps)
    shape = [1, num_groups] + [1] * len(inner)
    result = result * gamma.reshape(shape) + beta.reshape(shape)
    result = result.reshape(data.shape).astype(data.dtype)
    if not output_mean_var:
        return result
    shape = [size, num_groups]
    return result, *_untrained(mean.reshape(shape), std.reshape(shape))


def instance_norm(data: Array, gamma: Array, beta: Array, *, eps: float) -> Array:
    """Each channel of each image (N, C, ...) with mean 0 and deviation 1, then scaled and shifted.

    Example:
        >>> data = jnp.array([[[1.0, 3.0], [10.0, 30.0]]])
        >>> instance_norm(data, jnp.ones(2), jnp.zeros(2), eps=0.0).tolist()
        [[[-1.0, 1.0], [-1.0, 1.0]]]
    """
    result, _, _ = _standardized(data, tuple(range(2, data.ndim)), eps)
    shape = [1, -1] + [1] * (data.ndim - 2)
    return (result * gamma.reshape(shape) + beta.reshape(shape)).astype(data.dtype)


def layer_norm(
    data: Array, gamma: Array, beta: Array, *, axis: int, eps: float, output_mean_var: bool
) -> Outputs:
    """The data with mean 0 and deviation 1 along an axis, then scaled and shifted.

    Example:
        >>> data, one, zero = jnp.array([[1.0, 3.0], [10.0, 30.0]]), jnp.ones(2), jnp.zeros(2)
        >>> layer_norm(data, one, zero, axis=-1, eps=0.0, output_mean_var=False).tolist()
        [[-1.0, 1.0], [-1.0, 1.0]]
    """
    result, mean, std = _standardized(data, (axis % data.ndim,), eps)
    shape = [-1 if i == axis % data.ndim else 1 for i in range(data.ndim)]
    result = (result * gamma.reshape(shape) + beta.reshape(shape)).astype(data.dtype)
    return (result, *_untrained(mean, std)) if output_mean_var else result


def _untrained(*statistics: Array) -> tuple[Array, ...]:
    """Statistics that a layer also gives: MXNet passes no gradient through them."""
    return tuple(lax.stop_gradient(each) for each in statistics)


def _standardized(data: Array, axes: tuple[int, ...], eps: float) -> tuple[Array, Array, Array]:
    """The data with mean 0 and deviation 1 over some axes; and their mean and deviation."""
    numbers = data.astype(jnp.promote_types(data.dtype, jnp.float32))
    mean = jnp.mean(numbers, axes, keepdims=True)
    centred = numbers - mean
    std = jnp.sqrt(jnp.mean(jnp.square(centred), axes, keepdims=True) + eps)
    return centred / std, mean, std


def l2_normalization(data: Array, *, eps: float, mode: str) -> Array:
    """The data divided by the L2 norm of each image, of each place, or of each channel.

    Example:
        >>> l2_normalization(jnp.array([[0.0, 4.0]]), eps=0.0, mode="instance").tolist()
        [[0.0, 1.0]]
    """
    axes = {
        "instance": tuple(range(1, data.ndim)),
        "channel": (1,),
        "spatial": tuple(range(2, data.ndim)),
    }[mode]
    return data / jnp.sqrt(jnp.sum(jnp.square(data), axes, keepdims=True) + eps)


def lrn(data: Array, *, alpha: float, beta: float, knorm: float, nsize: int) -> Array:
    """Local response normalisation, over a window of channels.

    Example:
        >>> data = jnp.full((1, 3, 1, 1), 2.0)
        >>> lrn(data, alpha=1.0, beta=1.0, knorm=0.0, nsize=1).ravel().tolist()
        [0.5, 0.5, 0.5]
    """
    half = (nsize - 1) // 2
    window = (1, 2 * half + 1, *(1,) * (data.ndim - 2))
    edges = [(half, half) if i == 1 else (0, 0) for i in range(data.ndim)]
    zero = np.zeros((), data.dtype)[()]
    squares = lax.reduce_window(jnp.square(data), zero, lax.add, window, (1,) * data.ndim, edges)
    return data * (knorm + alpha / nsize * squares) ** -beta


FUNCTIONS: dict[str, Function] = {
    "BatchNorm": batch_norm,
    "GroupNorm": group_norm,
    "InstanceNorm": instance_norm,
    "L2Normalization": l2_normalization,
    "LRN": lrn,
    "LayerNorm": layer_norm,
}
