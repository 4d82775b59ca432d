"""The displays: plain lines compared whole, bars watched through a terminal of a few lines."""

from __future__ import annotations

import fcntl
import io
import math
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from mxdigits.cli.terminal import print_accuracy
from mxdigits.experiment.display.live import LiveSpeedometer
from mxdigits.experiment.display.plain import PlainSpeedometer, Speedometer
from mxdigits.experiment.display.speedometer import speedometer
from mxdigits.train.callbacks import EpochStart, FitStart, Progress
from mxdigits.train.history import EpochRecord, History
from mxdigits.train.metrics import Scores

RECORD = EpochRecord(0, 0.1, 60000, 1.234, 48622.37, 0.30124, 0.951234, 0.15021, 0.9671)


@pytest.fixture(autouse=True)
def _same_terminal_everywhere(monkeypatch):
    names = "COLUMNS LINES NO_COLOR FORCE_COLOR TTY_COMPATIBLE TTY_INTERACTIVE"
    for name in names.split():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def progress(batch, *, epoch=0, samples=None, seconds=None, loss=0.25, correct=None):
    samples = batch * 100 if samples is None else samples
    seconds = batch / 500 if seconds is None else seconds
    correct = samples * 9 // 10 if correct is None else correct
    return Progress(epoch, batch, samples, seconds, loss * samples, correct)


def train(display: Speedometer, batches, *, epoch=0, record=RECORD):
    display.on_epoch_start(EpochStart(epoch, 0.1))
    for batch in batches:
        display.on_progress(progress(batch, epoch=epoch))
    display.on_epoch_end(replace(record, epoch=epoch))


# ---------------------------------------------------------------------------------- plain lines


def plain(*epochs, **options) -> str:
    stream = io.StringIO()
    with PlainSpeedometer(stream, **options) as display:
        display.on_fit_start(FitStart(0, len(epochs), 60000, 100))
        for epoch, batches in enumerate(epochs):
            train(display, batches, epoch=epoch)
        display.on_fit_end(History())
    return stream.getvalue()


def test_plain_lines_are_those_of_the_tutorial():
    assert plain(range(50, 301, 50), [150, 250, 300]) == (
        "Epoch[0] Batch [0-100]\tSpeed: 50000.00 samples/sec\taccuracy=0.900000\n"
        "Epoch[0] Batch [100-200]\tSpeed: 50000.00 samples/sec\taccuracy=0.900000\n"
        "Epoch[0] Batch [200-300]\tSpeed: 50000.00 samples/sec\taccuracy=0.900000\n"
        "Epoch[0] Train-accuracy=0.951234\n"
        "Epoch[0] Time cost=1.234\n"
        "Epoch[0] Validation-accuracy=0.967100\n"
        "Epoch[1] Batch [0-150]\tSpeed: 50000.00 samples/sec\taccuracy=0.900000\n"
        "Epoch[1] Batch [150-250]\tSpeed: 50000.00 samples/sec\taccuracy=0.900000\n"
        "Epoch[1] Train-accuracy=0.951234\n"
        "Epoch[1] Time cost=1.234\n"
        "Epoch[1] Validation-accuracy=0.967100\n"
    )


def test_a_batch_line_counts_its_own_batches_only():
    stream = io.StringIO()
    display = PlainSpeedometer(stream)
    display.on_epoch_start(EpochStart(3, 0.1))
    display.on_progress(progress(100, epoch=3, seconds=2.0, correct=5000))
    display.on_progress(progress(137, epoch=3, seconds=2.5, correct=8000))
    display.on_progress(progress(220, epoch=3, seconds=3.0, correct=16400))
    assert stream.getvalue() == (
        "Epoch[3] Batch [0-100]\tSpeed: 5000.00 samples/sec\taccuracy=0.500000\n"
        "Epoch[3] Batch [100-220]\tSpeed: 12000.00 samples/sec\taccuracy=0.950000\n"
    )


@pytest.mark.parametrize(
    ("batches", "line"),
    [
        ([3, 7], "Epoch[0] Batch [0-7]\tSpeed: 50000.00 samples/sec\taccuracy=0.900000\n"),
        ([99], "Epoch[0] Batch [0-99]\tSpeed: 50000.00 samples/sec\taccuracy=0.900000\n"),
        ([0], ""),
        ([], ""),
    ],
)
def test_a_short_epoch_has_one_batch_line_and_an_empty_one_none(batches, line):
    assert plain(batches) == (
        line + "Epoch[0] Train-accuracy=0.951234\n"
        "Epoch[0] Time cost=1.234\n"
        "Epoch[0] Validation-accuracy=0.967100\n"
    )


def test_plain_without_validation_and_with_other_steps():
    stream = io.StringIO()
    bare = replace(RECORD, validation_loss=None, validation_accuracy=None)
    train(PlainSpeedometer(stream, every=2), [1, 2, 3], record=bare)
    assert stream.getvalue() == (
        "Epoch[0] Batch [0-2]\tSpeed: 50000.00 samples/sec\taccuracy=0.900000\n"
        "Epoch[0] Train-accuracy=0.951234\n"
        "Epoch[0] Time cost=1.234\n"
    )


