"""The operators of :data:`mxdigits.graph.OPERATORS`, each written as a line of Python.

Each is called as ``emitter(layers, *inputs, **attributes)`` and gives the code that makes its
output. Each module holds one family, as those of the backends do, and its ``EMITTERS``.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..code import Emitter
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

EMITTERS: Mapping[str, Emitter] = {
    **arithmetic.EMITTERS,
    **creation.EMITTERS,
    **elementwise.EMITTERS,
    **expansion.EMITTERS,
    **indexing.EMITTERS,
    **joining.EMITTERS,
    **layers.EMITTERS,
    **loss.EMITTERS,
    **normalization.EMITTERS,
    **pooling.EMITTERS,
    **recurrent.EMITTERS,
    **reduction.EMITTERS,
    **sampling.EMITTERS,
    **shape.EMITTERS,
}
