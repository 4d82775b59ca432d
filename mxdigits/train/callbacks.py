"""Callbacks: the events of a fit, and the actions that a callback may ask for.

A callback overrides the methods of the events that it needs. It gets small frozen events and never
the Trainer, so it can neither depend on its internals nor disturb its numbers. At an epoch's end it
returns the actions that it wants.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Optional, Union

from ..backends.base import Progress as Progress  # an event like those below
from ..foreign import type_name
from ..values import is_number
from .history import COLUMNS, EpochRecord, History


@dataclass(frozen=True)
class FitStart:
    """A fit is about to begin; epochs ``first_epoch`` to ``epochs - 1`` will be trained.

    ``validated`` says whether each epoch ends with an evaluation.

    Example:
        >>> FitStart(first_epoch=0, epochs=10, samples=60_000, batch_size=128).batches
        469
    """

    first_epoch: int
    epochs: int
    samples: int
    batch_size: int
    validated: bool = True

    @property
    def batches(self) -> int:
        """Batches an epoch; the last may be smaller."""
        return -(-self.samples // self.batch_size)


@dataclass(frozen=True)
class EpochStart:
    """An epoch is about to begin; ``epoch`` counts from 0.

    Example:
        >>> EpochStart(epoch=0, learning_rate=0.1)
        EpochStart(epoch=0, learning_rate=0.1)
    """

    epoch: int
    learning_rate: float


@dataclass(frozen=True)
class Stop:
    """End the fit after this epoch; ``reason`` is shown to the user.

    Example:
        >>> class Enough(Callback):
        ...     def on_epoch_end(self, record):
        ...         return Stop("accurate enough") if record.train_accuracy > 0.99 else None
    """

    reason: str


@dataclass(frozen=True)
class ScaleLearningRate:
    """Multiply the learning rate of all later epochs by ``factor``.

    Example:
        >>> class Halve(Callback):
        ...     def on_epoch_end(self, record):
        ...         return ScaleLearningRate(0.5)
    """

    factor: float


@dataclass(frozen=True)
class KeepWeights:
    """End the fit with the weights of this epoch, unless a later epoch asks for the same.

    Example:
        >>> class Fifth(Callback):
        ...     def on_epoch_end(self, record):
        ...         return KeepWeights() if record.epoch == 4 else None
    """


Action = Union[Stop, ScaleLearningRate, KeepWeights]


class Callback:
    """Does nothing at any event; derive from it and override the methods that you need.

    A callback that remembers something from epoch to epoch also overrides :meth:`state` and
    :meth:`restore`, so that a resumed run goes on as if it had never stopped.

    Example:
        >>> class Printer(Callback):
        ...     def on_epoch_end(self, record):
        ...         print(f"epoch {record.epoch}: {record.train_accuracy:.2f}")
        >>> Printer().on_epoch_end(EpochRecord(0, 0.1, 100, 1.0, 100.0, 0.5, train_accuracy=0.85))
        epoch 0: 0.85
    """

    @property
    def name(self) -> str:
        """Its name in messages."""
        return type_name(self)

    def on_fit_start(self, event: FitStart) -> None:
        """Before the first epoch."""

    def on_epoch_start(self, event: EpochStart) -> None:
        """Before the first batch of an epoch."""

    def on_progress(self, event: Progress) -> None:
        """A few times a second within an epoch, and after its last batch."""

    def on_epoch_end(self, record: EpochRecord) -> Union[Action, Sequence[Action], None]:
        """After an epoch and its evaluation; returns what to do now, nothing by default."""

    def on_fit_end(self, history: History) -> None:
        """After the last epoch; not called when the fit fails."""

    def state(self) -> Optional[Mapping[str, object]]:
        """What it remembers, in JSON values; None if it never remembers anything."""
        return None

    def restore(self, state: Mapping[str, object]) -> None:
        """Go back to what :meth:`state` once gave."""


def name_of(callback: Callback) -> str:
    """The name of a callback, even if its own ``name`` fails.

    Example:
        >>> class Stopper(Callback):
        ...     name = "stopper"
        >>> name_of(Stopper())
        'stopper'
    """
    try:
        return str.__str__(callback.name)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return type_name(callback)


class WithoutValidation(Callback):
    """A callback that is not shown the validation columns, because they are the test set's.

    Example:
        >>> class Printer(Callback):
        ...     def on_epoch_end(self, record):
        ...         print(record.validation_loss)
        >>> record = EpochRecord(0, 0.1, 100, 1.0, 100.0, 0.5, 0.85, validation_loss=0.6)
        >>> WithoutValidation(Printer()).on_epoch_end(record)
        None
    """

    def __init__(self, callback: Callback):
        self._callback = callback

    @property
    def name(self) -> str:
        return name_of(self._callback)

    def on_fit_start(self, event: FitStart) -> None:
        self._callback.on_fit_start(event)

    def on_epoch_start(self, event: EpochStart) -> None:
        self._callback.on_epoch_start(event)

    def on_progress(self, event: Progress) -> None:
        self._callback.on_progress(event)

    def on_epoch_end(self, record: EpochRecord) -> Union[Action, Sequence[Action], None]:
        validation = [name for name in COLUMNS if name.startswith("validation")]
        nothing: dict[str, Any] = dict.fromkeys(validation)
        blank = replace(record, **nothing)
        return self._callback.on_epoch_end(blank)

    def on_fit_end(self, history: History) -> None:
        self._callback.on_fit_end(history)

    def state(self) -> Optional[Mapping[str, object]]:
        return self._callback.state()

    def restore(self, state: Mapping[str, object]) -> None:
        self._callback.restore(state)


def actions_of(answer: Union[Action, Sequence[Action], None]) -> Sequence[Action]:
    """The actions that :meth:`Callback.on_epoch_end` returned, as a sequence.

    Raises:
        TypeError: if it returned anything else.
        ValueError: if the factor of a ScaleLearningRate is not a finite number above 0.

    Example:
        >>> actions_of(Stop("enough")), actions_of(None)
        ([Stop(reason='enough')], [])
    """
    actions: Sequence[Any] = answer if isinstance(answer, (list, tuple)) else [answer]
    if answer is None:
        actions = []
    for action in actions:
        if not isinstance(action, (Stop, ScaleLearningRate, KeepWeights)):
            raise TypeError(
                f"on_epoch_end must return None, Stop, ScaleLearningRate, KeepWeights or a list "
                f"of them, not {action!r}"
            )
        if isinstance(action, Stop) and not isinstance(action.reason, str):
            raise TypeError(f"the reason of a Stop must be a string, not {action.reason!r}")
        if isinstance(action, ScaleLearningRate) and not _scales(action.factor):
            raise ValueError(
                f"the factor of a ScaleLearningRate must be a finite number above 0, "
                f"not {action.factor!r}"
            )
    return actions


def _scales(factor: object) -> bool:
    return is_number(factor) and 0 < factor < math.inf
