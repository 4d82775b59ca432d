"""The displays of a process on a real terminal."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import subprocess
import sys
import termios

import pytest
from watching import HEADER, Screen

from mxdigits.experiment.display.plain import PlainSpeedometer

# With an argument it interrupts itself after the first epoch.
CHILD = """
import signal, sys
from mxdigits.train.callbacks import EpochStart, FitStart, Progress
from mxdigits.train.history import EpochRecord, History
from mxdigits.experiment.display.live import speedometer

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
