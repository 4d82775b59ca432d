"""The operators of :data:`mxdigits.graph.OPERATORS` as functions of JAX arrays.

Each is called as ``function(*inputs, **attributes)`` and gives an array, or a tuple of them where
it has several outputs. Those in :data:`TAKES_TRAINING` also take whether the network trains
(``training``), those in :data:`TAKES_PLATFORM` the kind of device that they run on (``platform``),
and those in :data:`DRAWS` a key for random numbers (``key``). Only ``BatchNorm`` gives a pair: its
outputs, and the statistics that it measured of the batch.

To add an operator, write its function into the file of its family and its line into the table
``FUNCTIONS`` there; its test cases go into ``tests/backends/operator_cases/``.
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

TAKES_PLATFORM = frozenset({"Convolution"})
TAKES_TRAINING = frozenset({"BatchNorm", "Dropout", "LeakyReLU", "RNN"})
DRAWS = frozenset(
    {"Dropout", "LeakyReLU", "RNN"} | {n for n in FUNCTIONS if n.startswith("_random_")}
)
