"""Which weights the network holds: those in training, an average of them, or the best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Optional

from ..arrays import Arrays, Numbers
from ..backends.base import Backend, FitInProgress
from ..wording import Say
from .epoch_mean import EpochMean, mean_in

# In a state, before the places of the weights that a callback wants to end with.
_KEPT = "kept."


class ShownWeights:
    """The weights that a fit evaluates and ends with, besides those in training.

    A backend trains a copy; the network holds what was published last. After an epoch that is the
    moving average, where there is one; after a fit the weights that a callback kept, else the mean
    of those after the last epochs, else the moving average.

    Args:
        backend: which trains the network.
        ema: whether it follows a moving average.
        swa: of how many epochs, the last, the mean is followed; None for none.
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
        """Publish the moving average of the weights, where there is one."""
        if self._ema:
            self._backend.publish(self._backend.averaged())
            self.average = True

    def show_final(self, fit: FitInProgress, epochs: int) -> None:
        """Publish what a fit ends with, after so many epochs in all."""
        if self._kept:
            self._backend.publish(self._kept)
        elif self._mean is not None:
            self._show_mean(self._mean, fit, epochs)
        elif epochs:
            self.show_ema()

    def keep(self) -> None:
        """End with the weights that this epoch ends with: their average, where there is one."""
        self._kept = self._backend.averaged() if self._ema else self._backend.snapshot()

    def add_epoch(self, epoch: int, last: int) -> None:
        """Take an epoch of a fit that ends before epoch ``last`` into the mean of the last ones."""
        if self._mean is not None:
            self._mean.add(epoch, last, self._backend.snapshot())

    def state(self) -> Arrays:
        """What :meth:`restore` takes, for a checkpoint."""
        kept = {f"{_KEPT}{place}": array for place, array in self._kept.items()}
        return kept if self._mean is None else {**kept, **self._mean.state()}

    def check(self, arrays: Mapping[str, Numbers]) -> None:
        """Refuse what :meth:`restore` cannot take, before anything is restored.

        Raises:
            CheckpointError: if it is damaged, or of another network.
        """
        snapshots = [_kept_in(arrays)] + ([] if self._mean is None else [mean_in(arrays)])
        for each in filter(None, snapshots):
            self._backend.check_snapshot(each)

    def restore(self, arrays: Mapping[str, Numbers], *, at_epoch_end: bool) -> None:
        """Go back to what :meth:`state` gave, among other arrays; the backend already has.

        Args:
            arrays: of a state.
            at_epoch_end: whether that is the state after an epoch.
        """
        self._kept = _kept_in(arrays)
        if self._mean is not None:
            self._mean.restore(arrays)
        self.average = False
        if at_epoch_end:
            self.show_ema()

    def _show_mean(self, mean: EpochMean, fit: FitInProgress, epochs: int) -> None:
        """With statistics of its own: those of batch normalisations were measured with others."""
        if not mean.count:
            self._say("swa: the training ended before the epochs whose weights were to be averaged")
            return
        self._backend.publish({**mean.arrays, **fit.statistics(epochs, mean.arrays)})
        self.average = True
        self._say(f"swa: the weights are the mean of those after the last {mean.count} epochs")


def _kept_in(arrays: Mapping[str, Numbers]) -> Arrays:
    return {n[len(_KEPT) :]: array for n, array in arrays.items() if n.startswith(_KEPT)}
