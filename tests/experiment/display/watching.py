"""A display that is told of epochs, and the screen on which they are seen."""

from __future__ import annotations

import io
import re
from dataclasses import replace

from rich.console import Console

from mxdigits.experiment.display.live import LiveSpeedometer
from mxdigits.experiment.display.plain import Speedometer
from mxdigits.train.callbacks import EpochStart, Progress
from mxdigits.train.history import EpochRecord

RECORD = EpochRecord(0, 0.1, 60000, 1.234, 48622.37, 0.30124, 0.951234, 0.15021, 0.9671)


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
