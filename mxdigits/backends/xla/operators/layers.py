"""Dense layers, convolutions, dropout and the leaky activations."""

from __future__ import annotations

from typing import Optional

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ....arrays import Shape
from ...graphs.shapes import reaching
from . import patches
from .types import Array, Function

_SELU_ALPHA = 1.6732632423543772
_SELU_SCALE = 1.0507009873554805


def fully_connected(
    data: Array,
    weight: Array,
    bias: Optional[Array] = None,
    *,
    num_hidden: int,
    no_bias: bool,
    flatten: bool,
) -> Array:
    """A dense layer: data (n, ...) times the weight (units, inputs) plus the bias: (n, units).

    Without ``flatten``, only the last axis of the data is replaced.

    Example:
        >>> data, bias = jnp.array([[1.0, 2.0]]), jnp.ones(2)
        >>> weight = jnp.array([[1.0, 0.0], [1.0, 1.0]])
        >>> fully_connected(data, weight, bias, num_hidden=2, no_bias=False, flatten=True).tolist()
        [[2.0, 4.0]]
    """
    _expect_filters(weight, num_hidden)
    if flatten:
        data = data.reshape((data.shape[0], -1))
    product = jnp.matmul(data, weight.T)
    return product if bias is None else product + bias


def convolution(
    data: Array,
    weight: Array,
    bias: Optional[Array] = None,
    *,
    stride: Shape,
    dilate: Shape,
    pad: Shape,
    num_filter: int,
    num_group: int,
    layout: str,
    platform: Optional[str] = None,
    **_: object,
) -> Array:
    """A convolution of images of any layout, with padding, steps, dilation and groups.

    ``weight`` is (filters, channels / groups, ...) in layouts with channels first.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> attributes = OPERATORS["Convolution"].completed({"kernel": (2, 2), "num_filter": 1})
        >>> image, weight = jnp.arange(9.0).reshape((1, 1, 3, 3)), jnp.ones((1, 1, 2, 2))
        >>> convolution(image, weight, **attributes).tolist()
        [[[[8.0, 12.0], [20.0, 24.0]]]]
    """
    _expect_filters(weight, num_filter)
    padding = [(width, width) for width in pad]
    if platform == "gpu" and num_group == 1 and layout.startswith("NC"):
        extents = [apart * (size - 1) + 1 for size, apart in zip(weight.shape[2:], dilate)]
        sizes = tuple(
            (size + 2 * width - extent) // step + 1
            for size, width, extent, step in zip(data.shape[2:], pad, extents, stride)
        )
        if patches.are_few(data, weight, sizes):
            padded = jnp.pad(data, [(0, 0), (0, 0), *padding])
            result = patches.convolved(padded, weight, stride, dilate, sizes)
            return _with_bias(result, bias, layout)
    result = lax.conv_general_dilated(
        data,
        weight,
        stride,
        padding,
        rhs_dilation=dilate,
        dimension_numbers=(layout, layout.replace("C", "I").replace("N", "O"), layout),
        feature_group_count=num_group,
    )
    return _with_bias(result, bias, layout)


