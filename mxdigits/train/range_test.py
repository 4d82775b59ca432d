"""The learning-rate range test: the rate rises with every batch, and the loss shows good rates.

L. N. Smith: Cyclical learning rates for training neural networks, WACV 2017. There the rate rises
linearly; here it is multiplied by the same number each time, because a good rate may lie in any
power of ten.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Optional

import numpy as np

from ..arrays import Doubles
from ..backends.base import EpochPosition, ignore_progress
from ..data.dataset import Split
from ..errors import Diverged, UsageError
from .trainer import Trainer

# The share of all steps to each side of a step over which the loss is averaged.
_SHARE = 0.05
# A rate is proposed only if the loss falls by more than this share of its first value,
_LEAST_FALL = 0.05
# and by more than so many standard deviations of its noise: the least of many values is low anyway.
_BY_CHANCE = 5.0
# The curve is drawn until the loss has grown to so many times its least value.
_SHOWN = 4.0
# Fewer steps give no useful curve.
_LEAST_STEPS = 10


@dataclass(frozen=True)
class RateRange:
    """The lowest and the highest rate, and the number of steps between them; a step is a batch.

    Example:
        >>> [round(float(rate), 6) for rate in RateRange(0.001, 1, steps=10).rates[::3]]
        [0.001, 0.01, 0.1, 1.0]
    """

    low: float = 1e-6
    high: float = 10.0
    steps: int = 300

    def __post_init__(self) -> None:
        if not 0 < self.low < self.high < math.inf:
            raise UsageError(
                f"the rates must rise from a number above 0, got {self.low:g} to {self.high:g}"
            )
        if self.steps < _LEAST_STEPS:
            raise UsageError(f"a range test takes at least {_LEAST_STEPS} steps, got {self.steps}")

    @property
    def rates(self) -> Doubles:
        """The rate of each step, (steps,)."""
        rates: Doubles = np.geomspace(self.low, self.high, self.steps)
        return rates


@dataclass(frozen=True, eq=False)
class RateCurve:
    """The loss at each rate, as long as it was finite: both (steps,), the rates ascending.

    ``losses`` holds the mean loss of the images of each batch. The proposed rate is multiplied by
    ``scale``. ``diverged`` says that the loss was no longer finite at the rate after the last one.

    Example:
        >>> losses = np.array([2.3] * 20 + [1.5] * 20 + [0.5] * 20 + [9.0] * 20)
        >>> curve = RateCurve(np.geomspace(1e-4, 1, 80), losses)
        >>> curve.fell, f"{curve.steepest:.2g}", f"{curve.proposed:.2g}"
        (True, '0.011', '0.013')
    """

    rates: Doubles
    losses: Doubles
    scale: float = 1.0
    diverged: bool = False

    @cached_property
    def smooth(self) -> Doubles:
        """The losses, each averaged with those around it; nearer ones have more weight."""
        reach = _reach(len(self.losses))
        weights = np.bartlett(2 * reach + 3)[1:-1]
        sums, counted = (
            np.convolve(each, weights, "same") for each in (self.losses, np.ones(len(self.losses)))
        )
        mean: Doubles = sums / counted
        return mean

    @property
    def _lowest(self) -> int:
        return int(self.smooth.argmin())

    @property
    def least(self) -> float:
        """The rate at which the loss was the least; higher rates do harm."""
        return float(self.rates[self._lowest])

    @property
    def steepest(self) -> float:
        """The rate at which the loss fell the fastest, before its least value."""
        slopes = np.gradient(self.smooth, np.log(self.rates))
        return float(self.rates[int(slopes[: self._lowest + 1].argmin())])

    @property
    def fell(self) -> bool:
        """Whether the loss fell by more than it does by chance from batch to batch."""
        fall = self.smooth[0] - self.smooth.min()
        return bool(fall > max(_LEAST_FALL * self.smooth[0], _BY_CHANCE * self._noise))

    @property
    def _noise(self) -> float:
        """The standard deviation of a smooth loss, from the differences of successive batches."""
        # The median ignores the batches where the loss explodes: their differences are not noise.
        of_one = 1.48 * float(np.median(np.abs(np.diff(self.losses)))) / math.sqrt(2)
        return of_one / math.sqrt(_reach(len(self.losses)))

    @property
    def rises_after(self) -> bool:
        """Whether the range goes far enough: the loss grew again after its least value.

        It may have grown without bounds in a single batch.
        """
        return self.diverged or bool(self.smooth[-1] > (1 + _LEAST_FALL) * self.smooth.min())

    @property
    def proposed(self) -> Optional[float]:
        """The geometric mean of the steepest rate and the rate of the least loss.

        Rounded to two digits; None if the loss did not fall. docs/recipes.md says how good it is.
        """
        if not self.fell:
            return None
        return float(f"{self.scale * math.sqrt(self.steepest * self.least):.2g}")

    @property
    def shown(self) -> RateCurve:
        """The part of the curve that is worth drawing."""
        grown = np.flatnonzero(self.smooth[self._lowest :] > _SHOWN * self.smooth.min())
        end = self._lowest + int(grown[0]) if len(grown) else len(self.rates)
        return RateCurve(self.rates[:end], self.losses[:end])


def _reach(steps: int) -> int:
    """The number of steps to each side over which a loss is averaged."""
    return max(1, round(_SHARE * steps))


def range_test(trainer: Trainer, train: Split, batch_size: int, over: RateRange) -> RateCurve:
    """Train with rates that rise from batch to batch; the trainer cannot be used afterwards.

    Args:
        trainer: a Trainer whose network is untrained.
        train: the training images; as many as the steps need are chosen by chance.
        batch_size: images in each step.
        over: the rates.

    Raises:
        Diverged: if the loss was not finite in one of the first steps.

    Example:
        >>> from mxdigits import build_network
        >>> images, labels = np.full((20, 1, 28, 28), 255, np.uint8), np.arange(20) % 10
        >>> network = build_network("mlp", {}, classes=10, image_shape=(1, 28, 28))
        >>> trainer = Trainer(network, "sgd")
        >>> curve = range_test(trainer, Split(images, labels), 10, RateRange(1e-4, 1, steps=12))
        >>> len(curve.rates), bool(curve.losses[0] < 5)
        (12, True)
    """
    wanted = min(len(train), over.steps * batch_size)
    chosen = np.random.default_rng(0).permutation(len(train))[:wanted]
    split = train[np.sort(chosen)]
    fit = trainer.backend.begin_fit(split.images, split.labels, batch_size)
    sizes = np.minimum(batch_size, wanted - batch_size * np.arange(fit.batches))
    losses: list[float] = []
    diverged = False
    for epoch in range(-(-over.steps // fit.batches)):
        done = epoch * fit.batches
        rates = np.append(over.rates[done : done + fit.batches], [over.high] * fit.batches)
        try:
            fit.run(
                epoch, rates[: fit.batches], EpochPosition(), ignore_progress, lambda batch: False
            )
        except Diverged:
            losses += (fit.losses / sizes[: len(fit.losses)]).tolist()
            if len(losses) < _LEAST_STEPS:
                raise
            diverged = True
            break
        losses += (fit.losses / sizes).tolist()
    diverged = diverged and len(losses) < over.steps
    losses = losses[: over.steps]
    return RateCurve(over.rates[: len(losses)], np.array(losses), diverged=diverged)
