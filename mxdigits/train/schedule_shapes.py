"""Shapes of learning rates: constant, step, exponential, cosine and others.

The shapes and the option names are those of ``mxnet.lr_scheduler``, counted in epochs instead of
updates, so that a schedule does not depend on the batch size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..values import as_written
from .checks import check_number, check_whole

EPOCH, BATCH = "epoch", "batch"

_LONGEST = 1e9  # most epochs of one cosine: more than any run has


@dataclass(frozen=True)
class Shape:
    """How the rate changes with time, which is counted in epochs.

    Args:
        by: ``epoch`` for one rate throughout each epoch; ``batch`` for a rate that changes with
            every batch.

    Example:
        >>> Shape(by="step")
        Traceback (most recent call last):
            ...
        ValueError: by: must be epoch or batch, got 'step'
    """

    by: str = EPOCH

    def __post_init__(self) -> None:
        if self.by not in (EPOCH, BATCH):
            raise ValueError(f"by: must be {EPOCH} or {BATCH}, got {as_written(self.by)}")

    def rate(self, base: float, epoch: float, epochs: int, unit: float = 1.0) -> float:
        """The learning rate at a time.

        Args:
            base: the rate that the recipe names.
            epoch: how many epochs are done, 0.5 in the middle of the first.
            epochs: how many epochs there will be.
            unit: how long this rate is kept, in epochs.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Constant(Shape):
    """The base rate throughout, once the warm-up is over.

    Args:
        warmup_epochs: epochs over which the rate rises linearly to the base rate; any number where
            rates go by batch.
        warmup_begin_lr: the rate from which it rises.

    Example:
        >>> [Constant(warmup_epochs=1).rate(0.1, epoch, epochs=3) for epoch in range(3)]
        [0.05, 0.1, 0.1]
    """

    warmup_epochs: float = 0
    warmup_begin_lr: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.by == BATCH:
            check_number("warmup_epochs", self.warmup_epochs)
        else:
            _check_whole_warmup(self.warmup_epochs)
        check_number("warmup_begin_lr", self.warmup_begin_lr)

    def rate(self, base: float, epoch: float, epochs: int, unit: float = 1.0) -> float:
        if epoch < self.warmup_epochs:
            share = (epoch + unit) / (self.warmup_epochs + unit)
            return self.warmup_begin_lr + (base - self.warmup_begin_lr) * share
        return self.after_warmup(base, epoch - self.warmup_epochs, epochs - self.warmup_epochs)

    def after_warmup(self, base: float, epoch: float, epochs: float) -> float:
        return base


