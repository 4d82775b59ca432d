"""What the rules of all optimizers share.

MXNet has some of them as kernels in float32 and some as Python in float64. Where a small difference
such as ``1 - beta2`` is taken in float32 there, it is here: it would differ by 1e-5 of itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, NamedTuple, Optional

import numpy as np

from ..functions import Array, Functions

Slots = dict[str, Array]
Options = Mapping[str, Any]


class Step(NamedTuple):
    """What an update is told: ``learning_rate`` and ``wd`` are those of the array.

    ``count`` is 1 at the first step; ``global_rate`` is the learning rate of all arrays.
    """

    learning_rate: Array
    global_rate: Array
    wd: float
    count: Array
    rescale: Any


Update = Callable[[Array, Array, Slots, Step], "tuple[Array, Slots]"]


@dataclass(frozen=True)
class Rule:
    """An update, the ``slots`` that it keeps for each array, and what it keeps for all.

    ``copies`` are the slots that begin as the weights; the others begin as zeros. What is
    ``shared`` goes from array to array, and begins as the number given.
    """

    update: Update
    slots: tuple[str, ...] = ()
    copies: frozenset[str] = frozenset()
    shared: Mapping[str, float] = field(default_factory=dict)


def rest(decay: float) -> float:
    """One less a decay, in float32."""
    return float(np.float32(1) - np.float32(decay))


def left(f: Functions, decay: float, count: Array) -> Array:
    """One less a power of a decay, without the rounding of a difference."""
    return -f.expm1(count * math.log(decay)) if decay > 0 else f.ones_like(count)


def left_rounded(f: Functions, decay: float, count: Array) -> Array:
    """One less a power of a decay, as float32 has the difference."""
    return 1 - f.power(float(np.float32(decay)), count)


def clipped(f: Functions, gradient: Array, bound: Optional[float]) -> Array:
    """As MXNet's kernels have it: no bound for 0 and below."""
    return f.clip(gradient, -bound, bound) if bound and bound > 0 else gradient


def clipped_always(f: Functions, gradient: Array, bound: Optional[float]) -> Array:
    """As MXNet's optimizers in Python have it: 0 is a bound."""
    return gradient if bound is None else f.clip(gradient, -bound, bound)


def norm(f: Functions, array: Array) -> Array:
    return f.sqrt(f.sum(f.square(array)))
