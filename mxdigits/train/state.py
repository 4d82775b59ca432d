"""The state of a fit as plain arrays and values: all that an exact continuation needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from ..arrays import Arrays


@dataclass(frozen=True, eq=False)
class TrainingState:
    """A fit between two batches.

    ``epoch`` and ``batch`` say what is trained next, both counted from 0. ``arrays`` are weights,
    statistics and the state of the optimizer, by name; ``facts`` is everything else, in JSON
    values. Neither depends on the devices or their number.

    Example:
        >>> TrainingState(epoch=1, batch=0, arrays={}, facts={}).epoch
        1
    """

    epoch: int
    batch: int
    arrays: Arrays
    facts: Mapping[str, object]


class StateSink(Protocol):
    """Keeps the state of a fit, so that it can be continued later.

    Example:
        >>> class Newest:
        ...     state = None
        ...     def due(self, batch):
        ...         return batch % 100 == 0
        ...     def keep(self, state, *, last):
        ...         self.state = state
        >>> sink: StateSink = Newest()
    """

    def due(self, batch: int) -> bool:
        """Whether to keep the state after ``batch`` batches of an epoch."""

    def keep(self, state: TrainingState, *, last: bool) -> None:
        """Keep a state; ``last`` says that no other follows."""