@dataclass(frozen=True)
class Step(Constant):
    """Multiply the rate by ``factor`` after every ``step`` epochs.

    Example:
        >>> [Step(step=2, factor=0.5).rate(0.1, epoch, epochs=4) for epoch in range(4)]
        [0.1, 0.1, 0.05, 0.05]
    """

    step: int = 1
    factor: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        check_whole("step", self.step, least=1)
        check_number("factor", self.factor)

    def after_warmup(self, base: float, epoch: float, epochs: float) -> float:
        return base * float(self.factor ** (epoch // self.step))


@dataclass(frozen=True)
class Exponential(Constant):
    """Multiply the rate by ``factor`` with each epoch; by batch, a little with each batch.

    Example:
        >>> [Exponential(factor=0.25).rate(0.8, epoch, epochs=3) for epoch in (0, 0.5, 1)]
        [0.8, 0.4, 0.2]
    """

    factor: float = 0.9

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number("factor", self.factor)

    def after_warmup(self, base: float, epoch: float, epochs: float) -> float:
        return base * float(self.factor**epoch)


@dataclass(frozen=True)
class Poly(Constant):
    """Fall to ``final_lr`` as the share of epochs left, to the power ``pwr``.

    Example:
        >>> [Poly(pwr=1).rate(1.0, epoch, epochs=4) for epoch in range(4)]
        [1.0, 0.75, 0.5, 0.25]
    """

    pwr: float = 2.0
    final_lr: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number("pwr", self.pwr)
        check_number("final_lr", self.final_lr)

    def after_warmup(self, base: float, epoch: float, epochs: float) -> float:
        left = float((1 - _share(epoch, epochs)) ** self.pwr)
        return self.final_lr + (base - self.final_lr) * left


@dataclass(frozen=True)
class Cosine(Constant):
    """Fall to ``final_lr`` along half a cosine wave (Loshchilov and Hutter, 2017, SGDR).

    Example:
        >>> [round(Cosine().rate(1.0, epoch, epochs=4), 3) for epoch in range(4)]
        [1.0, 0.854, 0.5, 0.146]
    """

    final_lr: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number("final_lr", self.final_lr)

    def after_warmup(self, base: float, epoch: float, epochs: float) -> float:
        left = (1 + math.cos(math.pi * _share(epoch, epochs))) / 2
        return self.final_lr + (base - self.final_lr) * left


@dataclass(frozen=True)
class CosineRestarts(Cosine):
    """Cosine over a few epochs, then from the base rate again (Loshchilov and Hutter, 2017, SGDR).

    Args:
        period: epochs of the first cosine.
        growth: how many times as long as the one before each other cosine is, at least 1. What
            comes of it is rounded to whole epochs, so that every cosine begins with an epoch.

    Example:
        >>> shape = CosineRestarts(period=2, growth=2)
        >>> [round(shape.rate(1.0, epoch, epochs=6), 3) for epoch in range(6)]
        [1.0, 0.5, 1.0, 0.854, 0.5, 0.146]
    """

    period: int = 10
    growth: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        check_whole("period", self.period, least=1)
        check_number("growth", self.growth, least=1)

    def after_warmup(self, base: float, epoch: float, epochs: float) -> float:
        length = float(self.period)
        while epoch >= round(length):
            epoch -= round(length)
            length = min(length * self.growth, _LONGEST)
        return super().after_warmup(base, epoch, round(length))


@dataclass(frozen=True)
class OneCycle(Shape):
    """Rise from a small rate to the base rate, then fall to almost none (Smith and Topin, 2018).

    Both along half a cosine wave.

    Args:
        rise: the share of all epochs after which the base rate is reached.
        begin: the first rate, as a share of the base rate.
        end: the last rate, as a share of the base rate.

    Example:
        >>> shape = OneCycle(rise=0.5)
        >>> [round(shape.rate(1.0, epoch, epochs=4), 3) for epoch in range(4)]
        [0.04, 0.52, 1.0, 0.5]
    """

    by: str = BATCH
    rise: float = 0.3
    begin: float = 0.04
    end: float = 0.0001

    def __post_init__(self) -> None:
        super().__post_init__()
        check_number("rise", self.rise, below=1)
        check_number("begin", self.begin)
        check_number("end", self.end)

    def rate(self, base: float, epoch: float, epochs: int, unit: float = 1.0) -> float:
        risen = self.rise * epochs
        if epoch < risen:
            return base * _between(self.begin, 1.0, epoch / risen)
        return base * _between(1.0, self.end, _share(epoch - risen, epochs - risen))


def _check_whole_warmup(value: object) -> None:
    try:
        check_whole("warmup_epochs", value, least=0)
    except ValueError as error:
        if isinstance(value, float) and value % 1:
            raise ValueError(f"{error}; by: batch takes any share of an epoch") from None
        raise


def _share(epoch: float, epochs: float) -> float:
    """The share of a time that is over; 0 for an empty time."""
    return epoch / epochs if epochs > 0 else 0.0


def _between(first: float, last: float, share: float) -> float:
    """The number at a share of the way from one number to another, along half a cosine wave."""
    return last + (first - last) * (1 + math.cos(math.pi * share)) / 2


SCHEDULES: dict[str, type[Shape]] = {
    "constant": Constant,
    "cosine": Cosine,
    "cosine_restarts": CosineRestarts,
    "exponential": Exponential,
    "one_cycle": OneCycle,
    "poly": Poly,
    "step": Step,
}
