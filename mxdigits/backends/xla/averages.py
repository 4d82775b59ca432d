"""The moving averages of weights and statistics, as a part of the state of a fit.

They are a dictionary like the other parts: arrays by the names that the graph has for them, and how
many batches they are of. It is empty where there are none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

import jax
import jax.numpy as jnp
import numpy as np

from ...arrays import Arrays as NumPyArrays
from ...arrays import Numbers
from ...errors import CheckpointError
from .operators.types import Array

Arrays = Mapping[str, Array]

_BATCHES = "/batches"  # no variable is called so


def begun(arrays: Arrays, decay: Optional[float]) -> dict[str, Array]:
    """The averages before the first batch: the arrays themselves; empty without a decay."""
    if decay is None:
        return {}
    copies = {name: jnp.array(array) for name, array in arrays.items()}
    return {**copies, _BATCHES: jnp.zeros((), jnp.int32)}


def after(averages: Arrays, arrays: Arrays, decay: Optional[float]) -> dict[str, Array]:
    """The averages after one more batch, as :func:`~mxdigits.backends.base.decay_after` says."""
    if decay is None:
        return {}
    batches = averages[_BATCHES]
    known = batches.astype(jnp.float32)
    keep = jnp.minimum(jnp.float32(decay), (1 + known) / (10 + known))
    moved = {name: averages[name] * keep + array * (1 - keep) for name, array in arrays.items()}
    return {**moved, _BATCHES: batches + 1}


def of_state(averages: Arrays, places: Mapping[str, str]) -> dict[str, Numbers]:
    """The averages by the places of what they are of, for a checkpoint."""
    arrays = jax.device_get(dict(averages))
    return {places.get(name, name): np.array(array) for name, array in arrays.items()}


def restored(
    kept: NumPyArrays, arrays: Arrays, places: Mapping[str, str], decay: Optional[float]
) -> dict[str, Array]:
    """The averages of a state; those of one without begin anew.

    Args:
        kept: what :func:`of_state` gave, or nothing.
        arrays: the weights and statistics of the state.
        places: of each of them in the network.
        decay: of this fit.

    Raises:
        CheckpointError: if they are of another network.
    """
    fresh = begun(arrays, decay)
    if not fresh or not kept:
        return fresh
    for name, array in fresh.items():
        found = kept.get(places.get(name, name))
        if found is None or (found.shape, found.dtype) != (array.shape, array.dtype):
            raise CheckpointError("the moving average of the weights is of another network")
    return {name: jnp.asarray(kept[places.get(name, name)]) for name in fresh}