def test_plain_prints_what_is_not_a_number():
    stream = io.StringIO()
    record = replace(RECORD, train_accuracy=math.nan, seconds=1e9, validation_accuracy=math.inf)
    display = PlainSpeedometer(stream)
    display.on_progress(progress(1, samples=10**30, seconds=0.0, loss=math.nan))
    display.on_epoch_end(record)
    assert stream.getvalue() == (
        "Epoch[0] Batch [0-1]\tSpeed: 0.00 samples/sec\taccuracy=0.900000\n"
        "Epoch[0] Train-accuracy=nan\n"
        "Epoch[0] Time cost=1000000000.000\n"
        "Epoch[0] Validation-accuracy=inf\n"
    )


def test_every_plain_line_is_flushed():
    class Stream(io.StringIO):
        flushed: list[str]

        def flush(self):
            self.flushed = [*getattr(self, "flushed", []), self.getvalue()]

    stream = Stream()
    display = PlainSpeedometer(stream)
    display.note("one")
    display.note("two")
    assert stream.flushed == ["one\n", "one\ntwo\n"]


@given(st.text(st.characters(max_codepoint=0x3000)))
def test_no_note_brings_a_control_code_into_the_log(text):
    stream = io.StringIO()
    PlainSpeedometer(stream).note(text)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", stream.getvalue())


def test_a_note_says_what_a_terminal_would_obey():
    stream = io.StringIO()
    PlainSpeedometer(stream).note("\x1b[1;31mred\x1b[0m, [bold]as written[/bold]\tand \x1b[2Kso on")
    assert stream.getvalue() == (
        "\\x1b[1;31mred\\x1b[0m, [bold]as written[/bold]\tand \\x1b[2Kso on\n"
    )


def test_a_note_that_the_stream_cannot_encode_is_escaped():
    stream = io.TextIOWrapper(io.BytesIO(), "ascii")
    PlainSpeedometer(stream).note("déjà vu ━")
    stream.seek(0)
    assert stream.read() == "d\\xe9j\\xe0 vu \\u2501\n"


# ---------------------------------------------------------------------------------- which display


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "plain", "kind"),
    [
        (Terminal, {}, False, LiveSpeedometer),
        (Terminal, {}, True, PlainSpeedometer),
        (Terminal, {"TERM": "dumb"}, False, PlainSpeedometer),
        (Terminal, {"NO_COLOR": "1"}, False, LiveSpeedometer),
        (io.StringIO, {}, False, PlainSpeedometer),
        (io.StringIO, {"FORCE_COLOR": "1"}, False, PlainSpeedometer),
    ],
)
def test_bars_are_for_terminals_only(monkeypatch, stream, environment, plain, kind):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert type(speedometer(Console(file=stream()), plain=plain)) is kind


def test_without_a_console_it_is_standard_output(capsys):
    with speedometer() as display:
        display.note("here")
    assert capsys.readouterr().out == "here\n"


# ---------------------------------------------------------------------------------- bars