def deconvolution(
    data: Array,
    weight: Array,
    bias: Optional[Array] = None,
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
) -> Array:
    """A transposed convolution: the gradient of a convolution by its input, as a layer.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> wanted = {"kernel": (2, 2), "stride": (2, 2), "num_filter": 1}
        >>> image, weight = jnp.array([[[[1.0, 2.0]]]]), jnp.ones((1, 1, 2, 2))
        >>> deconvolution(image, weight, **OPERATORS["Deconvolution"].completed(wanted)).tolist()
        [[[[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]]]
    """
    spatial = layout.replace("N", "").replace("C", "")
    weight = weight.transpose([layout.index(letter) for letter in "NC" + spatial])
    extents = [dilation * (size - 1) + 1 for size, dilation in zip(kernel, dilate)]
    if any(target_shape):
        sizes = [data.shape[layout.index(letter)] for letter in spatial]
        pad, adj = reaching(target_shape, sizes, stride, extents)
    # From (inputs, filters / groups, ...) to (filters, inputs / groups, ...), with flipped windows.
    inputs, filters, *window = weight.shape
    groups = (num_group, inputs // num_group, filters, *window)
    weight = weight.reshape(groups).swapaxes(1, 2)
    weight = weight.reshape((num_group * filters, inputs // num_group, *window))
    _expect_filters(weight, num_filter)
    result = lax.conv_general_dilated(
        data,
        jnp.flip(weight, range(2, weight.ndim)),
        (1,) * len(kernel),
        [(extent - 1 - p, extent - 1 - p + a) for extent, p, a in zip(extents, pad, adj)],
        lhs_dilation=stride,
        rhs_dilation=dilate,
        dimension_numbers=(layout, "OI" + spatial, layout),
        feature_group_count=num_group,
    )
    return _with_bias(result, bias, layout)


def _expect_filters(weight: Array, filters: int) -> None:
    if weight.shape[0] != filters:
        raise ValueError(f"its weight has {weight.shape[0]} rows, not {filters}")


def _with_bias(result: Array, bias: Optional[Array], layout: str) -> Array:
    if bias is None:
        return result
    return result + bias.reshape([-1 if letter == "C" else 1 for letter in layout])


def dropout(
    data: Array,
    *,
    p: float,
    mode: str,
    axes: Shape,
    training: bool,
    key: Optional[Array],
    **_: object,
) -> Array:
    """In training, zeros at random places, and the rest scaled up so that the mean stays.

    Along ``axes`` all elements are kept or dropped together.

    Example:
        >>> data, key = jnp.ones(1000), jax.random.key(0)
        >>> dropped = dropout(data, p=0.5, mode="training", axes=(), training=True, key=key)
        >>> sorted(set(dropped.tolist()))
        [0.0, 2.0]
        >>> dropout(data, p=0.5, mode="training", axes=(), training=False, key=None) is data
        True
    """
    if p <= 0 or not (training or mode == "always"):
        return data
    assert key is not None
    kept = 1 - p
    shape = [1 if i in axes else size for i, size in enumerate(data.shape)]
    mask = jax.random.bernoulli(key, kept, shape)
    return jnp.where(mask, data / np.asarray(kept, data.dtype), jnp.zeros_like(data))


def leaky_relu(
    data: Array,
    gamma: Optional[Array] = None,
    *,
    act_type: str,
    slope: float,
    lower_bound: float,
    upper_bound: float,
    training: bool,
    key: Optional[Array],
) -> Array:
    """The data above 0, and smaller values below 0: MXNet's family ``LeakyReLU``.

    ``act_type`` is ``leaky``, ``elu``, ``gelu``, ``selu``, ``prelu``, which learns its slopes
    ``gamma``, or ``rrelu``, which draws its slopes in training.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> attributes = OPERATORS["LeakyReLU"].completed({"slope": 0.25})
        >>> leaky_relu(jnp.array([-4.0, 4.0]), **attributes, training=False, key=None).tolist()
        [-1.0, 4.0]
    """
    if act_type == "gelu":
        return jax.nn.gelu(data, approximate=False)
    if act_type == "selu":
        return _selu(data)
    if act_type == "elu":
        # The inner where keeps an overflow out of the gradient.
        below = slope * jnp.expm1(jnp.where(data > 0, jnp.zeros_like(data), data))
        return jnp.where(data > 0, data, below)
    if act_type == "prelu":
        assert gamma is not None
        return jnp.where(data > 0, data, data * gamma.reshape(_along_channels(gamma, data)))
    if act_type == "rrelu" and training:
        assert key is not None
        drawn = jax.random.uniform(key, data.shape, data.dtype, lower_bound, upper_bound)
        return jnp.where(data > 0, data, data * drawn)
    below_zero = (lower_bound + upper_bound) / 2 if act_type == "rrelu" else slope
    return jnp.where(data > 0, data, data * below_zero)


def _scaled_elu(data: Array) -> Array:
    return _SELU_SCALE * jnp.where(data > 0, data, _SELU_ALPHA * jnp.expm1(data))


def _scaled_elu_tangent(given: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    (data,), (tangent,) = given, tangents
    result = _scaled_elu(data)
    # MXNet's gradient, which is not the derivative: it adds the scaled result to alpha.
    slope = _SELU_SCALE * jnp.where(data > 0, jnp.ones_like(data), _SELU_ALPHA + result)
    return result, slope * tangent


_selu = jax.custom_jvp(_scaled_elu)
_selu.defjvp(_scaled_elu_tangent)


def _along_channels(gamma: Array, data: Array) -> list[int]:
    """The shape that makes slopes broadcast over the data: their last axis along axis 1."""
    shape = [1] * data.ndim
    left = list(gamma.shape)
    for axis in range(min(data.ndim, 2) - 1, -1, -1):
        if left and left[-1] in (1, data.shape[axis]):
            shape[axis] = left.pop()
    if left:
        raise ValueError(f"its slopes of shape {gamma.shape} do not fit data of {data.shape}")
    return shape


FUNCTIONS: dict[str, Function] = {
    "Convolution": convolution,
    "Deconvolution": deconvolution,
    "Dropout": dropout,
    "FullyConnected": fully_connected,
    "LeakyReLU": leaky_relu,
}
