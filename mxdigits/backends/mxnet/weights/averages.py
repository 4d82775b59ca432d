"""The moving averages of weights and statistics, on the first device."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ....arrays import Arrays, Numbers
from ....errors import CheckpointError
from ...settings import decay_after
from ..runtime import import_mxnet
from ..types import MXArray

mx = import_mxnet()

_BATCHES = "/batches"  # no array's place has this name


class Averages:
    """Keeps moving averages of arrays that a fit changes.

    Args:
        arrays: the arrays by their places in the network.
        statistics: the places of the arrays that the graph itself updates.
        decay: as for :func:`~mxdigits.backends.settings.decay_after`.

    Example:
        >>> weights = {"weight": mx.nd.zeros(3)}
        >>> averages = Averages(weights, (), decay=0.9)
        >>> weights["weight"][:] = 1
        >>> averages.move()
        >>> round(float(averages.arrays()["weight"][0]), 3)
        0.9
    """

    def __init__(self, arrays: Mapping[str, MXArray], statistics: tuple[str, ...], decay: float):
        self._followed, self._decay = arrays, decay
        self._with_statistics = bool(statistics)
        self.begin()

    def begin(self) -> None:
        """Start from the current arrays."""
        self._batches = 0
        self._means = {place: array.copy() for place, array in self._followed.items()}

    def move(self) -> None:
        """Update the averages by the arrays after a batch."""
        if self._with_statistics:
            # MXNet's engine does not know that a backward pass writes statistics.
            mx.nd.waitall()
        keep = decay_after(self._decay, self._batches)
        self._batches += 1
        for place, mean in self._means.items():
            mean *= keep
            mean += self._followed[place] * (1 - keep)

    def arrays(self) -> dict[str, Numbers]:
        """A copy of the averages, by place."""
        return {place: mean.asnumpy() for place, mean in self._means.items()}

    def state(self) -> dict[str, Numbers]:
        """The state for :meth:`restore`."""
        return {**self.arrays(), _BATCHES: np.array(self._batches, np.int32)}

    def restore(self, kept: Arrays) -> None:
        """Return to a state that :meth:`state` gave; start anew if it is empty.

        Raises:
            CheckpointError: if the state is of another network.
        """
        if not kept:
            self.begin()
            return
        for place, mean in self._means.items():
            found = kept.get(place)
            if found is None or (found.shape, found.dtype) != (mean.shape, mean.dtype):
                raise CheckpointError("the moving average of the weights is of another network")
        if _BATCHES not in kept or kept[_BATCHES].shape != ():
            raise CheckpointError("the moving average of the weights is damaged")
        self._batches = int(kept[_BATCHES])
        for place, mean in self._means.items():
            mean[:] = kept[place]
