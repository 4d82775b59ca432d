"""The mean of the weights after the last epochs (Izmailov et al., 2018, SWA)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..arrays import Arrays, Numbers
from ..errors import CheckpointError

_PREFIX = "epochs_mean."
_EPOCHS = "/epochs"  # a key of the state; no array has this name


class EpochMean:
    """The running mean of weights and statistics after the last epochs of a fit.

    Args:
        epochs: how many epochs, the last of a fit, are averaged.

    Example:
        >>> mean = EpochMean(2)
        >>> for epoch, weight in enumerate([5.0, 1.0, 2.0]):
        ...     mean.add(epoch, 3, {"weight": np.full(1, weight, np.float32)})
        >>> mean.count, mean.arrays["weight"].tolist()
        (2, [1.5])
    """

    def __init__(self, epochs: int):
        self._epochs = epochs
        self._first = self.count = 0
        self.arrays: dict[str, Numbers] = {}

    def add(self, epoch: int, last: int, snapshot: Arrays) -> None:
        """Add the weights after an epoch of a fit that ends before epoch ``last``.

        Epochs that are not among the last are ignored. If an earlier fit was to end sooner, the
        mean that it began is dropped.
        """
        first = max(last - self._epochs, 0)
        if epoch < first:
            return
        if not self.count or self._first < first:
            self._first, self.count = epoch, 0
        self.count += 1
        share = np.float32(1 / self.count)
        for place, array in snapshot.items():
            before = self.arrays[place] if self.count > 1 else np.zeros_like(array)
            self.arrays[place] = before + (array - before) * share

    def state(self) -> dict[str, Numbers]:
        """The state for :meth:`restore`; empty before the first epoch that is averaged."""
        if not self.count:
            return {}
        kept = {f"{_PREFIX}{place}": array for place, array in self.arrays.items()}
        return {**kept, f"{_PREFIX}{_EPOCHS}": np.array([self._first, self.count], np.int32)}

    def restore(self, arrays: Mapping[str, Numbers]) -> None:
        """Go back to what :meth:`state` gave; other arrays are ignored.

        Raises:
            CheckpointError: if it is damaged.
        """
        self._first, self.count, self.arrays = _read(arrays)


def mean_in(arrays: Mapping[str, Numbers]) -> Arrays:
    """The mean in a state, by the names of its arrays; empty if it has none yet.

    Raises:
        CheckpointError: if it is damaged.

    Example:
        >>> mean = EpochMean(1)
        >>> mean.add(0, 1, {"weight": np.ones(2, np.float32)})
        >>> mean_in(mean.state())["weight"].tolist(), dict(mean_in({}))
        ([1.0, 1.0], {})
    """
    return _read(arrays)[2]


def _read(arrays: Mapping[str, Numbers]) -> tuple[int, int, dict[str, Numbers]]:
    """The first epoch of a mean, the number of its epochs, and its arrays."""
    found = {n[len(_PREFIX) :]: a for n, a in arrays.items() if n.startswith(_PREFIX)}
    epochs = found.pop(_EPOCHS, np.zeros(2, np.int32))
    if epochs.shape != (2,) or bool(found) != bool(epochs[1]):
        raise CheckpointError("the mean of the weights is damaged")
    first, count = (int(each) for each in epochs)
    return first, count, found
