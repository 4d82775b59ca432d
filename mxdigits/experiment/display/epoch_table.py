"""The table of a run's epochs on a terminal, with as many columns as fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Callable

from rich.text import Text

from ...train.callbacks import FitStart
from ...train.history import EpochRecord


@dataclass(frozen=True)
class Column:
    """One number of a finished epoch: its field in the history, its title and its format.

    Example:
        >>> column = Column("epoch", ("", "epoch"), 5, str)
        >>> column.cell(EpochRecord(3, 0.1, 100, 1.0, 100.0, 0.5, 0.85))
        '3'
    """

    field: str
    title: tuple[str, str]
    width: int
    write: Callable[[float], str]

    def cell(self, record: EpochRecord) -> str:
        """The number of an epoch as text; empty if it was not measured."""
        value = getattr(record, self.field)
        return "" if value is None else self.write(value)


def _loss(value: float) -> str:
    return short_number(value, 4, 10)


COLUMNS = (
    Column("epoch", ("", "epoch"), 5, str),
    Column("seconds", ("", "time"), 8, lambda s: f"{s:.2f} s" if s < 60 else clock_time(s)),
    Column("samples_per_second", ("", "samples/s"), 9, lambda rate: short_number(rate, 0, 9)),
    Column("train_loss", ("train", "loss"), 10, _loss),
    Column("train_accuracy", ("train", "accuracy"), 8, "{:.4f}".format),
    Column("validation_loss", ("validation", "loss"), 10, _loss),
    Column("validation_accuracy", ("validation", "accuracy"), 10, "{:.4f}".format),
    Column("validation_ema_accuracy", ("ema", "accuracy"), 8, "{:.4f}".format),
)
# A narrow terminal leaves these out, in this order.
_DISPENSABLE = (
    "samples_per_second",
    "seconds",
    "train_loss",
    "validation_loss",
    "train_accuracy",
)


def expected(event: FitStart) -> list[Column]:
    """The columns that will have numbers, as far as is known before the end of an epoch.

    Example:
        >>> start = FitStart(first_epoch=0, epochs=10, samples=60_000, batch_size=100)
        >>> [column.field for column in expected(start)][-1]
        'validation_accuracy'
    """
    left_out = "validation_ema" if event.validated else "validation"
    return [column for column in COLUMNS if not column.field.startswith(left_out)]


def measured(record: EpochRecord) -> list[Column]:
    """The columns for which a record has numbers.

    Example:
        >>> record = EpochRecord(0, 0.1, 100, 1.0, 100.0, 0.5, 0.85)
        >>> [column.field for column in measured(record)][-1]
        'train_accuracy'
    """
    return [column for column in COLUMNS if getattr(record, column.field) is not None]


def columns_for(columns: list[Column], width: int) -> list[Column]:
    """The columns that fit side by side in ``width`` characters.

    Example:
        >>> start = FitStart(first_epoch=0, epochs=10, samples=60_000, batch_size=100)
        >>> [column.field for column in columns_for(expected(start), 20)]
        ['epoch', 'validation_accuracy']
    """
    for field in _DISPENSABLE:
        if len(_side_by_side(columns, [""] * len(columns))) <= width:
            break
        columns = [column for column in columns if column.field != field]
    return columns


def titles(columns: Sequence[Column]) -> list[Text]:
    """The two lines above the numbers.

    Example:
        >>> [line.plain for line in titles([Column("train_loss", ("train", "loss"), 6, str)])]
        [' train', '  loss']
    """
    both = ([column.title[line] for column in columns] for line in (0, 1))
    return [Text(_side_by_side(columns, cells), "cyan") for cells in both]


def row_of(columns: Sequence[Column], record: EpochRecord) -> str:
    """The numbers of an epoch side by side.

    Example:
        >>> record = EpochRecord(0, 0.1, 100, 1.0, 100.0, 0.5, 0.85)
        >>> row_of(columns_for(measured(record), 30), record)
        '    0      0.5000    0.8500'
    """
    return _side_by_side(columns, [column.cell(record) for column in columns])


def _side_by_side(columns: Sequence[Column], cells: Sequence[str]) -> str:
    return "  ".join(cell.rjust(column.width) for column, cell in zip(columns, cells))


def short_number(value: float, decimals: int, width: int) -> str:
    """A number with thousands marked, or with an exponent where that would be too long.

    Example:
        >>> short_number(48622.4, 0, 9), short_number(48622.4, 0, 5)
        ('48,622', '4.86e+04')
    """
    text = f"{value:,.{decimals}f}"
    return text if len(text) <= width else f"{value:.2e}"


def clock_time(seconds: float) -> str:
    """Seconds as minutes:seconds, or hours:minutes:seconds.

    Example:
        >>> clock_time(200), clock_time(7500)
        ('3:20', '2:05:00')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
