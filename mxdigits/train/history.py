"""All numbers of a run in one place: one record per epoch.

The display, the CSV file, the report and the tests read it; only the Trainer writes it.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Optional

from ..arguments import as_items, quoted
from ..errors import UsageError
from .frames import html_table, import_pandas

if TYPE_CHECKING:
    from pandas import DataFrame

    from ..backends.base import Progress
    from .metrics import Scores

# The most epochs of a run, and the most bytes of its CSV, whose rows have at most 250 bytes.
MOST_EPOCHS = 150_000
MOST_BYTES = 250 * (MOST_EPOCHS + 1)

_WHOLE = ("epoch", "samples")  # the columns of whole numbers


@dataclass(frozen=True)
class EpochRecord:
    """The numbers of one epoch.

    ``epoch`` counts from 0. ``seconds`` is the training time without evaluation, and
    ``samples_per_second`` is ``samples`` divided by it. Losses are means over samples, accuracies
    shares from 0 to 1; those of training are measured batch by batch, while the weights change.
    The validation columns are None without evaluation; the ``ema`` columns are for the moving
    average of the weights, and None without one.

    Example:
        >>> EpochRecord(0, 0.1, 100, 1.0, 100.0, train_loss=0.5, train_accuracy=0.85).train_loss
        0.5
    """

    epoch: int
    learning_rate: float
    samples: int
    seconds: float
    samples_per_second: float
    train_loss: float
    train_accuracy: float
    validation_loss: Optional[float] = None
    validation_accuracy: Optional[float] = None
    validation_ema_loss: Optional[float] = None
    validation_ema_accuracy: Optional[float] = None

    @classmethod
    def of(
        cls,
        done: Progress,
        learning_rate: float,
        scores: Optional[Scores],
        ema: Optional[Scores] = None,
    ) -> EpochRecord:
        """The record of an epoch that is done, and of its evaluation, if there was one.

        Args:
            done: the last progress of the epoch.
            learning_rate: the rate of its first batch.
            scores: the scores of the weights in training.
            ema: the scores of their moving average.
        """
        return cls(
            epoch=done.epoch,
            learning_rate=learning_rate,
            samples=done.samples,
            seconds=done.seconds,
            samples_per_second=done.samples_per_second,
            train_loss=done.loss,
            train_accuracy=done.accuracy,
            validation_loss=None if scores is None else scores.loss,
            validation_accuracy=None if scores is None else scores.accuracy,
            validation_ema_loss=None if ema is None else ema.loss,
            validation_ema_accuracy=None if ema is None else ema.accuracy,
        )


COLUMNS = tuple(field.name for field in fields(EpochRecord))

# Columns that files have only in runs with a moving average.
_OF_EMA = ("validation_ema_loss", "validation_ema_accuracy")


class History:
    """The records of a run, oldest first.

    Raises:
        UsageError: if they are not a list of :class:`EpochRecord`, or a column is unknown.

    Example:
        >>> record = EpochRecord(0, 0.1, 100, 1.0, 100.0, train_loss=0.5, train_accuracy=0.85)
        >>> history = History([record])
        >>> history.column("train_accuracy"), history[-1].epoch
        ([0.85], 0)
        >>> History.from_csv(history.to_csv())[0] == record
        True
    """

    def __init__(self, records: Iterable[EpochRecord] = ()) -> None:
        self._records = as_items("records", records, "records of epochs", _checked)

    def append(self, record: EpochRecord) -> None:
        self._records.append(_checked(record))

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[EpochRecord]:
        return iter(self._records)

    def __getitem__(self, index: int) -> EpochRecord:
        return self._records[index]

    def __repr__(self) -> str:
        """The number of epochs, and the losses and accuracies of the last one."""
        if not self._records:
            return "History(no epochs)"
        last = self._records[-1]
        numbers = ", ".join(f"{k} {getattr(last, k):.4f}" for k in _measured([last]))
        epochs = f"{len(self)} epoch{'s' * (len(self) > 1)}"
        return f"History({epochs}; the last: {numbers})"

    def to_pandas(self) -> DataFrame:
        """A table with a row per epoch and the fields of :class:`EpochRecord`; nan if not measured.

        Raises:
            SetupError: if pandas is not installed.

        Example:
            >>> record = EpochRecord(0, 0.1, 100, 1.0, 100.0, train_loss=0.5, train_accuracy=0.85)
            >>> History([record]).to_pandas()["train_accuracy"].tolist()  # doctest: +SKIP
            [0.85]
        """
        rows = [asdict(record) for record in self._records]
        frame: DataFrame = import_pandas().DataFrame(rows, columns=list(COLUMNS))
        return frame.astype({name: int if name in _WHOLE else float for name in COLUMNS})

    def _repr_html_(self) -> str:
        """A table, for notebooks."""
        shown = _measured(self._records)
        rows = [
            [each.epoch, f"{each.learning_rate:g}", *(_told(getattr(each, k)) for k in shown)]
            for each in self._records
        ]
        titles = ["epoch", "learning_rate", *shown]
        return html_table([title.replace("_", " ") for title in titles], rows)

    def column(self, name: str) -> list[Any]:
        """One number of every epoch, in order; ``name`` is a field of :class:`EpochRecord`."""
        if name not in COLUMNS:
            raise UsageError(f"column: must be one of {', '.join(COLUMNS)}, got {quoted(name)}")
        return [getattr(record, name) for record in self._records]

    @classmethod
    def from_csv(cls, text: str) -> History:
        """Read the text that :meth:`to_csv` wrote; unknown columns are ignored.

        Raises:
            ValueError: if it is any other text.
        """
        rows = csv.DictReader(io.StringIO(text))
        there = {*(rows.fieldnames or ()), *_OF_EMA}
        missing = [name for name in COLUMNS if name not in there]
        if missing:
            raise ValueError(f"there is no column {missing[0]}")
        history = cls()
        for row in rows:
            try:
                history.append(_record(row))
            except (TypeError, ValueError):  # a row cut short; a word for a number
                raise ValueError(f"line {rows.line_num} holds no numbers") from None
        return history

    def to_jsonl(self) -> str:
        """The records as JSON, one per line; see :func:`json_line`."""
        return "".join(map(json_line, self._records))

    def to_csv(self) -> str:
        """The records as CSV with a header; the cell of a number that was not measured is empty."""
        text = io.StringIO()
        told = any(record.validation_ema_loss is not None for record in self._records)
        columns = [name for name in COLUMNS if told or name not in _OF_EMA]
        writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(record) for record in self._records)
        return text.getvalue()


def _checked(record: object) -> EpochRecord:
    if not isinstance(record, EpochRecord):
        raise UsageError(f"records: each must be an EpochRecord, got {quoted(record)}")
    return record


def json_line(record: EpochRecord) -> str:
    """An epoch as a JSON object on one line; a number that was not measured is null.

    A number that is not finite is null too, because JSON has no such numbers.

    Example:
        >>> record = EpochRecord(0, 0.1, 100, 1.0, 100.0, train_loss=0.5, train_accuracy=0.85)
        >>> json_line(record)[:55]
        '{"epoch": 0, "learning_rate": 0.1, "samples": 100, "sec'
    """
    values = {
        name: value if value is None or math.isfinite(value) else None
        for name, value in asdict(record).items()
        if record.validation_ema_loss is not None or name not in _OF_EMA
    }
    return json.dumps(values) + "\n"


def _measured(records: list[EpochRecord]) -> list[str]:
    """The losses and accuracies that some of the epochs have."""
    return [
        name
        for name in COLUMNS
        if name.endswith(("loss", "accuracy"))
        and any(getattr(record, name) is not None for record in records)
    ]


def _told(value: object) -> object:
    return "" if value is None else value


def _record(row: Mapping[str, str]) -> EpochRecord:
    optional = ("validation_loss", "validation_accuracy", *_OF_EMA)
    values: dict[str, Any] = {}
    for name in COLUMNS:
        read = int if name in _WHOLE else float
        values[name] = None if name in optional and not row.get(name) else read(row[name])
    return EpochRecord(**values)
