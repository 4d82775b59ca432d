"""The book of a run's numbers."""

from __future__ import annotations

import dataclasses
import json
import math

import pytest

from mxdigits.errors import UsageError
from mxdigits.train.history import COLUMNS, EpochRecord, History, json_line

FIRST = EpochRecord(0, 0.1, 60000, 1.5, 40000.0, 0.30124, 0.95)
SECOND = EpochRecord(1, 0.05, 60000, 1.25, 48000.0, 1e-07, 1.0, 0.125, 0.9671)
HEADER = (
    "epoch,learning_rate,samples,seconds,samples_per_second,train_loss,train_accuracy,"
    "validation_loss,validation_accuracy\n"
)


@pytest.fixture
def history() -> History:
    found = History()
    found.append(FIRST)
    found.append(SECOND)
    return found


def test_an_empty_book():
    empty = History()
    assert len(empty) == 0
    assert list(empty) == []
    assert empty.column("epoch") == []
    assert empty.to_csv() == HEADER
    with pytest.raises(IndexError):
        empty[-1]


def test_records_are_kept_in_order(history):
    assert len(history) == 2
    assert list(history) == [FIRST, SECOND]
    assert history[0] is FIRST
    assert history[-1] is SECOND


def test_a_column(history):
    assert history.column("learning_rate") == [0.1, 0.05]
    assert history.column("validation_loss") == [None, 0.125]


def test_csv(history):
    """Numbers are written so that Python reads the same ones again; what was not taken is empty."""
    assert history.to_csv() == (
        HEADER + "0,0.1,60000,1.5,40000.0,0.30124,0.95,,\n"
        "1,0.05,60000,1.25,48000.0,1e-07,1.0,0.125,0.9671\n"
    )


def test_lines_of_json(history):
    """Null is what was not taken, or is no number that JSON knows."""
    first, second = history.to_jsonl().splitlines(keepends=True)
    assert first == (
        '{"epoch": 0, "learning_rate": 0.1, "samples": 60000, "seconds": 1.5, '
        '"samples_per_second": 40000.0, "train_loss": 0.30124, "train_accuracy": 0.95, '
        '"validation_loss": null, "validation_accuracy": null}\n'
    )
    assert EpochRecord(**json.loads(second)) == SECOND
    endless = dataclasses.replace(SECOND, train_loss=math.inf, validation_loss=math.nan)
    read = json.loads(json_line(endless))
    assert (read["train_loss"], read["validation_loss"]) == (None, None)
    averaged = dataclasses.replace(SECOND, validation_ema_loss=0.1, validation_ema_accuracy=0.97)
    assert EpochRecord(**json.loads(json_line(averaged))) == averaged


def test_csv_is_read_again(history):
    assert list(History.from_csv(history.to_csv())) == [FIRST, SECOND]
    assert list(History.from_csv(HEADER)) == []
    more = "note," + history.to_csv().replace("\n", "\nx,").removesuffix("x,")
    assert list(History.from_csv(more)) == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "there is no column epoch"),
        (HEADER.replace("seconds,", ""), "there is no column seconds"),
        (HEADER + "0,0.1,60000\n", "line 2 holds no numbers"),
        (HEADER + "0,0.1,60000,1.5,40000.0,fast,0.95,,\n", "line 2 holds no numbers"),
        (HEADER + "0.5,0.1,60000,1.5,40000.0,0.3,0.95,,\n", "line 2 holds no numbers"),
    ],
)
def test_what_is_not_that_csv_is_refused(text, what):
    with pytest.raises(ValueError, match=f"^{what}$"):
        History.from_csv(text)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: History(3), "records: must be a list of records of epochs, got 3"),
        (lambda: History([3]), "records: each must be an EpochRecord, got 3"),
        (lambda: History().append(3), "records: each must be an EpochRecord, got 3"),
        (
            lambda: History([FIRST]).column("loss"),
            f"column: must be one of {', '.join(COLUMNS)}, got 'loss'",
        ),
    ],
)
def test_a_book_says_what_is_wrong(wrong, said):
    with pytest.raises(UsageError) as caught:
        wrong()
    assert str(caught.value) == said


def test_the_columns_are_the_fields():
    of_ema = ["validation_ema_loss", "validation_ema_accuracy"]
    assert list(COLUMNS) == [*HEADER.strip().split(","), *of_ema]


def test_a_record_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        FIRST.epoch = 3  # type: ignore[misc]
