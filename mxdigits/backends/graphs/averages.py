"""The moving averages of weights and statistics, a part of the state of a fit.

They are arrays by the names of their weights in the graph, with the number of batches so far.
Without a decay there are none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

import numpy as np

from ...arrays import Arrays
from ...errors import CheckpointError
from .functions import Array, Functions

BATCHES = "/batches"  # no variable is called so


def begun(arrays: Arrays, decay: Optional[float]) -> Arrays:
    """The averages before the first batch, in NumPy: they equal the arrays.

    Example:
        >>> sorted(begun({"w": np.zeros(3)}, 0.99)), begun({"w": np.zeros(3)}, None)
        (['/batches', 'w'], {})
    """
    return {} if decay is None else {**arrays, BATCHES: np.array(0, np.int32)}


def after(
    f: Functions, averages: Mapping[str, Array], arrays: Mapping[str, Array], decay: Optional[float]
) -> dict[str, Array]:
    """The averages after one more batch; see :func:`~mxdigits.backends.settings.decay_after`.

    Example:
        >>> after(None, {}, {"w": np.zeros(3)}, None)
        {}
    """
    if decay is None:
        return {}
    batches = averages[BATCHES]
    known = f.float32(batches)
    keep = f.minimum((1 + known) / (10 + known), decay)
    moved = {name: averages[name] * keep + array * (1 - keep) for name, array in arrays.items()}
    return {**moved, BATCHES: batches + 1}


def check_same(kept: Arrays, fresh: Arrays) -> None:
    """Refuse the averages of another network.

    Args:
        kept: the averages in a state.
        fresh: averages as from :func:`begun`.

    Raises:
        CheckpointError: if an array is missing or of another form.

    Example:
        >>> check_same({}, {"w": np.zeros(3)})
        Traceback (most recent call last):
            ...
        mxdigits.errors.CheckpointError: the moving average of the weights is of another network
    """
    for name, array in fresh.items():
        found = kept.get(name)
        if found is None or (found.shape, found.dtype) != (array.shape, array.dtype):
            raise CheckpointError("the moving average of the weights is of another network")
