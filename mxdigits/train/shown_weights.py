"""Decides which weights the network holds: those in training, an average of them, or the best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

from ..arrays import Arrays, Numbers
from ..backends.base import Backend, FitInProgress
from ..wording import Say
from .epoch_mean import EpochMean, mean_in

# In a state, the prefix of the weights that a callback wants to end with.
_KEPT = "kept."


class ShownWeights:
    """The weights that a fit evaluates and ends with, besides those in training.

    A backend trains a copy; the network holds the weights that were published last. After an epoch
    they are the moving average, if there is one. After a fit they are the weights that a callback
    kept; otherwise the mean after the last epochs; otherwise the moving average.

    Args:
        backend: the backend that trains the network.
        ema: whether it computes a moving average.
        swa: the number of last epochs whose weights are averaged; None for no such mean.
        say: told what became of that mean.

    Example:
        >>> shown = ShownWeights(backend, ema=False, swa=None, say=print)  # doctest: +SKIP
        >>> shown.keep()  # doctest: +SKIP
        >>> sorted(shown.state())  # doctest: +SKIP
        ['kept.0.bias', 'kept.0.weight']
    """

    def __init__(self, backend: Backend, *, ema: bool, swa: Optional[int], say: Say):
        self._backend = backend
        self._ema = ema
        self._mean = None if swa is None else EpochMean(swa)
        self._say = say
        self._kept: Arrays = {}
        self.average = False

    def show_trained(self) -> None:
        """Publish the weights in training."""
        self._backend.publish()
        self.average = False

    def show_ema(self) -> None:
        """Publish the moving average of the weights, if there is one."""
        if self._ema:
            self._backend.publish(self._backend.averaged())
            self.average = True

    def show_final(self, fit: FitInProgress, epochs: int) -> None:
        """Publish the weights that a fit ends with, after ``epochs`` epochs in all."""
        if self._kept:
            self._backend.publish(self._kept)
        elif self._mean is not None:
            self._show_mean(self._mean, fit, epochs)
        elif epochs:
            self.show_ema()

    def keep(self) -> None:
        """Let the fit end with the weights of this epoch, or with their average if there is one."""
        self._kept = self._backend.averaged() if self._ema else self._backend.snapshot()

    def add_epoch(self, epoch: int, last: int) -> None:
        """Add an epoch of a fit that ends before epoch ``last`` to the mean of the last epochs."""
        if self._mean is not None:
            self._mean.add(epoch, last, self._backend.snapshot())

    def state(self) -> Arrays:
        """The state for :meth:`restore`, as a checkpoint keeps it."""
        kept = {f"{_KEPT}{place}": array for place, array in self._kept.items()}
        return kept if self._mean is None else {**kept, **self._mean.state()}

    def check(self, arrays: Mapping[str, Numbers]) -> None:
        """Check that :meth:`restore` can take these arrays, before anything is restored.

        Raises:
            CheckpointError: if it is damaged, or of another network.
        """
        snapshots = [_kept_in(arrays)] + ([] if self._mean is None else [mean_in(arrays)])
        for each in filter(None, snapshots):
            self._backend.check_snapshot(each)

    def restore(self, arrays: Mapping[str, Numbers], *, at_epoch_end: bool) -> None:
        """Go back to what :meth:`state` gave; the backend must be restored already.

        Args:
            arrays: all arrays of a state; others than its own are ignored.
            at_epoch_end: whether it is the state after an epoch.
        """
        self._kept = _kept_in(arrays)
        if self._mean is not None:
            self._mean.restore(arrays)
        self.average = False
        if at_epoch_end:
            self.show_ema()

    def _show_mean(self, mean: EpochMean, fit: FitInProgress, epochs: int) -> None:
        """Publish the mean, with the statistics of batch normalisations measured anew for it."""
        if not mean.count:
            self._say("swa: the training ended before the epochs whose weights were to be averaged")
            return
        self._backend.publish({**mean.arrays, **fit.statistics(epochs, mean.arrays)})
        self.average = True
        self._say(f"swa: the weights are the mean of those after the last {mean.count} epochs")


def _kept_in(arrays: Mapping[str, Numbers]) -> Arrays:
    return {n[len(_KEPT) :]: array for n, array in arrays.items() if n.startswith(_KEPT)}
