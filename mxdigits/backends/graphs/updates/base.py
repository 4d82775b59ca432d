"""Shared by the update rules of all optimizers.

MXNet implements some of them as kernels in float32 and some in Python in float64. A small
difference such as ``1 - beta2`` is computed in the type that MXNet uses, because in the other type
its relative difference is 1e-5.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, NamedTuple, Optional

import numpy as np

from ..functions import Array, Functions

Slots = dict[str, Array]
Options = Mapping[str, Any]  # numbers, booleans and None by name, in the form that rules take


class Step(NamedTuple):
    """The numbers that an update depends on; ``learning_rate`` and ``wd`` are the array's own.

    ``number`` is 1 at the first step; ``global_rate`` is the learning rate of all arrays.

    Example:
        >>> Step(learning_rate=0.1, global_rate=0.1, wd=1e-4, number=1, rescale=0.01).wd
        0.0001
    """

    learning_rate: Array
    global_rate: Array
    wd: float
    number: Array
    rescale: Array


Update = Callable[[Array, Array, Slots, Step], "tuple[Array, Slots]"]


@dataclass(frozen=True)
class Rule:
    """An update, the ``slots`` that it keeps for each array, and the numbers it keeps for all.

    ``copies`` are the slots that begin as copies of the weights; the others begin as zeros.
    ``shared`` are numbers, with their initial values, that pass from array to array.

    Example:
        >>> rule = Rule(lambda weight, gradient, slots, step: (weight - gradient, slots))
        >>> weight, slots = rule.update(np.float32(1), np.float32(0.25), {}, None)
        >>> float(weight), rule.slots
        (0.75, ())
    """

    update: Update
    slots: tuple[str, ...] = ()
    copies: frozenset[str] = frozenset()
    shared: Mapping[str, float] = field(default_factory=dict)


def rest(decay: float) -> float:
    """1 minus a decay, in float32.

    Example:
        >>> rest(0.75)
        0.25
    """
    return float(np.float32(1) - np.float32(decay))


def left(f: Functions, decay: float, count: Array) -> Array:
    """1 minus a power of a decay, without the rounding of a difference.

    Example:
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> round(float(left(FUNCTIONS, 0.5, np.float32(2))), 6)
        0.75
    """
    return -f.expm1(count * math.log(decay)) if decay > 0 else f.ones_like(count)


def left_rounded(f: Functions, decay: float, count: Array) -> Array:
    """1 minus a power of a decay, with the rounding of a difference in float32.

    Example:
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> float(left_rounded(FUNCTIONS, 0.5, np.float32(2)))
        0.75
    """
    return 1 - f.power(float(np.float32(decay)), count)


def clipped(f: Functions, gradient: Array, bound: Optional[float]) -> Array:
    """A gradient clipped to a bound, as in MXNet's kernels: a bound of 0 or less means no bound.

    Example:
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> [clipped(FUNCTIONS, np.array([-3.0, 1.0]), bound).tolist() for bound in (2.0, 0.0)]
        [[-2.0, 1.0], [-3.0, 1.0]]
    """
    return f.clip(gradient, -bound, bound) if bound and bound > 0 else gradient


def clipped_always(f: Functions, gradient: Array, bound: Optional[float]) -> Array:
    """A gradient clipped to a bound, as in MXNet's Python optimizers: 0 is a bound.

    Example:
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> clipped_always(FUNCTIONS, np.array([3.0]), 0.0).tolist()
        [0.0]
    """
    return gradient if bound is None else f.clip(gradient, -bound, bound)


def norm(f: Functions, array: Array) -> Array:
    """The L2 norm of all elements of an array.

    Example:
        >>> from mxdigits.backends.xla.functions import FUNCTIONS
        >>> float(norm(FUNCTIONS, np.array([[3.0], [4.0]])))
        5.0
    """
    return f.sqrt(f.sum(f.square(array)))
