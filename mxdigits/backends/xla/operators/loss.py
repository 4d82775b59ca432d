"""Operators whose gradient is that of a loss instead of their output."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
from jax.dtypes import float0

from ....graph.attributes import Attributes, AttributeValue
from .types import Array, Function, is_floating


def softmax_output(data: Array, label: Array, **attributes: AttributeValue) -> Array:
    """The softmax of ``data``; its gradient is that of the cross-entropy with ``label``.

    As in MXNet, the gradient does not depend on how the output is used.

    Example:
        >>> from mxdigits.graph import OPERATORS
        >>> attributes = OPERATORS["SoftmaxOutput"].completed({})
        >>> softmax_output(jnp.zeros((1, 4)), jnp.array([2.0]), **attributes).tolist()
        [[0.25, 0.25, 0.25, 0.25]]
        >>> total = lambda data: softmax_output(data, jnp.array([2.0]), **attributes).sum()
        >>> jax.grad(total)(jnp.zeros((1, 4))).tolist()
        [[0.25, 0.25, -0.75, 0.25]]
    """
    return _softmax_output(data, label, Attributes(attributes))


def _shares(data: Array, label: Array, attributes: Attributes) -> Array:
    return jax.nn.softmax(_by_class(data, attributes), axis=1).reshape(data.shape)


def _by_class(data: Array, attributes: Attributes) -> Array:
    """Data as (rows, classes, places)."""
    if attributes["multi_output"]:
        return data.reshape((*data.shape[:2], -1))
    if attributes["preserve_shape"]:
        return data.reshape((-1, data.shape[-1], 1))
    return data.reshape((data.shape[0], -1, 1))


def _forward(
    data: Array, label: Array, attributes: Attributes
) -> tuple[Array, tuple[Array, Array]]:
    shares = _shares(data, label, attributes)
    return shares, (shares, label)


def _backward(
    attributes: Attributes, saved: tuple[Array, Array], gradient: Array
) -> tuple[Array, object]:
    shares, label = saved
    if shares.shape == label.shape:
        own = (shares - label) * attributes["grad_scale"]
    else:
        own = _of_classes(_by_class(shares, attributes), label, attributes).reshape(shares.shape)
    nothing = jnp.zeros_like(label) if is_floating(label) else np.zeros(label.shape, float0)
    return own.astype(shares.dtype), nothing


def _of_classes(shares: Array, label: Array, attributes: Attributes) -> Array:
    """The gradient for labels that are indices of classes."""
    classes, places = shares.shape[1:]
    numbers = label.astype(jnp.int32).reshape((-1, 1, places))
    # MXNet smooths only over the other classes, and not if there are several places.
    smoothing = 0.0 if attributes["multi_output"] else attributes["smooth_alpha"]
    correct = numbers == jnp.arange(classes).reshape((1, -1, 1))
    target = jnp.where(correct, 1 - smoothing, smoothing / max(classes - 1, 1))
    gradient = shares - target
    ignored = numbers == int(attributes["ignore_label"])
    if attributes["use_ignore"]:
        gradient = jnp.where(ignored, jnp.zeros_like(gradient), gradient)
    normalization, scale = attributes["normalization"], attributes["grad_scale"]
    if normalization == "valid":
        return gradient * (scale / jnp.maximum(jnp.sum(~ignored), 1))
    counted = 1
    if normalization == "batch":
        counted = len(numbers) if attributes["multi_output"] else math.prod(label.shape)
    return gradient * (scale / (places * counted))


_softmax_output = jax.custom_vjp(_shares, nondiff_argnums=(2,))
_softmax_output.defvjp(_forward, _backward)

FUNCTIONS: dict[str, Function] = {"SoftmaxOutput": softmax_output}
