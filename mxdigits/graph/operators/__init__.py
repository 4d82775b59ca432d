"""The table of operators: their inputs, attributes and defaults.

It follows MXNet 1.9.1; a test compares it with an installed MXNet. A graph that MXNet traced may
hold operators that are not in the table; their attributes stay texts.

Each module holds the ``OPERATORS`` of one family; the backends have the same families. To add an
operator, add its line to its family; :mod:`mxdigits.graph.limits` says whether a file from anybody
may use it.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..operator import Operator
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

OPERATORS: Mapping[str, Operator] = {
    **arithmetic.OPERATORS,
    **creation.OPERATORS,
    **elementwise.OPERATORS,
    **expansion.OPERATORS,
    **indexing.OPERATORS,
    **joining.OPERATORS,
    **layers.OPERATORS,
    **loss.OPERATORS,
    **normalization.OPERATORS,
    **ordering.OPERATORS,
    **pooling.OPERATORS,
    **recurrent.OPERATORS,
    **reduction.OPERATORS,
    **sampling.OPERATORS,
    **shape.OPERATORS,
}
