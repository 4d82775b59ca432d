"""What may happen around an epoch.

A callback overrides the moments it cares for. It is told what happened by small frozen events and
never holds the Trainer, so it can neither depend on its insides nor disturb its numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

from .history import EpochRecord, History


@dataclass(frozen=True)
class FitStart:
    """A fit is about to begin; epochs ``first_epoch`` to ``epochs - 1`` will be trained."""

    first_epoch: int
    epochs: int
    samples: int
    batch_size: int

    @property
    def batches(self) -> int:
        """Batches an epoch; the last may be smaller."""
        return -(-self.samples // self.batch_size)


@dataclass(frozen=True)
class EpochStart:
    epoch: int
    learning_rate: float


@dataclass(frozen=True)
class Progress:
    """How far an epoch has come; every number counts from the start of the epoch.

    ``seconds`` was read after the device had finished these ``batch`` batches.
    """

    epoch: int
    batch: int
    samples: int
    seconds: float
    loss_sum: float
    correct: int

    @property
    def loss(self) -> float:
        """Mean loss of a sample."""
        return self.loss_sum / max(self.samples, 1)

    @property
    def accuracy(self) -> float:
        return self.correct / max(self.samples, 1)

    @property
    def samples_per_second(self) -> float:
        return self.samples / self.seconds if self.seconds > 0 else 0.0

    def since(self, earlier: Progress) -> Progress:
        """What came between an earlier progress of the same epoch and this one."""
        return Progress(
            self.epoch,
            self.batch - earlier.batch,
            self.samples - earlier.samples,
            self.seconds - earlier.seconds,
            self.loss_sum - earlier.loss_sum,
            self.correct - earlier.correct,
        )


class Callback:
    """Does nothing at any moment; derive from it and override what you need."""

    def on_fit_start(self, event: FitStart) -> None:
        """Before the first epoch."""

    def on_epoch_start(self, event: EpochStart) -> None:
        """Before the first batch of an epoch."""

    def on_progress(self, event: Progress) -> None:
        """A few times a second within an epoch, and after its last batch."""

    def on_epoch_end(self, record: EpochRecord) -> None:
        """After an epoch and its evaluation."""

    def on_fit_end(self, history: History) -> None:
        """After the last epoch; not called when the fit fails."""
