"""Reads the losses of an epoch without making the devices wait."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from itertools import takewhile
from typing import Callable, Optional

import numpy as np

from ...base import EpochPosition, Progress
from ...team.agreement import Alone, Team
from .device_worker import BatchResults, DeviceWorker

# Seconds between two readings: often enough for a display, seldom enough to cost nothing.
READ_EVERY = 0.1

_ALONE = Alone()


class Meter:
    """The losses and hits of an epoch, batch by batch.

    Args:
        epoch: counted from 0.
        workers: the workers of the devices.
        on_progress: called with the progress of each mark, after the devices have reached it.
        position: where in the epoch to begin.
        samples: the number of images in the batches that are done.
        team: the workers that share the batches; all of them mark the same batches.

    Example:
        >>> meter = Meter(0, [], print, EpochPosition(batch=2, loss_sum=10.0, correct=150), 200)
        >>> progress = meter.settle(2, 200)
        >>> progress.accuracy, progress.loss
        (0.75, 0.05)
    """

    def __init__(
        self,
        epoch: int,
        workers: Sequence[DeviceWorker],
        on_progress: Callable[[Progress], None],
        position: EpochPosition,
        samples: int,
        team: Team = _ALONE,
    ):
        self.stride = 1
        self._team = team
        self.losses: list[float] = []  # of each batch that was read
        self._progress = Progress(
            epoch, position.batch, samples, 0.0, position.loss_sum, position.correct
        )
        self._marked = self._told = position.batch
        self._workers = workers
        self._on_progress = on_progress
        self._held: Optional[tuple[int, int, list[BatchResults]]] = None
        self._began = time.perf_counter() - position.seconds
        self._last_read = self._now()

    def mark(self, batch: int, samples: int) -> None:
        """Read the results held at the last mark; then hold those since, up to ``batch``.

        ``samples`` is the number of images in all batches up to that one. Afterwards, ``stride`` is
        the number of batches until the next mark.
        """
        self._read()
        now = self._now()
        if now - self._last_read < READ_EVERY:
            self.stride *= 2
        elif now - self._last_read > 3 * READ_EVERY:
            self.stride = max(1, self.stride // 2)
        self._last_read = now
        if batch > self._marked:
            self._held = self._measure(batch, samples)

    def settle(self, batch: int, samples: int) -> Progress:
        """Wait for the devices, and read the remaining results without reporting them.

        Raises:
            Diverged: if the loss of a batch is not finite, as :meth:`mark` does.
        """
        self._read()
        if batch > self._marked:
            self._add(*self._measure(batch, samples))
        return self._progress

    def finish(self, batch: int, samples: int) -> Progress:
        """Wait for the devices, and report the last progress."""
        self.settle(batch, samples)
        if self._told < batch:
            self._on_progress(self._progress)
        return self._progress

    def seconds(self) -> float:
        """The time that the epoch has taken, including time in an earlier process."""
        return time.perf_counter() - self._began

    def _now(self) -> float:
        """The time; in a team, that of the last reading by worker 0's clock, the same in all."""
        return time.perf_counter() if self._team.count == 1 else self._progress.seconds

    def _read(self) -> None:
        if self._held is not None:
            held, self._held = self._held, None
            self._add(*held)
            self._told = self._progress.batch
            self._on_progress(self._progress)

    def _measure(self, batch: int, samples: int) -> tuple[int, int, list[BatchResults]]:
        begin, self._marked = self._marked, batch
        return batch, samples, [worker.measure(begin, batch) for worker in self._workers]

    def _add(self, batch: int, samples: int, results: list[BatchResults]) -> None:
        before = self._progress
        losses, hits = np.zeros((2, batch - before.batch))
        for each in results:
            each.add_to(losses, hits)
        told = self._team.gathered([self.seconds(), *losses, *hits])
        seconds = float(told[0, 0])  # by worker 0's clock
        losses, hits = told[:, 1:].sum(axis=0).reshape(2, -1)
        self.losses += takewhile(math.isfinite, losses.tolist())
        self._progress = before.after(batch, samples, seconds, losses.tolist(), int(hits.sum()))
