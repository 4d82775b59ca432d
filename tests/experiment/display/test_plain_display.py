"""The plain lines of a run, compared whole; and when a terminal gets bars instead."""

from __future__ import annotations

import io
import math
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from watching import RECORD, progress, train

from mxdigits.experiment.display.live import LiveSpeedometer, speedometer
from mxdigits.experiment.display.plain import PlainSpeedometer
from mxdigits.train.callbacks import EpochStart, FitStart
from mxdigits.train.history import History


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
