"""What arrays and numbers look like at a prompt, in a notebook and in pandas."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from mxdigits.data.dataset import Dataset, Split
from mxdigits.errors import SetupError
from mxdigits.installing import install_command
from mxdigits.runs.folder import RunFolder
from mxdigits.train.frames import html_table
from mxdigits.train.history import COLUMNS, EpochRecord, History
from mxdigits.train.metrics import Scores

RECORDS = [
    EpochRecord(0, 1e-5, 100, 1.0, 100.0, 0.5, 0.85),
    EpochRecord(1, 0.1, 100, 0.5, 200.0, 0.25, 0.9, 0.125, 0.95),
]
SCORES = Scores(0.25, np.array([[9, 1, 0], [0, 10, 0], [0, 0, 0]]), {})
SPLIT = Split(np.zeros((1200, 3, 28, 20), np.uint8), np.arange(1200) % 12)


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (SPLIT, "Split(1,200 images of 3x28x20, of 12 classes)"),
        (SPLIT[:1], "Split(1 image of 3x28x20, of 1 class)"),
        (SPLIT[:0], "Split(0 images of 3x28x20, of 0 classes)"),
        (
            Dataset("mine", SPLIT, SPLIT[:7], tuple("abcdefghijkl"), validation=SPLIT[:1]),
            "Dataset('mine': train 1,200, validation 1, test 7 images of 3x28x20; 12 classes: a, "
            "b, c, d, e, f, g, h, i, j, ...)",
        ),
        (History(), "History(no epochs)"),
        (
            History(RECORDS[:1]),
            "History(1 epoch; the last: train_loss 0.5000, train_accuracy 0.8500)",
        ),
        (
            History(RECORDS),
            "History(2 epochs; the last: train_loss 0.2500, train_accuracy 0.9000, validation_loss "
            "0.1250, validation_accuracy 0.9500)",
        ),
        (
            SCORES,
            "Scores(accuracy 0.9500, 95 % interval 0.7639 to 0.9911, loss 0.2500, 19 of 20 images, "
            "3 classes)",
        ),
        (Scores(0.0, np.zeros((2, 2), np.int64), {}), "Scores(no images, 2 classes)"),
        (RunFolder(Path("runs/mlp/1")), "RunFolder('runs/mlp/1')"),
    ],
)
def test_a_prompt_shows_what_matters(shown, text):
    assert repr(shown) == text


def test_a_notebook_shows_tables():
    right = '<td style="text-align:right">'
    assert History(RECORDS)._repr_html_() == (
        "<table><tr><th>epoch</th><th>learning rate</th><th>train loss</th><th>train accuracy</th>"
        "<th>validation loss</th><th>validation accuracy</th></tr>"
        f"<tr>{right}0</td><td>1e-05</td>{right}0.5000</td>{right}0.8500</td><td></td><td></td></tr>"
        f"<tr>{right}1</td><td>0.1</td>{right}0.2500</td>{right}0.9000</td>{right}0.1250</td>"
        f"{right}0.9500</td></tr></table>"
    )
    assert SCORES._repr_html_() == (
        f"<p>{SCORES!r}</p><table><tr><th>class</th><th>images</th><th>accuracy</th></tr>"
        f"<tr>{right}0</td>{right}10</td>{right}0.9000</td></tr>"
        f"<tr>{right}1</td>{right}10</td>{right}1.0000</td></tr>"
        f"<tr>{right}2</td>{right}0</td>{right}nan</td></tr></table>"
    )


def test_a_table_shows_text_as_text():
    assert html_table(["<b>"], [["a & b"]]) == (
        "<table><tr><th>&lt;b&gt;</th></tr><tr><td>a &amp; b</td></tr></table>"
    )


def test_a_history_in_pandas():
    pytest.importorskip("pandas")
    frame = History(RECORDS).to_pandas()
    assert tuple(frame.columns) == COLUMNS
    assert frame["epoch"].tolist() == [0, 1]
    assert frame["validation_loss"].isna().tolist() == [True, False]
    assert frame.loc[1, "validation_accuracy"] == 0.95
    empty = History().to_pandas()
    assert len(empty) == 0
    assert empty.dtypes.to_dict() == frame.dtypes.to_dict()


def test_scores_in_pandas():
    pytest.importorskip("pandas")
    frame = SCORES.to_pandas(["a", "b", "c"])
    assert frame.loc["a"].tolist() == [9, 1, 0]
    assert (frame.index.name, frame.columns.name) == ("class", "taken for")
    frame.loc["a", "a"] = 0
    assert SCORES.confusion[0, 0] == 9
    assert SCORES.to_pandas().loc[0, 1] == 1


def test_names_must_fit_the_classes():
    with pytest.raises(ValueError, match=r"^2 names for 3 classes$"):
        SCORES.to_pandas(["a", "b"])


@pytest.mark.parametrize("shown", [History(RECORDS), SCORES])
def test_without_pandas_it_is_said_what_to_install(shown, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(SetupError) as caught:
        shown.to_pandas()
    assert str(caught.value) == f"pandas is not installed: {install_command('pandas')}"
