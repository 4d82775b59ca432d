"""Emitters: each writes an operator of :data:`mxdigits.graph.OPERATORS` as a line of Python.

An emitter is called as ``emitter(layers, *inputs, **attributes)`` and returns the code that
computes the output. Each module holds one family, like the backends' modules, in ``EMITTERS``.
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
    ordering,
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
    **ordering.EMITTERS,
    **pooling.EMITTERS,
    **recurrent.EMITTERS,
    **reduction.EMITTERS,
    **sampling.EMITTERS,
    **shape.EMITTERS,
}
