"""Bars, watched through a terminal of a few lines."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from watching import HEADER, RECORD, Screen, Watched, progress, train

from mxdigits.cli.terminal import print_accuracy
from mxdigits.train.callbacks import EpochStart, FitStart, Progress
from mxdigits.train.history import EpochRecord, History
from mxdigits.train.metrics import Scores


def test_bars_numbers_and_time_left():
    watched = Watched()
    with watched.display as display:
        display.on_fit_start(FitStart(0, 10, 60000, 100))
        assert watched.lines == [
            *HEADER,
            "",
            "epochs 0/10    " + 63 * "─",
            "batches 0/600  " + 63 * "─",
        ]
        display.on_epoch_start(EpochStart(0, 0.1))
        watched.now += 60  # warm-up, which must not frighten
        display.on_progress(progress(60))
        watched.now += 1
        display.on_progress(progress(300))
        assert watched.lines == [
            *HEADER,
            "",
            "epochs 0/10      " + "━━" + 43 * "─" + "  0:24 left",
            "batches 300/600  " + 22 * "━" + 23 * "─" + "  50,000 samples/s",
            "loss 0.2500   accuracy 0.9000   learning rate 0.1",
        ]
        assert watched.screen.cursor  # now already: a process may be killed without a word
    assert watched.lines == [""]
    assert watched.screen.cursor


def test_a_line_stays_for_every_epoch():
    watched = Watched()
    with watched.display as display:
        display.on_fit_start(FitStart(0, 2, 60000, 100))
        train(display, [300, 600], epoch=0)
        train(display, [600], epoch=1, record=replace(RECORD, seconds=3723.4))
        assert watched.lines == [
            *HEADER,
            "    0*   1.23 s     48,622      0.3012    0.9512      0.1502      0.9671",
            "    1   1:02:03     48,622      0.3012    0.9512      0.1502      0.9671",
            "",
            "epochs 2/2       " + 45 * "━" + "  0:00 left",
            "batches 600/600  " + 45 * "━" + "  50,000 samples/s",
            "loss 0.2500   accuracy 0.9000   learning rate 0.1",
        ]
        display.on_fit_end(History())
        assert watched.screen.cursor
    assert watched.lines == [
        *HEADER,
        "    0*   1.23 s     48,622      0.3012    0.9512      0.1502      0.9671",
        "    1   1:02:03     48,622      0.3012    0.9512      0.1502      0.9671",
    ]


def test_the_titles_of_an_interrupted_first_epoch_do_not_stay():
    watched = Watched()
    with watched.display as display:
        display.on_fit_start(FitStart(0, 2, 60000, 100))
        display.on_progress(progress(300))
        display.note("checkpoint written")
        assert watched.lines[:4] == ["checkpoint written", *HEADER, ""]
    assert watched.lines == ["checkpoint written"]


BARE = replace(RECORD, validation_loss=None, validation_accuracy=None)
BARE_LINES = [
    "                                 train     train",
    "epoch      time  samples/s        loss  accuracy",
    "    0    1.23 s     48,622      0.3012    0.9512",
]


def test_the_columns_of_a_run_without_validation():
    watched = Watched()
    with watched.display as display:
        display.on_fit_start(FitStart(0, 1, 60000, 100, validated=False))
        assert watched.lines[:3] == [*BARE_LINES[:2], ""]
        train(display, [600], record=BARE)
        display.on_fit_end(History([BARE, replace(BARE, epoch=1)]))
    assert watched.lines == BARE_LINES


def test_an_epoch_without_a_fit_has_its_columns():
    watched = Watched()
    train(watched.display, [], record=BARE)
    assert watched.lines == BARE_LINES


def epochs(*accuracies, first=0) -> list[str]:
    """What stays of a fit with these validation accuracies, from epoch ``first`` on."""
    records = [replace(RECORD, epoch=i, validation_accuracy=v) for i, v in enumerate(accuracies)]
    watched = Watched()
    with watched.display as display:
        display.on_fit_start(FitStart(first, len(records), 60000, 100))
        for record in records[first:]:
            train(display, [600], epoch=record.epoch, record=record)
        display.on_fit_end(History(records))
    return watched.lines[2:]


def test_the_best_epoch_is_marked_and_named():
    *rows, last = epochs(0.95, 0.94, 0.97, 0.97, 0.96)
    assert [row[:6] for row in rows] == ["    0*", "    1 ", "    2*", "    3 ", "    4 "]
    assert last == "best epoch: 2, validation accuracy 0.9700; * marks the best so far"


def test_a_resumed_fit_marks_nothing_and_names_the_best_of_all_epochs():
    *rows, last = epochs(0.95, 0.98, 0.94, 0.97, first=2)
    assert [row[:6] for row in rows] == ["    2 ", "    3 "]
    assert last == "best epoch: 1, validation accuracy 0.9800"


def test_of_a_single_epoch_nothing_is_said():
    assert epochs(0.95) == [
        "    0*   1.23 s     48,622      0.3012    0.9512      0.1502      0.9500"
    ]


def test_a_resumed_run_counts_only_what_remains():
    watched = Watched()
    with watched.display as display:
        display.on_fit_start(FitStart(8, 10, 60000, 100))
        display.on_epoch_start(EpochStart(8, 0.1))
        display.on_progress(progress(0, epoch=8))
        watched.now += 30
        display.on_progress(progress(600, epoch=8))
        assert watched.lines[3] == "epochs 9/10      " + 40 * "━" + 5 * "─" + "  0:30 left"


def test_redraws_are_few_and_the_last_of_an_epoch_is_drawn():
    watched = Watched()
    with watched.display as display:
        display.on_fit_start(FitStart(0, 1, 60000, 100))
        before = len(watched.output)
        for batch in range(600):
            display.on_progress(progress(batch))
        assert len(watched.output) == before
        display.on_progress(progress(600))
        assert "batches 600/600" in watched.output[before:]


def test_notes_go_above_the_bars():
    watched = Watched(width=40)
    with watched.display as display:
        display.on_fit_start(FitStart(0, 10, 60000, 100))
        display.note("checkpoint [bold]0[/bold] written to runs/mlp/20240101")
    assert watched.lines == ["checkpoint [bold]0[/bold] written to run", "s/mlp/20240101"]


@pytest.mark.parametrize("widths", [[40], [79], [20, 60, 33], [120, 10], [14, 80]])
@pytest.mark.parametrize("what", ["progress", "note", "epoch", "end"])
def test_a_terminal_that_is_resized_keeps_no_stray_bars(monkeypatch, widths, what):
    for name in ("XTERM_VERSION", "STY"):
        monkeypatch.delenv(name, raising=False)
    watched = Watched()
    screen = Screen(80)

    def show():
        screen.feed(watched.output)
        watched.raw.seek(0)
        watched.raw.truncate()

    with watched.display as display:
        display.on_fit_start(FitStart(0, 2, 60000, 100))
        display.on_epoch_start(EpochStart(0, 0.1))
        for i, width in enumerate(widths, 1):
            watched.now += 10
            display.on_progress(progress(100 * i))
            show()
            watched.display._console.width = screen.resize(width).width
            if what == "note":
                display.note("note")
            elif what == "epoch":
                display.on_epoch_end(RECORD)
            elif what == "progress":
                watched.now += 10
                display.on_progress(progress(100 * i + 50))
            show()
            drawn = [line for line in screen.lines if line.startswith(("epochs", "batches"))]
            assert len(drawn) == 2
    show()
    kept = [line for line in screen.lines if line and not line.startswith("note")]
    if what == "epoch":
        assert not [line for line in kept if re.search("epochs|batches|━|─|left|loss 0", line)]
    else:
        assert kept == []


def test_the_columns_follow_the_width_of_the_terminal(monkeypatch):
    monkeypatch.setenv("XTERM_VERSION", "XTerm(379)")  # the screen here cuts lines off, too
    monkeypatch.delenv("TMUX", raising=False)
    watched = Watched()
    with watched.display as display:
        display.on_fit_start(FitStart(0, 3, 60000, 100))
        display.on_epoch_end(RECORD)
        watched.display._console.width = 40
        display.on_epoch_end(replace(RECORD, epoch=1))
        display.on_epoch_end(replace(RECORD, epoch=2))
    assert watched.lines == [
        *HEADER,
        "    0*   1.23 s     48,622      0.3012    0.9512      0.1502      0.9671",
        "          train  validation  validation",
        "epoch  accuracy        loss    accuracy",
        "    1    0.9512      0.1502      0.9671",
        "    2    0.9512      0.1502      0.9671",
    ]


def test_a_terminal_that_cuts_lines_off_loses_none(monkeypatch):
    """Xterm: there is nothing more to take away than was drawn."""
    monkeypatch.setenv("XTERM_VERSION", "XTerm(379)")
    monkeypatch.delenv("TMUX", raising=False)
    watched = Watched()
    with watched.display as display:
        display.note("before")
        display.on_fit_start(FitStart(0, 2, 60000, 100))
        watched.display._console.width = 20
        display.on_progress(progress(100))
    assert watched.lines == ["before"]


def test_output_sent_elsewhere_stays_there(capsys):
    watched = Watched()
    with watched.display as display:
        display.on_fit_start(FitStart(0, 10, 60000, 100))
        print("for a pipe")
    assert capsys.readouterr().out == "for a pipe\n"
    assert "for a pipe" not in watched.output


@pytest.mark.parametrize("mistake", [KeyboardInterrupt, ValueError])
def test_an_exception_leaves_the_terminal_clean(mistake):
    watched = Watched()
    with pytest.raises(mistake), watched.display as display:  # noqa: PT012
        display.on_fit_start(FitStart(0, 10, 60000, 100))
        train(display, [300])
        raise mistake
    display.on_progress(progress(400))
    assert watched.screen.cursor
    assert len(watched.lines) == 3


def test_a_terminal_that_knows_only_ascii():
    watched = Watched(encoding="ascii")
    with watched.display as display:
        display.on_fit_start(FitStart(0, 10, 60000, 100))
        display.note("déjà vu")
        train(display, [300])
        assert watched.lines == [
            r"d\xe9j\xe0 vu",
            *HEADER,
            "    0*   1.23 s     48,622      0.3012    0.9512      0.1502      0.9671",
            "",
            "epochs 0/10      " + "##" + 43 * ".",
            "batches 300/600  " + 22 * "#" + 23 * "." + "  50,000 samples/s",
            "loss 0.2500   accuracy 0.9000   learning rate 0.1",
        ]


def test_forty_columns():
    watched = Watched(width=40)
    with watched.display as display:
        display.on_fit_start(FitStart(0, 10, 60000, 100))
        watched.now += 1
        train(display, [300])
        assert watched.lines == [
            "          train  validation  validation",
            "epoch  accuracy        loss    accuracy",
            "    0*   0.9512      0.1502      0.9671",
            "",
            "epochs 0/10      " + 5 * "─",
            "batches 300/600  " + "━━───" + "  50,000 samples/s",
            "loss 0.2500   accuracy 0.9000",
        ]


def test_fourteen_columns():
    watched = Watched(width=14)
    with watched.display as display:
        display.on_fit_start(FitStart(0, 10, 60000, 100))
        watched.now += 1
        train(display, [300])
        assert watched.lines == [
            "       validat",
            "epoch    accur",
            "    0*     0.9",
            "",
            "epochs 0/10",
            "batches 300/60",
            "loss 0.2500",
        ]


def test_what_is_not_a_number_or_is_huge_keeps_its_column():
    watched = Watched()
    record = replace(RECORD, seconds=0.0, samples_per_second=math.inf, train_loss=math.nan)
    train(watched.display, [], record=record)
    record = replace(
        RECORD, samples_per_second=1.5e12, train_loss=1.25e30, validation_loss=-math.inf
    )
    train(watched.display, [], epoch=1, record=record)
    assert watched.lines == [
        *HEADER,
        "    0*   0.00 s        inf         nan    0.9512      0.1502      0.9671",
        "    1    1.23 s   1.50e+12    1.25e+30    0.9512        -inf      0.9671",
    ]


any_count = st.integers(0, 10**12)
any_number = st.floats(0) | st.just(math.nan)


@given(
    width=st.integers(1, 200),
    fit=st.builds(FitStart, any_count, any_count, any_count, st.integers(1, 10**6)),
    event=st.builds(Progress, any_count, any_count, any_count, any_number, any_number, any_count),
    record=st.builds(
        EpochRecord,
        *(any_count, any_number, any_count, st.floats(0, 1e9)),
        *(any_number, any_number, st.floats(0, 1)),
        *(st.none() | any_number, st.none() | st.floats(0, 1)),
    ),
)
def test_no_numbers_and_no_width_make_a_line_wrap(width, fit, event, record):
    watched = Watched(width)
    with watched.display as display:
        display.on_fit_start(fit)
        display.on_epoch_start(EpochStart(0, 0.1))
        display.on_progress(event)
        watched.now += 1
        display.on_progress(replace(event, batch=event.batch + 1))
        display.on_epoch_end(record)
    lines = re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", watched.output).replace("\r", "\n").split("\n")
    assert max(map(len, lines)) <= width
    assert watched.screen.cursor


# ---------------------------------------------------------------------------------- the last number


@pytest.mark.parametrize(
    ("environment", "number"), [({}, "0.7500"), ({"FORCE_COLOR": "1"}, "\x1b[1m0.7500\x1b[0m")]
)
def test_the_final_accuracy_is_bold_on_a_terminal(monkeypatch, capsys, environment, number):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    print_accuracy(Scores(0.5, np.array([[2, 0], [1, 1]]), {}), of="test ")
    rest = "  (95 % interval 0.3006 to 0.9544; 3 of 4)\n"
    assert capsys.readouterr().out == f"test accuracy  {number}{rest}"
