"""What backends take and return to measure the time of a training step by operator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..arrays import Images, Labels
from .base import Backend, EpochPosition, FitInProgress, Progress, ignore_progress


@dataclass(frozen=True)
class OperatorTime:
    """An operator, how often a step calls it, and the total seconds of these calls.

    >>> OperatorTime("Convolution", calls=2, seconds=0.011).seconds
    0.011
    """

    name: str
    calls: float
    seconds: float


@dataclass(frozen=True)
class Measured:
    """The operators of a step, slowest first, and a sentence on how they were measured.

    >>> Measured([OperatorTime("Convolution", 2, 0.011)], "by a profiler").how
    'by a profiler'
    """

    operators: Sequence[OperatorTime]
    how: str


@dataclass(frozen=True, eq=False)
class Work:
    """A training to be measured; ``images`` and ``labels`` make full batches only.

    ``contexts`` are the devices, in the backend's own form.

    >>> images, labels = np.zeros((20, 1, 28, 28), np.uint8), np.zeros(20, np.int64)
    >>> Work(backend, [mx.cpu()], images, labels, batch_size=10).steps  # doctest: +SKIP
    2
    """

    backend: Backend
    contexts: Sequence[object]
    images: Images
    labels: Labels
    batch_size: int

    @property
    def steps(self) -> int:
        """Batches per epoch."""
        return len(self.images) // self.batch_size

    def begin(self) -> FitInProgress:
        """A fit after a first epoch, in which kernels are chosen and memory is allocated."""
        fit = self.backend.begin_fit(self.images, self.labels, self.batch_size)
        self.train(fit)
        return fit

    def train(self, fit: FitInProgress) -> Progress:
        """Train an epoch at a learning rate of 0: the time does not depend on the weights."""
        return fit.run(
            0, np.zeros(fit.batches), EpochPosition(), ignore_progress, lambda batch: False
        )


def by_time(operators: Iterable[OperatorTime]) -> list[OperatorTime]:
    """The operators sorted by time, slowest first; those of one name are added up.

    >>> relu = OperatorTime("relu", 1, 0.001)
    >>> longest, other = by_time([relu, OperatorTime("Pooling", 1, 0.004), relu])
    >>> longest.name, other
    ('Pooling', OperatorTime(name='relu', calls=2, seconds=0.002))
    """
    found: dict[str, OperatorTime] = {}
    for each in operators:
        so_far = found.get(each.name, OperatorTime(each.name, 0, 0.0))
        found[each.name] = OperatorTime(
            each.name, so_far.calls + each.calls, so_far.seconds + each.seconds
        )
    return sorted(found.values(), key=lambda each: -each.seconds)
