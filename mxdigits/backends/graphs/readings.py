"""Reads the results of a block of batches some blocks later, so that the device never waits."""

from __future__ import annotations

import math
import time
from collections import deque
from itertools import takewhile
from typing import Callable, NamedTuple

from ..base import EpochPosition, Progress
from .functions import Array

# Seconds between two reports: often enough for a display.
_TELL_EVERY = 0.1
# Progress is also reported at every multiple of it, so that every log has the same lines.
_TELL_AT = 100


class Outcome(NamedTuple):
    """The summed loss of each batch in a block, and the number of correct answers.

    Each is an array (batches,), and its ``tolist`` waits for the device.

    Example:
        >>> import numpy as np
        >>> int(Outcome(np.array([1.5, 0.5]), np.array([7, 9])).correct.sum())
        16
    """

    loss: Array
    correct: Array


class Readings:
    """The losses and correct answers of an epoch, block by block.

    Args:
        epoch: counted from 0.
        position: where in the epoch to begin.
        samples: the number of images in the batches that are done.
        tell: called with the progress a few times a second.

    Example:
        >>> import numpy as np
        >>> told = []
        >>> readings = Readings(0, EpochPosition(), 0, told.append)
        >>> readings.add(2, 20, Outcome(np.array([1.5, 0.5]), np.array([7, 9])))
        >>> readings.finish().accuracy, told[-1].loss
        (0.8, 0.1)
    """

    def __init__(
        self,
        epoch: int,
        position: EpochPosition,
        samples: int,
        tell: Callable[[Progress], None],
    ):
        self._progress = Progress(
            epoch, position.batch, samples, 0.0, position.loss_sum, position.correct
        )
        self._tell = tell
        self._told, self._told_at = position.batch, time.perf_counter()
        self._began = self._told_at - position.seconds
        self._queued: deque[tuple[int, int, Outcome]] = deque()
        self.losses: list[float] = []  # of each batch that was read

    def add(self, batch: int, samples: int, outcome: Outcome) -> None:
        """Queue a block's outcome, with the epoch's numbers of batches and samples at its end."""
        self._queued.append((batch, samples, outcome))

    def read(self, left: int) -> None:
        """Wait until at most ``left`` blocks are queued, and report the device's progress.

        Raises:
            Diverged: if the loss of a batch is not finite.
        """
        while len(self._queued) > left:
            self._read(*self._queued.popleft())
            due = self._progress.batch % _TELL_AT == 0
            if due or time.perf_counter() - self._told_at >= _TELL_EVERY:
                self._say()

    def settle(self) -> Progress:
        """Wait for all that is queued, without reporting it."""
        while self._queued:
            self._read(*self._queued.popleft())
        return self._progress

    def finish(self) -> Progress:
        """Wait for all that is queued, and report the last progress."""
        self.settle()
        if self._told < self._progress.batch:
            self._say()
        return self._progress

    def position(self) -> EpochPosition:
        """The position in the epoch; waits for all that is queued."""
        done = self.settle()
        return EpochPosition(done.batch, done.loss_sum, done.correct, self._seconds())

    def _say(self) -> None:
        self._told, self._told_at = self._progress.batch, time.perf_counter()
        self._tell(self._progress)

    def _seconds(self) -> float:
        return time.perf_counter() - self._began

    def _read(self, batch: int, samples: int, outcome: Outcome) -> None:
        losses = outcome.loss.tolist()
        self.losses += takewhile(math.isfinite, losses)
        correct = sum(outcome.correct.tolist())
        self._progress = self._progress.after(batch, samples, self._seconds(), losses, correct)
