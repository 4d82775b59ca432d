"""The part of a fit's state that is not in arrays; it is checked when it is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Optional

from ..backends.base import EpochPosition
from ..errors import CheckpointError
from ..foreign import describe
from ..values import Unchecked
from .history import EpochRecord


@dataclass(frozen=True)
class FitFacts:
    """The facts of a :class:`TrainingState`; ``optimizer`` holds those of the backend.

    Example:
        >>> FitFacts(EpochPosition(), [], 1.0, None, {}, []).rate_scale
        1.0
    """

    position: EpochPosition
    history: Sequence[EpochRecord]
    rate_scale: float
    ended: Optional[str]
    optimizer: Mapping[str, object]
    callbacks: Sequence[tuple[str, Mapping[str, object]]]


def write_facts(facts: FitFacts) -> dict[str, object]:
    """The facts of a fit in JSON values.

    Example:
        >>> write_facts(FitFacts(EpochPosition(), [], 1.0, None, {}, []))["history"]
        []
    """
    position = facts.position
    return {
        "begun": {
            "batch": position.batch,
            "loss": position.loss_sum,
            "correct": position.correct,
            "seconds": position.seconds,
        },
        "history": [asdict(record) for record in facts.history],
        "rate_scale": facts.rate_scale,
        "ended": facts.ended,
        "optimizer": facts.optimizer,
        "callbacks": [[name, state] for name, state in facts.callbacks],
    }


def read_facts(facts: Unchecked) -> FitFacts:
    """The facts of a fit.

    Args:
        facts: any JSON value.

    Raises:
        CheckpointError: if they are not what a Trainer writes.

    Example:
        >>> facts = FitFacts(EpochPosition(batch=3), [], 1.0, None, {}, [])
        >>> read_facts(write_facts(facts)).position.batch
        3
    """
    try:
        begun, optimizer, ended = facts["begun"], facts["optimizer"], facts["ended"]
        if not isinstance(optimizer, dict):
            raise TypeError("optimizer is no mapping")
        if not isinstance(ended, (str, type(None))):
            raise TypeError("ended is no text")
        return FitFacts(
            position=EpochPosition(
                _whole(begun["batch"]),
                _number(begun["loss"]),
                _whole(begun["correct"]),
                _number(begun["seconds"]),
            ),
            history=[_record(each) for each in facts["history"]],
            rate_scale=_number(facts["rate_scale"]),
            ended=ended,
            optimizer=optimizer,
            callbacks=[(str(name), state) for name, state in facts["callbacks"]],
        )
    except (LookupError, TypeError, ValueError, ArithmeticError) as error:
        raise CheckpointError(f"the state of the fit is damaged: {describe(error)}") from error


def _record(row: Unchecked) -> EpochRecord:
    # The facts of earlier versions have no columns for a moving average.
    values = {
        field.name: row.get(field.name) if "_ema_" in field.name else row[field.name]
        for field in fields(EpochRecord)
    }
    for name, value in values.items():
        if name in ("epoch", "samples"):
            _whole(value)
        elif value is not None or not name.startswith("validation"):
            _number(value)
    return EpochRecord(**values)


def _whole(value: object) -> int:
    if type(value) is not int or not 0 <= value < 1 << 62:
        raise ValueError(f"{value!r} is no count")
    return value


def _number(value: object) -> float:
    if type(value) is int or type(value) is float:
        return float(value)
    raise TypeError(f"{value!r} is no number")
