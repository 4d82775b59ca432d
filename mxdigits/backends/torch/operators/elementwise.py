"""Operators that work on each element of one array."""

from __future__ import annotations

import math
from typing import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from .types import Function, cast, dtype_of, is_floating, keeps_type


def _round(data: Tensor) -> Tensor:
    # Halves are rounded away from zero.
    whole = data.trunc()
    return torch.where((data - whole).abs() >= 0.5, whole + data.sign(), whole)


def _rint(data: Tensor) -> Tensor:
    # Halves are rounded down.
    below, above = data.floor(), data.ceil()
    return torch.where(data - below <= above - data, below, above)


def cube_root(data: Tensor) -> Tensor:
    """The real cube root, of negative numbers too.

    Example:
        >>> [round(each, 4) for each in cube_root(torch.tensor([-8.0, 27.0])).tolist()]
        [-2.0, 3.0]
    """
    return data.sign() * data.abs().pow(1 / 3)


def _gamma(data: Tensor) -> Tensor:
    # Below 0.5 by reflection; in float64, because the exponential enlarges rounding errors.
    wide = data.double()
    large = torch.where(wide < 0.5, 1 - wide, wide).lgamma().exp()
    reflected = math.pi / ((math.pi * wide).sin() * large)
    return torch.where(wide < 0.5, reflected, large).to(data.dtype)


_FLOATING: dict[str, Callable[[Tensor], Tensor]] = {
    "arccos": torch.acos,
    "arccosh": torch.acosh,
    "arcsin": torch.asin,
    "arcsinh": torch.asinh,
    "arctan": torch.atan,
    "arctanh": torch.atanh,
    "cbrt": cube_root,
    "ceil": torch.ceil,
    "cos": torch.cos,
    "cosh": torch.cosh,
    "degrees": torch.rad2deg,
    "erf": torch.erf,
    "erfinv": torch.erfinv,
    "exp": torch.exp,
    "expm1": torch.expm1,
    "fix": torch.trunc,
    "floor": torch.floor,
    "gamma": _gamma,
    "gammaln": torch.lgamma,
    "log": torch.log,
    "log10": torch.log10,
    "log1p": torch.log1p,
    "log2": torch.log2,
    "radians": torch.deg2rad,
    "rcbrt": lambda data: cube_root(data).reciprocal(),
    "reciprocal": torch.reciprocal,
    "rint": _rint,
    "round": _round,
    "rsqrt": torch.rsqrt,
    "sigmoid": torch.sigmoid,
    "sin": torch.sin,
    "sinh": torch.sinh,
    "softsign": F.softsign,
    "sqrt": torch.sqrt,
    "tan": torch.tan,
    "tanh": torch.tanh,
    "trunc": torch.trunc,
}

_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "softrelu": F.softplus,
    "softsign": F.softsign,
    "tanh": torch.tanh,
}


def _logical_not(data: Tensor) -> Tensor:
    return (data == 0).to(data.dtype)


def _div_sqrt_dim(data: Tensor) -> Tensor:
    return data / math.sqrt(data.shape[-1])


def activation(data: Tensor, *, act_type: str) -> Tensor:
    """An activation by its name: ``relu``, ``sigmoid``, ``softrelu``, ``softsign`` or ``tanh``.

    Example:
        >>> activation(torch.tensor([-1.0, 0.0, 2.0]), act_type="relu").tolist()
        [0.0, 0.0, 2.0]
    """
    result: Tensor = keeps_type(_ACTIVATIONS[act_type])(data)
    return result


def cast_to(data: Tensor, *, dtype: str) -> Tensor:
    """The data cast to another type as in C: ``Cast``.

    Example:
        >>> cast_to(torch.tensor([1.7, -1.7]), dtype="int32").tolist()
        [1, -1]
    """
    return cast(data, dtype_of(dtype))


def clip(data: Tensor, *, a_min: float, a_max: float) -> Tensor:
    """The data clipped to the range from ``a_min`` to ``a_max``.

    Example:
        >>> clip(torch.tensor([-2.0, 0.5, 2.0]), a_min=-1.0, a_max=1.0).tolist()
        [-1.0, 0.5, 1.0]
    """
    if not is_floating(data):
        a_min, a_max = int(a_min), int(a_max)
    # With where, the gradient passes exactly at the bounds.
    return torch.where(data > a_max, a_max, torch.where(data < a_min, a_min, data))


def dequantize(data: Tensor, min_range: Tensor, max_range: Tensor, *, out_type: str) -> Tensor:
    """8-bit whole numbers as floating-point numbers, by the range that they stand for.

    Example:
        >>> data = torch.tensor([0, 127], dtype=torch.int8)
        >>> low, high = torch.tensor([-1.0]), torch.tensor([1.0])
        >>> [round(each, 2) for each in dequantize(data, low, high, out_type="float32").tolist()]
        [0.0, 1.0]
    """
    # As in MXNet's CPU build, by oneDNN: 0 stays 0, and half a step is added to the range.
    largest = torch.maximum(min_range.abs(), max_range.abs()).reshape(())
    return data.to(dtype_of(out_type)) * (largest / (torch.iinfo(data.dtype).max + 0.5))


def hard_sigmoid(data: Tensor, *, alpha: float, beta: float) -> Tensor:
    """A piecewise linear sigmoid: ``alpha * data + beta``, clipped to 0 and 1.

    Example:
        >>> hard_sigmoid(torch.tensor([-3.0, 0.0, 1.0, 3.0]), alpha=0.25, beta=0.5).tolist()
        [0.0, 0.5, 0.75, 1.0]
    """
    line = alpha * data + beta
    # With where, there is no gradient exactly at the bounds.
    return torch.where(line > 0, torch.where(line < 1, line, 1), 0)


def smooth_l1(data: Tensor, *, scalar: float) -> Tensor:
    """The Huber loss of each element: a parabola up to ``1 / scalar ** 2``, then a line.

    Example:
        >>> smooth_l1(torch.tensor([-0.5, 0.0, 2.0]), scalar=1.0).tolist()
        [0.125, 0.0, 1.5]
    """
    if not is_floating(data):
        raise TypeError("it takes floating-point numbers")
    square = scalar * scalar
    bent = data.abs() - 0.5 / square
    return torch.where(data.abs() > 1 / square, bent, 0.5 * square * data * data)


FUNCTIONS: dict[str, Function] = {
    **{name: keeps_type(function) for name, function in _FLOATING.items()},
    "Activation": activation,
    "BlockGrad": torch.detach,
    "Cast": cast_to,
    "_contrib_dequantize": dequantize,
    "_contrib_div_sqrt_dim": keeps_type(_div_sqrt_dim),
    "_copy": lambda data: data,
    "abs": torch.abs,
    "clip": clip,
    "hard_sigmoid": hard_sigmoid,
    "logical_not": _logical_not,
    "negative": torch.neg,
    "ones_like": torch.ones_like,
    "relu": torch.relu,
    "sign": torch.sign,
    "smooth_l1": smooth_l1,
    "square": torch.square,
    "zeros_like": torch.zeros_like,
}
