"""What tests of averaged weights look at: the weights and the states of a fit."""

from __future__ import annotations

from typing import Optional

from mxdigits.train.callbacks import Callback


class Follow(Callback):
    """The weights in training after each epoch; ``of`` is the Trainer."""

    def __init__(self) -> None:
        self.seen = []

    def on_epoch_end(self, record):
        self.seen.append(self.of.backend.snapshot())


class Keep:
    """The states of a fit by epoch and batch: after each epoch, and at a batch ``at``."""

    def __init__(self, at: Optional[int] = None):
        self.states, self._at = {}, at

    def due(self, batch):
        return batch == self._at

    def keep(self, state, *, last):
        self.states[state.epoch, state.batch] = state
