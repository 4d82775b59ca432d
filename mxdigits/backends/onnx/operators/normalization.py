"""Normalisations. With float16, statistics are computed in float32."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .types import Builder, Function, Outputs, Value


def batch_norm(
    g: Builder,
    data: Value,
    gamma: Value,
    beta: Value,
    moving_mean: Value,
    moving_var: Value,
    *,
    eps: float,
    fix_gamma: bool,
    output_mean_var: bool,
    axis: int,
    **_: object,
) -> Outputs:
    """The data normalised by the running mean and variance, and scaled and shifted by channel.

    With ``output_mean_var``, it also gives the mean and the inverse deviation.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> attributes = OPERATORS["BatchNorm"].completed({})
        >>> g = Builder(17)
        >>> image = g.input("image", np.float32, ((2, 1, 4, 4), (4, 1, 4, 4)))
        >>> gamma, beta, mean, variance = (g.input(n, np.float32, ((1,), (1,))) for n in "abmv")
        >>> batch_norm(g, image, gamma, beta, mean, variance, **attributes).shape
        (None, 1, 4, 4)
        >>> [node.op_type for node in g.nodes], len(g.constants)
        (['BatchNormalization'], 1)
    """
    channels = axis % data.rank
    if fix_gamma:
        gamma = g.constant(np.ones(gamma.fixed_shape, gamma.dtype), f"{gamma.name}/fixed")
    statistics = (gamma, beta, moving_mean, moving_var)
    if channels == 1 and data.rank > 2:
        result = g.op("BatchNormalization", data, *statistics, epsilon=eps)
    else:
        # ONNX's operator has channels along axis 1; this computes the same for any other axis.
        shape = tuple(-1 if i == channels else 1 for i in range(data.rank))
        gamma, beta, mean, variance = (
            g.op("Reshape", each, np.array(shape, np.int64)) for each in statistics
        )
        scale = g.op("Div", gamma, _deviation(g, variance, eps))
        result = g.op("Add", g.op("Mul", g.op("Sub", data, mean), scale), beta)
    if not output_mean_var:
        return result
    return result, moving_mean, g.op("Reciprocal", _deviation(g, moving_var, eps))


def _deviation(g: Builder, variance: Value, eps: float) -> Value:
    return g.op("Sqrt", g.op("Add", variance, eps))


def group_norm(
    g: Builder,
    data: Value,
    gamma: Value,
    beta: Value,
    *,
    num_groups: int,
    eps: float,
    output_mean_var: bool,
) -> Outputs:
    """Each group of channels of each image with mean 0 and deviation 1, then scaled and shifted.

    ``gamma`` and ``beta`` have one number per group, as in MXNet 1.9.1, instead of per channel.

    Example:
        >>> g = Builder(17)
        >>> image = g.input("image", np.float32, ((2, 4, 2, 2), (4, 4, 2, 2)))
        >>> gamma = g.input("gamma", np.float32, ((2,), (2,)))
        >>> beta = g.input("beta", np.float32, ((2,), (2,)))
        >>> group_norm(g, image, gamma, beta, num_groups=2, eps=1e-5, output_mean_var=False).shape
        (None, 4, 2, 2)
    """
    grouped = [
        (size, num_groups, channels // num_groups, *rest) for size, channels, *rest in data.shapes
    ]
    inner = range(2, len(grouped[0]))
    result, mean, std = _standardized(g, g.reshape(data, grouped), inner, eps)
    result = _scaled(g, result, gamma, beta, 1)
    result = g.cast(g.reshape(result, data.shapes), data.dtype)
    if not output_mean_var:
        return result
    return result, g.squeeze(mean, inner), g.squeeze(std, inner)


def instance_norm(g: Builder, data: Value, gamma: Value, beta: Value, *, eps: float) -> Value:
    """Each channel of each image (N, C, ...) with mean 0 and deviation 1, then scaled and shifted.

    Example:
        >>> g = Builder(17)
        >>> image = g.input("image", np.float32, ((2, 1, 4, 4), (4, 1, 4, 4)))
        >>> gamma = g.input("gamma", np.float32, ((1,), (1,)))
        >>> beta = g.input("beta", np.float32, ((1,), (1,)))
        >>> instance_norm(g, image, gamma, beta, eps=1e-5).shape
        (None, 1, 4, 4)
    """
    result, _, _ = _standardized(g, data, range(2, data.rank), eps)
    return g.cast(_scaled(g, result, gamma, beta, 1), data.dtype)


def layer_norm(
    g: Builder,
    data: Value,
    gamma: Value,
    beta: Value,
    *,
    axis: int,
    eps: float,
    output_mean_var: bool,
) -> Outputs:
    """The data with mean 0 and deviation 1 along an axis, then scaled and shifted.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> gamma = g.input("gamma", np.float32, ((3,), (3,)))
        >>> beta = g.input("beta", np.float32, ((3,), (3,)))
        >>> layer_norm(g, data, gamma, beta, axis=-1, eps=1e-5, output_mean_var=False).shape
        (None, 3)
    """
    result, mean, std = _standardized(g, data, (axis % data.rank,), eps)
    result = g.cast(_scaled(g, result, gamma, beta, axis % data.rank), data.dtype)
    return (result, mean, std) if output_mean_var else result


def _standardized(
    g: Builder, data: Value, axes: Sequence[int], eps: float
) -> tuple[Value, Value, Value]:
    """The data with mean 0 and deviation 1 over some axes; and their mean and deviation."""
    numbers = g.cast(data, np.promote_types(data.dtype, np.float32))
    mean = g.reduce("ReduceMean", numbers, axes)
    centred = g.op("Sub", numbers, mean)
    variance = g.reduce("ReduceMean", g.op("Mul", centred, centred), axes)
    std = _deviation(g, variance, eps)
    return g.op("Div", centred, std), mean, std


def _scaled(g: Builder, data: Value, gamma: Value, beta: Value, axis: int) -> Value:
    """Data multiplied and shifted by one number for each place along an axis."""
    shape = np.array([-1 if i == axis else 1 for i in range(data.rank)], np.int64)
    gamma, beta = (g.op("Reshape", each, shape) for each in (gamma, beta))
    return g.op("Add", g.op("Mul", data, gamma), beta)


def l2_normalization(g: Builder, data: Value, *, eps: float, mode: str) -> Value:
    """The data divided by the L2 norm of each image, of each place, or of each channel.

    Example:
        >>> g = Builder(17)
        >>> data = g.input("data", np.float32, ((2, 3), (4, 3)))
        >>> result = l2_normalization(g, data, eps=1e-10, mode="instance")
        >>> result.shape, [node.op_type for node in g.nodes]
        ((None, 3), ['Mul', 'ReduceSum', 'Add', 'Sqrt', 'Div'])
    """
    axes = {
        "instance": range(1, data.rank),
        "channel": (1,),
        "spatial": range(2, data.rank),
    }[mode]
    squares = g.reduce("ReduceSum", g.op("Mul", data, data), axes)
    return g.op("Div", data, _deviation(g, squares, eps))


def lrn(g: Builder, data: Value, *, alpha: float, beta: float, knorm: float, nsize: int) -> Value:
    """Local response normalisation, over a window of channels.

    Example:
        >>> g = Builder(17)
        >>> image = g.input("image", np.float32, ((2, 1, 4, 4), (4, 1, 4, 4)))
        >>> result = lrn(g, image, alpha=1e-4, beta=0.75, knorm=2.0, nsize=5)
        >>> result.shape, [node.op_type for node in g.nodes]
        ((None, 1, 4, 4), ['LRN'])
    """
    size = 2 * ((nsize - 1) // 2) + 1  # MXNet leaves out one channel of an even window
    images = [(*shape[:2], 1, int(np.prod(shape[2:]))) for shape in data.shapes]
    flat = data if data.rank == 4 else g.reshape(data, images)
    found = g.op("LRN", flat, alpha=alpha * size / nsize, beta=beta, bias=knorm, size=size)
    return g.reshape(found, data.shapes)


FUNCTIONS: dict[str, Function] = {
    "BatchNorm": batch_norm,
    "GroupNorm": group_norm,
    "InstanceNorm": instance_norm,
    "L2Normalization": l2_normalization,
    "LRN": lrn,
    "LayerNorm": layer_norm,
}
