"""Operators that work on each element of one array."""

from __future__ import annotations

import math
from typing import Callable

import jax
import jax.numpy as jnp
from jax import lax
from jax.scipy import special

from .types import Array, Function, absolute, cast, is_floating, keeps_type


def _round(data: Array) -> Array:
    # Halves are rounded away from zero.
    whole = jnp.trunc(data)
    return jnp.where(jnp.abs(data - whole) >= 0.5, whole + jnp.sign(data), whole)


def _rint(data: Array) -> Array:
    # Halves are rounded down.
    below, above = jnp.floor(data), jnp.ceil(data)
    return jnp.where(data - below <= above - data, below, above)


def _softsign(data: Array) -> Array:
    return data / (1 + jnp.abs(data))


_FLOATING: dict[str, Callable[[Array], Array]] = {
    "arccos": jnp.arccos,
    "arccosh": jnp.arccosh,
    "arcsin": jnp.arcsin,
    "arcsinh": jnp.arcsinh,
    "arctan": jnp.arctan,
    "arctanh": jnp.arctanh,
    "cbrt": jnp.cbrt,
    "ceil": jnp.ceil,
    "cos": jnp.cos,
    "cosh": jnp.cosh,
    "degrees": jnp.degrees,
    "erf": special.erf,
    "erfinv": special.erfinv,
    "exp": jnp.exp,
    "expm1": jnp.expm1,
    "fix": jnp.trunc,
    "floor": jnp.floor,
    "gamma": special.gamma,
    "gammaln": special.gammaln,
    "log": jnp.log,
    "log10": jnp.log10,
    "log1p": jnp.log1p,
    "log2": jnp.log2,
    "radians": jnp.radians,
    "rcbrt": lambda data: 1 / jnp.cbrt(data),
    "reciprocal": lambda data: 1 / data,
    "rint": _rint,
    "round": _round,
    "rsqrt": lax.rsqrt,
    "sigmoid": jax.nn.sigmoid,
    "sin": jnp.sin,
    "sinh": jnp.sinh,
    "softsign": _softsign,
    "sqrt": jnp.sqrt,
    "tan": jnp.tan,
    "tanh": jnp.tanh,
    "trunc": jnp.trunc,
}

_ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "relu": jax.nn.relu,
    "sigmoid": jax.nn.sigmoid,
    "softrelu": jax.nn.softplus,
    "softsign": _softsign,
    "tanh": jnp.tanh,
}


def _logical_not(data: Array) -> Array:
    return (data == 0).astype(data.dtype)


def _div_sqrt_dim(data: Array) -> Array:
    return data / math.sqrt(data.shape[-1])


def activation(data: Array, *, act_type: str) -> Array:
    """An activation by its name: ``relu``, ``sigmoid``, ``softrelu``, ``softsign`` or ``tanh``.

    Example:
        >>> activation(jnp.array([-1.0, 0.0, 2.0]), act_type="relu").tolist()
        [0.0, 0.0, 2.0]
    """
    return keeps_type(_ACTIVATIONS[act_type])(data)


def clip(data: Array, *, a_min: float, a_max: float) -> Array:
    """The data clipped to the range from ``a_min`` to ``a_max``.

    Example:
        >>> clip(jnp.array([-2.0, 0.5, 2.0]), a_min=-1.0, a_max=1.0).tolist()
        [-1.0, 0.5, 1.0]
    """
    # With where, the gradient passes exactly at the bounds.
    low, high = (cast(jnp.asarray(bound), data.dtype) for bound in (a_min, a_max))
    return jnp.where(data > high, high, jnp.where(data < low, low, data))


def dequantize(data: Array, min_range: Array, max_range: Array, *, out_type: str) -> Array:
    """8-bit whole numbers as floating-point numbers, by the range that they stand for.

    Example:
        >>> data, low, high = jnp.array([0, 127], jnp.int8), jnp.array([-1.0]), jnp.array([1.0])
        >>> [round(each, 2) for each in dequantize(data, low, high, out_type="float32").tolist()]
        [0.0, 1.0]
    """
    # As in MXNet's CPU build, by oneDNN: 0 stays 0, and half a step is added to the range.
    largest = jnp.maximum(jnp.abs(min_range), jnp.abs(max_range)).reshape(())
    return data.astype(out_type) * (largest / (jnp.iinfo(data.dtype).max + 0.5))


def hard_sigmoid(data: Array, *, alpha: float, beta: float) -> Array:
    """A piecewise linear sigmoid: ``alpha * data + beta``, clipped to 0 and 1.

    Example:
        >>> hard_sigmoid(jnp.array([-3.0, 0.0, 1.0, 3.0]), alpha=0.25, beta=0.5).tolist()
        [0.0, 0.5, 0.75, 1.0]
    """
    line = alpha * data + beta
    inside = jnp.where(line < 1, line, jnp.ones_like(line))
    return jnp.where(line > 0, inside, jnp.zeros_like(line))


def smooth_l1(data: Array, *, scalar: float) -> Array:
    """The Huber loss of each element: a parabola up to ``1 / scalar ** 2``, then a line.

    Example:
        >>> smooth_l1(jnp.array([-0.5, 0.0, 2.0]), scalar=1.0).tolist()
        [0.125, 0.0, 1.5]
    """
    if not is_floating(data):
        raise TypeError("it takes floating-point numbers")
    square = scalar * scalar
    bent = jnp.abs(data) - 0.5 / square
    return jnp.where(jnp.abs(data) > 1 / square, bent, 0.5 * square * data * data)


FUNCTIONS: dict[str, Function] = {
    **{name: keeps_type(function) for name, function in _FLOATING.items()},
    "Activation": activation,
    "BlockGrad": lax.stop_gradient,
    "Cast": cast,
    "_contrib_dequantize": dequantize,
    "_contrib_div_sqrt_dim": keeps_type(_div_sqrt_dim),
    "_copy": jnp.asarray,
    "abs": absolute,
    "clip": clip,
    "hard_sigmoid": hard_sigmoid,
    "logical_not": _logical_not,
    "negative": jnp.negative,
    "ones_like": jnp.ones_like,
    "relu": jax.nn.relu,
    "sign": jnp.sign,
    "smooth_l1": smooth_l1,
    "square": jnp.square,
    "zeros_like": jnp.zeros_like,
}
