"""Learning rates by epoch: constant, step, cosine and poly, each after an optional warm-up.

The shapes and the option names are those of ``mxnet.lr_scheduler``, counted in epochs instead of
updates, so that a schedule does not depend on the batch size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Callable

from .checks import check_number, check_whole

Schedule = Callable[[int], float]


@dataclass(frozen=True)
class Constant:
    """The base rate throughout, once the warm-up is over.

    Args:
        warmup_epochs: epochs over which the rate rises linearly to the base rate.
        warmup_begin_lr: the rate from which it rises.

    Example:
        >>> [Constant(warmup_epochs=1).rate(0.1, epoch, epochs=3) for epoch in range(3)]
        [0.05, 0.1, 0.1]
    """

    warmup_epochs: int = 0
    warmup_begin_lr: float = 0.0

    def __post_init__(self) -> None:
        check_whole("warmup_epochs", self.warmup_epochs, least=0)
        check_number("warmup_begin_lr", self.warmup_begin_lr)

    def rate(self, base: float, epoch: int, epochs: int) -> float:
        """The learning rate of an epoch, counted from 0, of ``epochs`` in all."""
        if epoch < self.warmup_epochs:
            share = (epoch + 1) / (self.warmup_epochs + 1)
            return self.warmup_begin_lr + (base - self.warmup_begin_lr) * share
        return self.after_warmup(base, epoch - self.warmup_epochs, epochs - self.warmup_epochs)

    def after_warmup(self, base: float, epoch: int, epochs: int) -> float:
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

    def after_warmup(self, base: float, epoch: int, epochs: int) -> float:
        return base * float(self.factor ** (epoch // self.step))


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

    def after_warmup(self, base: float, epoch: int, epochs: int) -> float:
        left = float((1 - epoch / max(epochs, 1)) ** self.pwr)
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

    def after_warmup(self, base: float, epoch: int, epochs: int) -> float:
        left = (1 + math.cos(math.pi * epoch / max(epochs, 1))) / 2
        return self.final_lr + (base - self.final_lr) * left


SCHEDULES: dict[str, type[Constant]] = {
    "constant": Constant,
    "cosine": Cosine,
    "poly": Poly,
    "step": Step,
}


def make_schedule(name: str, base: float, epochs: int, **options: Any) -> Schedule:
    """The learning rate as a function of the epoch, counted from 0.

    Raises:
        ValueError: if an option's value makes no sense; the message begins with its name.
        KeyError: if there is no such schedule.

    Example:
        >>> rate = make_schedule("step", 0.1, epochs=4, step=2, factor=0.5)
        >>> [rate(epoch) for epoch in range(4)]
        [0.1, 0.1, 0.05, 0.05]
    """
    shape = SCHEDULES[name](**options)
    return lambda epoch: shape.rate(base, epoch, epochs)
