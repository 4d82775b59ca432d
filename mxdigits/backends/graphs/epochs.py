"""The epochs of a fit, batch by batch, and the position in the current one."""

from __future__ import annotations

from typing import Callable

from ...arrays import Numbers
from ...errors import Diverged
from ..base import EpochPosition, Progress
from ..batches import orders
from ..settings import TrainingSettings
from ..team.agreement import Team, total
from .fit_weights import FitWeights
from .readings import Readings


class Epochs:
    """The part of a fit that all backends of graphs share; each adds how it trains.

    Args:
        settings: how the network learns.
        labels: the labels of this process's images, (N,).
        batch_size: images per step, of all workers together.
        team: the workers that share each batch.

    Example:
        >>> import numpy as np
        >>> from mxdigits.backends.team.agreement import Alone
        >>> Epochs(TrainingSettings("sgd"), np.arange(25) % 10, 10, Alone()).batches
        3
    """

    def __init__(self, settings: TrainingSettings, labels: Numbers, batch_size: int, team: Team):
        self._team = team
        self._own_alone = settings.shard and team.count > 1
        self._samples = total(team, len(labels)) if self._own_alone else len(labels)
        self._batch_size = batch_size
        self._order = orders(labels, settings.seed, settings.sampler)

    @property
    def batches(self) -> int:
        """Batches per epoch."""
        return -(-self._samples // self._batch_size)

    def position(self) -> EpochPosition:
        """The position in the current epoch; waits for the device."""
        return self._readings.position()

    @property
    def losses(self) -> list[float]:
        """The summed loss of each batch that was trained and read."""
        return self._readings.losses

    def _begin(
        self, epoch: int, position: EpochPosition, on_progress: Callable[[Progress], None]
    ) -> None:
        samples = self._samples_in(position.batch)
        self._readings = Readings(epoch, position, samples, on_progress)

    def _end(self, epoch: int, weights: FitWeights) -> Progress:
        """The progress at the end of the epoch.

        Raises:
            Diverged: if a loss or a weight is not finite.
        """
        progress = self._readings.finish()
        if not weights.all_finite():
            raise Diverged("a weight became infinite or nan", epoch, progress.batch - 1)
        return progress

    def _samples_in(self, batches: int) -> int:
        """The number of images in the first batches of an epoch."""
        return min(batches * self._batch_size, self._samples)

    def _size(self, batch: int) -> int:
        """The number of images in a batch, counted from 0."""
        return self._samples_in(batch + 1) - self._samples_in(batch)