class Screen:
    """A terminal that knows what rich's live display uses, and refuses the rest."""

    def __init__(self, width: int):
        self.width, self.rows, self.row, self.column = width, [""], 0, 0
        self.folded: set[int] = set()  # rows that go on with the one above
        self.cursor = True
        self.colours = 0

    def feed(self, output: str) -> Screen:
        for code, character in re.findall(r"\x1b\[([?\d;]*[A-Za-z])|(.|\n)", output):
            if code:
                self._control(code)
            else:
                self._put(character)
        return self

    def _control(self, code: str) -> None:
        if code == "1A":
            self.row = max(self.row - 1, 0)
        elif code == "2K":
            self.rows[self.row] = ""
            self.folded.discard(self.row + 1)  # an empty line goes on nowhere
        elif code in ("?25l", "?25h"):
            self.cursor = code == "?25h"
        elif code.endswith("m"):
            self.colours += 1
        else:
            raise AssertionError(f"unexpected control sequence {code!r}")

    def _put(self, character: str) -> None:
        assert character != "\x1b"
        if character == "\r":
            self.column = 0
        elif character == "\n" or self.column == self.width:
            self.row, self.column = self.row + 1, 0
            self.rows += [""] * (self.row + 1 - len(self.rows))
            if character != "\n":
                self.folded.add(self.row)
        if character not in "\r\n":
            line = self.rows[self.row].ljust(self.column)
            self.rows[self.row] = line[: self.column] + character + line[self.column + 1 :]
            self.column += 1

    def resize(self, width: int) -> Screen:
        """Break every line anew, and keep the cursor where it is in its line."""
        lines: list[str] = []
        for i, row in enumerate(self.rows):
            if i in self.folded:
                lines[-1] += row
            else:
                lines.append(row)
            if i == self.row:
                line = len(lines) - 1
                offset = len(lines[-1]) - len(row) + self.column
        self.width, self.rows, self.folded = width, [], set()
        for i, text in enumerate(lines):
            first = len(self.rows)
            self.rows += [text[at : at + width] for at in range(0, max(len(text), 1), width)]
            self.folded |= set(range(first + 1, len(self.rows)))
            if i == line:
                at = min(offset // width, len(self.rows) - 1 - first)
                self.row, self.column = first + at, offset - at * width
        return self

    @property
    def lines(self) -> list[str]:
        """What is seen, without blanks at the ends."""
        return "\n".join(line.rstrip() for line in self.rows).rstrip("\n").split("\n")


class Watched:
    """A live display on a screen, under a clock that moves by hand."""

    def __init__(self, width: int = 80, encoding: str = "utf-8"):
        self.width, self.now, self.raw = width, 100.0, io.BytesIO()
        stream = io.TextIOWrapper(self.raw, encoding, newline="\r\n")
        console = Console(file=stream, width=width, force_terminal=True, color_system="standard")
        self.display = LiveSpeedometer(console, clock=lambda: self.now)
        self.encoding = encoding

    @property
    def output(self) -> str:
        return self.raw.getvalue().decode(self.encoding)

    @property
    def screen(self) -> Screen:
        return Screen(self.width).feed(self.output)

    @property
    def lines(self) -> list[str]:
        return self.screen.lines


HEADER = [
    "                                 train     train  validation  validation",
    "epoch      time  samples/s        loss  accuracy        loss    accuracy",
]


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


# ---------------------------------------------------------------------------------- a real terminal

# With an argument it interrupts itself after the first epoch.
CHILD = """
import signal, sys
from mxdigits.train.callbacks import EpochStart, FitStart, Progress
from mxdigits.train.history import EpochRecord, History
from mxdigits.experiment.display.speedometer import speedometer

def epoch(display, number):
    display.on_epoch_start(EpochStart(number, 0.1))
    for batch in (300, 600):
        display.on_progress(Progress(number, batch, batch * 100, batch / 500, 1.0, batch * 90))
    display.on_epoch_end(EpochRecord(number, 0.1, 60000, 1.2, 50000.0, 0.3, 0.95, 0.15, 0.9671))

try:
    with speedometer() as display:
        display.on_fit_start(FitStart(0, 3, 60000, 100))
        for number in range(3):
            epoch(display, number)
            if number == 0:
                print("a plugin speaks")
            if len(sys.argv) > 1:
                signal.raise_signal(signal.SIGINT)
        display.on_fit_end(History())
except KeyboardInterrupt:
    print("interrupted")
"""

WIDE = [
    *HEADER,
    "    0*   1.20 s     50,000      0.3000    0.9500      0.1500      0.9671",
    "a plugin speaks",
    "    1    1.20 s     50,000      0.3000    0.9500      0.1500      0.9671",
    "    2    1.20 s     50,000      0.3000    0.9500      0.1500      0.9671",
]
NARROW = [
    "          train  validation  validation",
    "epoch  accuracy        loss    accuracy",
    "    0*   0.9500      0.1500      0.9671",
    "a plugin speaks",
    "    1    0.9500      0.1500      0.9671",
    "    2    0.9500      0.1500      0.9671",
]


def in_terminal(width, *arguments, **environment) -> str:
    """What a child wrote on a terminal of this width."""
    terminal, line = pty.openpty()
    fcntl.ioctl(line, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, *arguments],
        stdin=line, stdout=line, stderr=line,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
    )  # fmt: skip
    os.close(line)
    output = b""
    with child:
        while chunk := _read(terminal):
            output += chunk
    os.close(terminal)
    assert child.returncode == 0, output
    return output.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that the other side is closed
        return b""


@pytest.mark.parametrize(("width", "lines"), [(80, WIDE), (40, NARROW)])
def test_a_terminal_keeps_the_epochs_and_its_cursor(width, lines):
    screen = Screen(width).feed(in_terminal(width))
    assert screen.lines == lines
    assert screen.cursor
    assert screen.colours


@pytest.mark.parametrize(("width", "lines"), [(80, WIDE), (40, NARROW)])
def test_an_interrupt_leaves_the_terminal_clean(width, lines):
    output = in_terminal(width, "interrupt")
    screen = Screen(width).feed(output)
    assert "batches 600/600" in output
    assert screen.lines == [*lines[:4], "interrupted"]
    assert screen.cursor


def test_no_color_leaves_only_cursor_movements():
    screen = Screen(80).feed(in_terminal(80, NO_COLOR="1"))
    assert screen.lines == WIDE
    assert screen.colours == 0


def test_a_terminal_in_ascii():
    output = in_terminal(80, PYTHONIOENCODING="ascii")
    assert Screen(80).feed(output).lines == WIDE
    assert output.isascii()


def test_a_dumb_terminal_gets_plain_lines():
    output = in_terminal(80, TERM="dumb")
    assert output.startswith("Epoch[0] Batch [0-300]\tSpeed: 50000.00 samples/sec\t")
    assert "\x1b" not in output


def test_a_plain_display_survives_a_reader_that_leaves():
    class Gone(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    display = PlainSpeedometer(Gone())
    display.note("one")
    display.note("two")
