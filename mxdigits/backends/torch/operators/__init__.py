"""The operators of :data:`mxdigits.graph.OPERATORS` as functions of PyTorch tensors.

Each is called as ``function(*inputs, **attributes)`` and gives a tensor, or a tuple of them where
it has several outputs.  Those in :data:`TAKES_TRAINING` are told besides whether they train
(``training``), those in :data:`DRAWS` where random numbers come from (``draw``), those in
:data:`TAKES_OTHERS` who has the other images of the batch (``others``), and those in
:data:`TAKES_DEVICE` where their result shall be (``device``).  ``BatchNorm`` alone gives a pair:
its outputs, and what it measured of the batch.

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

TAKES_TRAINING = frozenset({"BatchNorm", "Dropout", "LeakyReLU", "RNN"})
DRAWS = frozenset(
    {"Dropout", "LeakyReLU", "RNN"} | {n for n in FUNCTIONS if n.startswith("_random_")}
)
TAKES_OTHERS = frozenset({"BatchNorm"})
TAKES_DEVICE = frozenset({"_full", "_ones", "_zeros"})
