"""Callbacks that watch one number of the history: stop, keep the best weights, lower the rate.

The number is a column of the history. ``validation_loss`` and ``validation_accuracy`` can be
watched only if the recipe holds images out with ``validation``. They are never numbers of the test
set: a set that decides when to stop cannot also measure the result.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Optional

from ..errors import UsageError
from ..values import Unchecked, as_written
from .callbacks import Action, Callback, KeepWeights, ScaleLearningRate, Stop
from .checks import check_number, check_whole
from .history import EpochRecord

# Each column that may be watched, and whether a higher number is better.
MONITORED = {
    "train_loss": False,
    "train_accuracy": True,
    "validation_loss": False,
    "validation_accuracy": True,
    "validation_ema_loss": False,
    "validation_ema_accuracy": True,
}


class _Monitor(Callback):
    """Counts the epochs since a number was best."""

    def __init__(self, monitor: str, min_delta: float):
        if not isinstance(monitor, str) or monitor not in MONITORED:
            raise ValueError(
                f"monitor: must be one of {', '.join(MONITORED)}, got {as_written(monitor)}"
            )
        check_number("min_delta", min_delta)
        self._monitor = monitor
        self._min_delta = min_delta
        self._best: Optional[float] = None
        self._epochs_since = 0

    def note_epoch(self, record: EpochRecord) -> bool:
        """Note an epoch's number; true if it is the best so far by more than ``min_delta``."""
        value = getattr(record, self._monitor)
        if value is None:
            raise UsageError(
                f"{type(self).__name__} watches {self._monitor}, and no images are held out for "
                "it: write validation: 0.1 in the recipe"
            )
        gain = math.inf if self._best is None else value - self._best
        if not MONITORED[self._monitor] and self._best is not None:
            gain = -gain
        if math.isfinite(value) and gain > self._min_delta:
            self._best, self._epochs_since = value, 0
            return True
        self._epochs_since += 1
        return False

    def state(self) -> Mapping[str, object]:
        """The best number so far, and the epochs since then."""
        return {"best": self._best, "epochs_since": self._epochs_since}

    def restore(self, state: Mapping[str, Unchecked]) -> None:
        best, epochs_since = state["best"], int(state["epochs_since"])
        self._best, self._epochs_since = None if best is None else float(best), epochs_since


class EarlyStopping(_Monitor):
    """Ends the fit when a number has not become better for some epochs.

    Args:
        monitor: a column of the history.
        patience: the epochs to wait for a better number.
        min_delta: what counts as better: a gain of more than this.
        restore_best: end with the weights of the best epoch instead of the last.

    Example:
        >>> stopping = EarlyStopping(monitor="train_loss", patience=1)
        >>> record = EpochRecord(0, 0.1, 100, 1.0, 100.0, train_loss=0.5, train_accuracy=0.85)
        >>> stopping.on_epoch_end(record), stopping.on_epoch_end(record)[0].reason
        ([KeepWeights()], 'no better train_loss than 0.5 for 1 epoch, stopped after epoch 0')
    """

    def __init__(
        self,
        *,
        monitor: str = "validation_loss",
        patience: int = 3,
        min_delta: float = 0.0,
        restore_best: bool = True,
    ):
        super().__init__(monitor, min_delta)
        check_whole("patience", patience, least=1)
        if not isinstance(restore_best, bool):
            raise ValueError(f"restore_best: must be true or false, got {as_written(restore_best)}")
        self._patience = patience
        self._restore_best = restore_best

    def on_epoch_end(self, record: EpochRecord) -> Sequence[Action]:
        """Keeps the weights of a better epoch, and stops after ``patience`` others."""
        if self.note_epoch(record):
            return [KeepWeights()] if self._restore_best else []
        if self._epochs_since < self._patience:
            return []
        epochs = "epoch" if self._patience == 1 else "epochs"
        best = "a finite one" if self._best is None else f"{self._best:.6g}"
        return [
            Stop(
                f"no better {self._monitor} than {best} for {self._patience} {epochs}, "
                f"stopped after epoch {record.epoch}"
            )
        ]


class BestWeights(_Monitor):
    """Ends the fit with the weights of the best epoch instead of the last.

    Args:
        monitor: a column of the history.
        min_delta: what counts as better: a gain of more than this.

    Example:
        >>> best = BestWeights(monitor="train_loss")
        >>> record = EpochRecord(0, 0.1, 100, 1.0, 100.0, train_loss=0.5, train_accuracy=0.85)
        >>> best.on_epoch_end(record), best.on_epoch_end(record)
        ([KeepWeights()], [])
    """

    def __init__(self, *, monitor: str = "validation_loss", min_delta: float = 0.0):
        super().__init__(monitor, min_delta)

    def on_epoch_end(self, record: EpochRecord) -> Sequence[Action]:
        """Keeps the weights of a better epoch."""
        return [KeepWeights()] if self.note_epoch(record) else []


class ReduceOnPlateau(_Monitor):
    """Lowers the learning rate when a number has not become better for some epochs.

    Args:
        monitor: a column of the history.
        factor: what the rate is multiplied by.
        patience: the epochs to wait for a better number, counted anew after each reduction.
        min_delta: what counts as better: a gain of more than this.
        min_lr: the lowest rate.

    Example:
        >>> plateau = ReduceOnPlateau(monitor="train_loss", patience=1)
        >>> record = EpochRecord(0, 0.1, 100, 1.0, 100.0, train_loss=0.5, train_accuracy=0.85)
        >>> plateau.on_epoch_end(record), plateau.on_epoch_end(record)
        ([], [ScaleLearningRate(factor=0.5)])
    """

    def __init__(
        self,
        *,
        monitor: str = "validation_loss",
        factor: float = 0.5,
        patience: int = 2,
        min_delta: float = 0.0,
        min_lr: float = 0.0,
    ):
        super().__init__(monitor, min_delta)
        check_number("factor", factor, below=1)
        if factor == 0:
            raise ValueError("factor: must be above 0: a rate of 0 never learns again")
        check_whole("patience", patience, least=1)
        check_number("min_lr", min_lr)
        self._factor = factor
        self._patience = patience
        self._min_lr = min_lr

    def on_epoch_end(self, record: EpochRecord) -> Sequence[Action]:
        """Scales the rate after ``patience`` epochs that were not better."""
        if self.note_epoch(record) or self._epochs_since < self._patience:
            return []
        self._epochs_since = 0
        if record.learning_rate * self._factor < self._min_lr:
            return []
        return [ScaleLearningRate(self._factor)]
