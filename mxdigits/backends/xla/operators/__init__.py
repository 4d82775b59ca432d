"""The operators of :data:`mxdigits.graph.OPERATORS` as functions of JAX arrays.

Each is called as ``function(*inputs, **attributes)`` and gives an array, or a tuple of them where
it has several outputs. Those in :data:`TAKES_TRAINING` also take whether the network trains
(``training``), those in :data:`TAKES_PLATFORM` the kind of device that they run on (``platform``),
and those in :data:`DRAWS` a key for random numbers (``key``). ``BatchNorm`` alone gives a pair: its
outputs, and the statistics that it measured of the batch.

To add an operator, write its function into the file of its family and its line into the table
``FUNCTIONS`` there; its test cases go into ``tests/backends/operator_cases/``.
"""

from __future__ import annotations

from collections.abc import Mapping

from .arithmetic import FUNCTIONS as _ARITHMETIC
from .creation import FUNCTIONS as _CREATION
from .elementwise import FUNCTIONS as _ELEMENTWISE
from .layers import FUNCTIONS as _LAYERS
from .loss import FUNCTIONS as _LOSS
from .normalization import FUNCTIONS as _NORMALIZATION
from .pooling import FUNCTIONS as _POOLING
from .recurrent import FUNCTIONS as _RECURRENT
from .reduction import FUNCTIONS as _REDUCTION
from .sampling import FUNCTIONS as _SAMPLING
from .shape import FUNCTIONS as _SHAPE
from .types import Function

FUNCTIONS: Mapping[str, Function] = {
    **_ARITHMETIC,
    **_CREATION,
    **_ELEMENTWISE,
    **_LAYERS,
    **_LOSS,
    **_NORMALIZATION,
    **_POOLING,
    **_RECURRENT,
    **_REDUCTION,
    **_SAMPLING,
    **_SHAPE,
}

TAKES_PLATFORM = frozenset({"Convolution"})
TAKES_TRAINING = frozenset({"BatchNorm", "Dropout", "LeakyReLU", "RNN"})
DRAWS = frozenset(
    {"Dropout", "LeakyReLU", "RNN"} | {n for n in FUNCTIONS if n.startswith("_random_")}
)
