"""The table of operators: their inputs, attributes and defaults.

It says what MXNet 1.9.1 says; a test compares it with an installed MXNet. A graph that MXNet has
traced may hold operators that are not in the table; their attributes stay texts.

Each module holds one family, as those of the backends do, and its ``OPERATORS``. To add an
operator, add its line to its family; whether a file from anybody may use it stands in
:mod:`mxdigits.graph.limits`.
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
    **pooling.OPERATORS,
    **recurrent.OPERATORS,
    **reduction.OPERATORS,
    **sampling.OPERATORS,
    **shape.OPERATORS,
}
