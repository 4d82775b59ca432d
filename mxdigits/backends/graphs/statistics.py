"""The mean of many batches' statistics, weighted by their numbers of images."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...arrays import Numbers


class StatisticsMean:
    """Adds up statistics in float64.

    Example:
        >>> mean = StatisticsMean()
        >>> mean.add(3, {"mean": np.ones(1, np.float32)})
        >>> mean.add(1, {"mean": np.full(1, 5, np.float32)})
        >>> mean.arrays()["mean"].tolist()
        [2.0]
    """

    def __init__(self) -> None:
        self._images = 0
        self._sums: dict[str, Numbers] = {}

    def add(self, images: int, statistics: Mapping[str, Numbers]) -> None:
        """Add the statistics of a batch with ``images`` images."""
        self._images += images
        for name, array in statistics.items():
            before = self._sums.get(name, 0.0)
            self._sums[name] = before + images * np.asarray(array, np.float64)

    def arrays(self) -> dict[str, Numbers]:
        """The means, float32."""
        return {name: (each / self._images).astype(np.float32) for name, each in self._sums.items()}
