"""The functions that optimizers and loss scaling need from a library of arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Union

Array = Any  # of NumPy, JAX or PyTorch, which share no type
Number = Union[Array, float]  # one number; an array without dimensions

Function = Callable[..., Array]


def descended(weight: Array, gradient: Array, rate: Array, rescale: Number) -> Array:
    """A weight after a step down the gradient, for a library that fuses operations by itself.

    Example:
        >>> descended(1.0, 8.0, 0.5, 0.125)
        0.5
    """
    return weight - rate * (rescale * gradient)


@dataclass(frozen=True)
class Functions:
    """Functions by their names in NumPy, if it has them; numbers count as arrays.

    ``descended(weight, gradient, rate, rescale)`` is a weight minus ``rate`` times the rescaled
    gradient, which some libraries compute in one pass; ``rate`` is an array and ``rescale`` a
    number. ``float32`` and ``int32`` convert an array or a number to an array of that type;
    ``copy`` makes an independent copy of an array; ``all`` is an array that says whether all
    elements are true.

    Example:
        >>> import numpy as np
        >>> names = Functions.__dataclass_fields__
        >>> own = {"all": np.all, "copy": np.array, "float32": np.float32, "int32": np.int32}
        >>> own["descended"] = descended
        >>> f = Functions(**{name: own.get(name) or getattr(np, name) for name in names})
        >>> float(f.sqrt(f.float32(4)))
        2.0
    """

    abs: Function
    all: Function
    clip: Function
    copy: Function
    descended: Function
    expm1: Function
    float32: Function
    int32: Function
    isfinite: Function
    maximum: Function
    minimum: Function
    ones_like: Function
    power: Function
    sign: Function
    sqrt: Function
    square: Function
    stack: Function
    sum: Function
    where: Function
    zeros_like: Function
