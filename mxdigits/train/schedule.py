"""The learning rates of a run, by epoch or batch: a shape, a base rate and a number of epochs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Union

from ..arguments import as_number
from .schedule_shapes import EPOCH, SCHEDULES, Shape

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Planned:
    """A schedule: a shape with a base rate and a number of epochs.

    Called with an epoch, counted from 0, it gives the learning rate at its beginning.

    Example:
        >>> planned = make_schedule("cosine", 1.0, epochs=2, by="batch")
        >>> planned(1), [round(float(rate), 3) for rate in planned.rates(1, batches=2)]
        (0.5, [0.5, 0.146])
    """

    shape: Shape
    base: float
    epochs: int

    def __call__(self, epoch: int) -> float:
        return self.shape.rate(self.base, epoch, self.epochs)

    def rates(self, epoch: int, batches: int) -> Union[float, NDArray[np.float64]]:
        """The learning rate of an epoch, or of each of its batches: (batches,)."""
        import numpy as np  # here, because shell completion of schedules does not need it

        if self.shape.by == EPOCH:
            return self(epoch)
        rate = self.shape.rate
        return np.array(
            [
                rate(self.base, epoch + batch / batches, self.epochs, 1 / batches)
                for batch in range(batches)
            ]
        )


# The learning rate of an epoch, counted from 0.
Schedule = Union[Planned, Callable[[int], float]]


def rates_of(schedule: Schedule, epoch: int, batches: int) -> Union[float, NDArray[np.float64]]:
    """The learning rate that a schedule gives an epoch, or each of its batches: (batches,).

    Raises:
        UsageError: if a function gives anything but a number of at least 0.

    Example:
        >>> rates_of(lambda epoch: 0.1 / (epoch + 1), 1, batches=600)
        0.05
    """
    if isinstance(schedule, Planned):
        return schedule.rates(epoch, batches)
    return as_number(f"schedule: the rate of epoch {epoch}", schedule(epoch))


def make_schedule(name: str, base: float, epochs: int, **options: Any) -> Planned:
    """The learning rates of a run.

    Args:
        name: the name of the shape.
        base: the rate that the recipe names.
        epochs: the number of epochs of the run.
        options: the options of the shape.

    Raises:
        ValueError: if an option's value makes no sense; the message begins with its name.
        KeyError: if there is no such schedule.

    Example:
        >>> rate = make_schedule("step", 0.1, epochs=4, step=2, factor=0.5)
        >>> [rate(epoch) for epoch in range(4)]
        [0.1, 0.1, 0.05, 0.05]
    """
    return Planned(SCHEDULES[name](**options), base, epochs)
