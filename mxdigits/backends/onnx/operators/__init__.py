"""The operators of :data:`mxdigits.graph.OPERATORS`, each composed of ONNX's operators.

Each is called as ``function(builder, *inputs, **attributes)`` and gives one value, or all of them.
Each module holds the ``FUNCTIONS`` of one family.
"""

from __future__ import annotations

from collections.abc import Mapping

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
from .types import Function

FUNCTIONS: Mapping[str, Function] = {
    **arithmetic.FUNCTIONS,
    **creation.FUNCTIONS,
    **elementwise.FUNCTIONS,
    **expansion.FUNCTIONS,
    **indexing.FUNCTIONS,
    **joining.FUNCTIONS,
    **layers.FUNCTIONS,
    **loss.FUNCTIONS,
    **normalization.FUNCTIONS,
    **ordering.FUNCTIONS,
    **pooling.FUNCTIONS,
    **recurrent.FUNCTIONS,
    **reduction.FUNCTIONS,
    **sampling.FUNCTIONS,
    **shape.FUNCTIONS,
}
