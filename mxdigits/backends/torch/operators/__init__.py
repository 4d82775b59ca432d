"""The operators of :data:`mxdigits.graph.OPERATORS` as functions of PyTorch tensors.

Each is called as ``function(*inputs, **attributes)`` and gives a tensor, or a tuple of them where
it has several outputs. Those in :data:`TAKES_TRAINING` also take whether the network trains
(``training``), those in :data:`DRAWS` a generator of random numbers (``draw``), those in
:data:`TAKES_OTHERS` the workers with the other images of the batch (``others``), and those in
:data:`TAKES_DEVICE` the device of their result (``device``). Only ``BatchNorm`` gives a pair: its
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

TAKES_TRAINING = frozenset({"BatchNorm", "Dropout", "LeakyReLU", "RNN"})
DRAWS = frozenset(
    {"Dropout", "LeakyReLU", "RNN"} | {n for n in FUNCTIONS if n.startswith("_random_")}
)
TAKES_OTHERS = frozenset({"BatchNorm"})
TAKES_DEVICE = frozenset({"_full", "_ones", "_zeros"})
