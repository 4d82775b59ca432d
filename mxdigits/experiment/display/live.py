"""A run as bars that move at the bottom of a terminal; and the choice of a run's display.

Displays are callbacks that only read events, and context managers: when the ``with`` block ends,
even by an exception, the terminal is as it was before.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Callable, Optional

from rich.console import Console
from rich.control import Control
from rich.live import Live
from rich.segment import ControlType
from rich.text import Text

from ...printing import encodable, printable
from ...train.callbacks import EpochStart, FitStart, Progress
from ...train.history import EpochRecord, History
from .epoch_table import (
    COLUMNS,
    Column,
    clock_time,
    columns_for,
    expected,
    measured,
    row_of,
    short_number,
    titles,
)
from .plain import PlainSpeedometer, Speedometer

# A redraw takes 0.5 to 1 ms, while the device may be idle: this rate costs about 1 % of the time.
REDRAWS_PER_SECOND = 6
_BEST = "*"


def speedometer(console: Optional[Console] = None, *, plain: bool = False) -> Speedometer:
    """The display for a console: bars on a terminal, plain lines elsewhere or if asked for.

    >>> type(speedometer(plain=True)).__name__
    'PlainSpeedometer'
    """
    console = console or Console()
    # FORCE_COLOR makes rich take a pipe for a terminal; it asks for colours there, not for bars.
    watched = console.is_interactive and not console.is_dumb_terminal and console.file.isatty()
    return LiveSpeedometer(console) if watched and not plain else PlainSpeedometer(console.file)


class LiveSpeedometer(Speedometer):
    """Bars that move at the bottom of a terminal, and one line that stays for each epoch.

    The events themselves trigger the redraws. A refresh thread would compete with the training loop
    for the interpreter lock, and would hide that a run stands still. Only colours are used, no bold
    or dim, so with NO_COLOR only cursor movements remain.

    >>> with LiveSpeedometer(Console()) as display:  # doctest: +SKIP
    ...     mxdigits.run("mlp", callbacks=[display], say=display.note)
    """

    def __init__(self, console: Console, *, clock: Callable[[], float] = time.monotonic):
        self._console = console
        self._clock = clock
        self._live: Optional[Live] = None
        self._drawn = 0.0
        self._fit: list[_Bar] = []
        self._numbers: list[str] = []
        self._learning_rate = 0.0
        self._columns: list[Column] = []
        self._titled = False
        self._best = -math.inf
        self._lengths: list[int] = []  # characters of each line on the screen
        self._gone = False

    def __exit__(self, *exception: object) -> None:
        self._fit = []
        self._update()

    def on_fit_start(self, event: FitStart) -> None:
        self._fit = [
            _Bar("epochs", event.epochs, event.first_epoch),
            _Bar("batches", event.batches),
        ]
        self._numbers = []
        self._columns, self._titled = columns_for(expected(event), self._console.width), False
        # The epochs before a resumed fit are unknown here, so no epoch is marked as the best.
        self._best = math.inf if event.first_epoch else -math.inf
        self._update()

    def on_epoch_start(self, event: EpochStart) -> None:
        self._learning_rate = event.learning_rate

    def on_progress(self, event: Progress) -> None:
        if not self._fit:  # after an interrupt, or without a fit, there are no bars
            return
        epochs, batches = self._fit
        epochs.move(event.epoch + event.batch / max(batches.total, 1), self._clock())
        batches.done, batches.beside = event.batch, f"{_rate(event)} samples/s"
        self._numbers = [
            f"loss {short_number(event.loss, 4, 9)}",
            f"accuracy {event.accuracy:.4f}",
            f"learning rate {self._learning_rate:g}",
        ]
        # The last progress of an epoch may stay on the screen during the whole evaluation.
        self._update(now=event.batch >= batches.total)

    def on_epoch_end(self, record: EpochRecord) -> None:
        columns = columns_for(measured(record), self._console.width)
        if not self._titled or columns != self._columns:  # the terminal has another width now
            self._columns, self._titled = columns, True
            self._update()  # removes the titles from the bars before they are printed above
            for title in titles(columns):
                self._print(title)
        row = Text(row_of(self._columns, record))
        accuracy = record.validation_accuracy
        if accuracy is not None and accuracy > self._best:
            self._best = accuracy
            after_epoch = COLUMNS[0].width  # the gap after the first column, which is always shown
            row = Text.assemble(row[:after_epoch], (_BEST, "green"), row[after_epoch + 1 :])
        self._print(row)

    def on_fit_end(self, history: History) -> None:
        self._fit = []
        self._update()
        best = _best_of(history)
        if best is not None and len(history) > 1:
            marks = f"; {_BEST} marks the best so far" if math.isfinite(self._best) else ""
            self.note(f"best epoch: {best[0]}, validation accuracy {best[1]:.4f}{marks}")

    def note(self, text: str) -> None:
        # soft_wrap: the terminal folds a long line, so a path in it can still be copied whole.
        text = encodable(printable(text, keep="\t"), self._console.encoding)
        with self._while_there():
            self._console.print(Text(text), soft_wrap=True)

    def _print(self, line: Text) -> None:
        with self._while_there():
            self._console.print(line, no_wrap=True, overflow="crop")

    def _update(self, now: bool = True) -> None:
        """Redraw the bars: at once if ``now``, otherwise only if the last redraw is old enough."""
        with self._while_there():
            if not self._fit:
                self._stop()
            elif not self._gone and (now or self._clock() - self._drawn >= 1 / REDRAWS_PER_SECOND):
                live = self._live or self._start()
                live.refresh()
                self._drawn = self._clock()

    @contextmanager
    def _while_there(self) -> Iterator[None]:
        """Ignore the errors of a closed terminal: the training goes on."""
        try:
            self._take_away_what_was_broken()
            yield
        except OSError:
            self._gone = True

    def _take_away_what_was_broken(self) -> None:
        """Erase the extra lines that a terminal made by wrapping when it became narrower.

        rich erases only as many lines as it drew.
        """
        width = max(self._console.width, 1)
        more = sum((length - 1) // width for length in self._lengths if length)
        if more and _wraps_lines_again():
            up = (ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2))
            self._console.control(Control(*(*up, (ControlType.CURSOR_UP, 1)) * more))
        if more:
            self._lengths = []

    def _start(self) -> Live:
        # Assigned before it starts, because an interrupt may come as soon as it is drawn.
        self._live = Live(
            console=self._console,
            auto_refresh=False,
            transient=True,
            get_renderable=self._draw,
            # The output of other code goes above the bars, unless the user redirected it.
            redirect_stdout=sys.stdout.isatty(),
            redirect_stderr=sys.stderr.isatty(),
        )
        self._live.start()
        # rich hides the cursor, and a process that is killed could not show it again.
        self._console.show_cursor()
        return self._live

    def _stop(self) -> None:
        if self._live:
            self._live.stop()
        self._live, self._lengths = None, []

    def _draw(self) -> Text:
        bars = self._fit
        width = min(self._console.width, 80)  # not wider than the lines above
        marks = "#." if self._console.options.ascii_only else "━─"
        labels = max((len(bar.label) for bar in bars), default=0)
        besides = max((len(bar.beside) for bar in bars), default=0)
        # Before the first epoch ends, the titles are drawn as a part of the bars.
        lines = [*([] if self._titled else titles(self._columns)), Text()]
        lines += [bar.draw(labels, width - labels - besides - 4, marks) for bar in bars]
        lines.append(Text(_join_within(width, self._numbers)))
        self._lengths = [min(len(line), self._console.width) for line in lines]
        return Text("\n", no_wrap=True, overflow="crop").join(lines)


@dataclass
class _Bar:
    """A bar: how much of something is done, and how long the rest will take."""

    name: str
    total: int
    done: float = 0.0
    beside: str = ""
    origin: Optional[tuple[float, float]] = None

    def move(self, done: float, now: float) -> None:
        """Go to ``done``, and estimate the time left from the pace since the first move.

        Work before the first move does not count: it is warm-up (choosing kernels, taking memory),
        or epochs of an earlier run that this one resumes.
        """
        start, first = self.origin = self.origin or (now, done)
        self.done = done
        if done > first:
            left = (now - start) / (done - first) * max(self.total - done, 0)
            self.beside = f"{clock_time(left)} left"

    @property
    def label(self) -> str:
        return f"{self.name} {int(self.done):,}/{self.total:,}"

    def draw(self, label_width: int, bar_width: int, marks: str) -> Text:
        share = min(self.done / self.total, 1.0) if self.total else 1.0
        full = int(share * bar_width)
        if bar_width < 4:  # too narrow for a bar, so there are only numbers
            return Text(f"{self.label}  {self.beside}")
        return Text.assemble(
            self.label.ljust(label_width) + "  ",
            (marks[0] * full, "green"),
            (marks[1] * (bar_width - full), "bright_black"),
            ("  " + self.beside, "cyan"),
        )


def _best_of(history: History) -> Optional[tuple[int, float]]:
    """The first epoch with the highest validation accuracy, and that accuracy; None if unknown."""
    known = [
        (record.epoch, record.validation_accuracy)
        for record in history
        if record.validation_accuracy is not None
    ]
    return max(known, key=lambda each: each[1], default=None)


def _join_within(width: int, parts: Sequence[str]) -> str:
    """The first parts on one line, as many as fit."""
    line = ""
    for part in parts:
        longer = f"{line}   {part}" if line else part
        if len(longer) > width:
            break
        line = longer
    return line


def _rate(event: Progress) -> str:
    return short_number(event.samples_per_second, 0, 11)


def _wraps_lines_again() -> bool:
    """Whether the terminal wraps lines again when its width changes, as most do."""
    # Xterm and GNU Screen cut them off, unless tmux runs inside.
    cuts_them = "XTERM_VERSION" in os.environ or "STY" in os.environ
    return "TMUX" in os.environ or not cuts_them
