"""The cases that every backend's operators are tested with, in one table, in terms of no backend.

``tests/backends/<backend>/`` runs all of them and compares outputs, gradients and auxiliary states
with MXNet's. To add an operator, add its cases to :data:`CASES`.
"""

from __future__ import annotations

from .arithmetic import CASES as _ARITHMETIC
from .elementwise import CASES as _ELEMENTWISE
from .layers import CASES as _LAYERS
from .normalization import CASES as _NORMALIZATION
from .others import CASES as _OTHERS
from .pooling import CASES as _POOLING
from .recurrent import CASES as _RECURRENT
from .reduction import CASES as _REDUCTION
from .shape import CASES as _SHAPE

CASES = [
    *_ARITHMETIC,
    *_ELEMENTWISE,
    *_LAYERS,
    *_NORMALIZATION,
    *_OTHERS,
    *_POOLING,
    *_RECURRENT,
    *_REDUCTION,
    *_SHAPE,
]

# What draws random numbers cannot be compared bit by bit; each backend tests what comes out.
RANDOM = {"_random_normal", "_random_normal_like", "_random_uniform", "_random_uniform_like"}
