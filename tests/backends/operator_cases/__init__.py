"""The cases that every backend's operators are tested with, in one table, in terms of no backend.

``tests/backends/<backend>/`` runs all of them and compares outputs, gradients and auxiliary states
with MXNet's. To add an operator, add its cases to :data:`CASES`.
"""

from __future__ import annotations

from . import (
    arithmetic,
    creation,
    elementwise,
    expansion,
    indexing,
    joining,
    layers,
    loss,
    normalization,
    ordering,
    pooling,
    recurrent,
    reduction,
    sampling,
    shape,
)

CASES = [
    *arithmetic.CASES,
    *creation.CASES,
    *elementwise.CASES,
    *expansion.CASES,
    *indexing.CASES,
    *joining.CASES,
    *layers.CASES,
    *loss.CASES,
    *normalization.CASES,
    *ordering.CASES,
    *pooling.CASES,
    *recurrent.CASES,
    *reduction.CASES,
    *sampling.CASES,
    *shape.CASES,
]

# What draws random numbers cannot be compared bit by bit; each backend tests what comes out.
RANDOM = {"_random_normal", "_random_normal_like", "_random_uniform", "_random_uniform_like"}
