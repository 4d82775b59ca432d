"""What a person sees of a run while it goes on.

:func:`speedometer` gives bars where somebody is watching a terminal and MXNet's own lines anywhere
else. Both are callbacks that only read events, and both are context managers: when the ``with``
block ends, also by an exception, the terminal is as it was.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Callable, Optional

from rich.console import Console
from rich.control import Control
from rich.live import Live
from rich.segment import ControlType
from rich.text import Text

from ..printing import encodable, printable
from ..train.callbacks import Callback, EpochStart, FitStart, Progress
from ..train.history import EpochRecord, History

# A redraw takes 0.5 to 1 ms, and the device may be idle meanwhile: so many cost about 1 %.
REDRAWS_PER_SECOND = 6


class Speedometer(Callback):
    """A display of a run: use it in a ``with`` statement, and give it to ``fit`` as a callback.

    >>> with speedometer(plain=True) as display:
    ...     display.note("context: cpu(0)")
    ...     # trainer.fit(..., callbacks=[display])
    context: cpu(0)
    """

    def __enter__(self) -> Speedometer:
        return self

    def __exit__(self, *exception: object) -> None:
        """Remove the bars, and leave the lines that are meant to stay."""

    def note(self, text: str) -> None:
        """Say something that stays, above the bars if there are any."""
        raise NotImplementedError


def speedometer(console: Optional[Console] = None, *, plain: bool = False) -> Speedometer:
    """The display for a console: bars on a terminal, plain lines elsewhere or if asked for.

    >>> type(speedometer(plain=True)).__name__
    'PlainSpeedometer'
    """
    console = console or Console()
    # FORCE_COLOR makes rich take a pipe for a terminal; colours may be wanted there, bars are not.
    watched = console.is_interactive and not console.is_dumb_terminal and console.file.isatty()
    return LiveSpeedometer(console) if watched and not plain else PlainSpeedometer(console.file)


class PlainSpeedometer(Speedometer):
    r"""The lines of ``mx.callback.Speedometer`` and ``Module.fit``, for logs and pipes.

    ::

        Epoch[0] Batch [0-100]\tSpeed: 57268.64 samples/sec\taccuracy=0.971700
        Epoch[0] Train-accuracy=0.951234
        Epoch[0] Time cost=1.234
        Epoch[0] Validation-accuracy=0.967100

    A batch line comes with the first progress that is ``every`` batches or more past the previous
    line. It states its true range, and its speed and accuracy belong to that range alone. The few
    batches left at the end of an epoch get no line, for the ``Train-accuracy`` that follows counts
    them; an epoch too short for any batch line gets one for the whole of it, so that no epoch is
    without its speed.

    >>> speedometer = PlainSpeedometer(sys.stdout, every=100)
    >>> speedometer.on_epoch_start(EpochStart(0, 0.1))
    >>> event = Progress(0, 100, 10000, 0.5, 4087.0, 8821)
    >>> speedometer.on_progress(event)  # doctest: +NORMALIZE_WHITESPACE
    Epoch[0] Batch [0-100] Speed: 20000.00 samples/sec accuracy=0.882100
    """

    def __init__(self, stream: Optional[IO[str]] = None, *, every: int = 100):
        self._stream: Optional[IO[str]] = sys.stdout if stream is None else stream
        self._every = every
        self._printed = self._latest = _nothing_of(0)

    def on_epoch_start(self, event: EpochStart) -> None:
        self._printed = self._latest = _nothing_of(event.epoch)

    def on_progress(self, event: Progress) -> None:
        self._latest = event
        if event.batch - self._printed.batch >= self._every:
            self._print_batches()

    def on_epoch_end(self, record: EpochRecord) -> None:
        if self._printed.batch == 0 < self._latest.batch:
            self._print_batches()
        epoch = f"Epoch[{record.epoch}]"
        self.note(f"{epoch} Train-accuracy={record.train_accuracy:f}")
        self.note(f"{epoch} Time cost={record.seconds:.3f}")
        if record.validation_accuracy is not None:
            self.note(f"{epoch} Validation-accuracy={record.validation_accuracy:f}")
        if record.validation_ema_accuracy is not None:
            self.note(f"{epoch} Validation-ema-accuracy={record.validation_ema_accuracy:f}")

    def note(self, text: str) -> None:
        if self._stream is None:
            return
        try:
            line = printable(text, keep="\t") + "\n"
            self._stream.write(encodable(line, getattr(self._stream, "encoding", None)))
            self._stream.flush()  # a reader that follows the log wants the line now
        except OSError:  # the reader has gone, or the disk is full: no reason to end a training
            self._stream = None

    def _print_batches(self) -> None:
        part = self._latest.since(self._printed)
        self.note(
            f"Epoch[{part.epoch}] Batch [{self._printed.batch}-{self._latest.batch}]"
            f"\tSpeed: {part.samples_per_second:.2f} samples/sec\taccuracy={part.accuracy:f}"
        )
        self._printed = self._latest


class LiveSpeedometer(Speedometer):
    """Bars that move at the bottom of a terminal, and one line that stays for each epoch.

    The events themselves drive the redraws. A refresh thread would contend with the training loop
    for the interpreter lock; this way a display that stands still means a run that stands still.
    Only colours are used, no bold or dim, so NO_COLOR leaves nothing but cursor movements.

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
        self._columns: list[_Column] = []
        self._titled = False
        self._best = -math.inf
        self._lengths: list[int] = []  # of the lines that are drawn
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
        self._columns, self._titled = _columns_for(_expected(event), self._console.width), False
        # Of the epochs before a resumed fit it knows nothing, and so marks none as the best.
        self._best = math.inf if event.first_epoch else -math.inf
        self._update()

    def on_epoch_start(self, event: EpochStart) -> None:
        self._learning_rate = event.learning_rate

    def on_progress(self, event: Progress) -> None:
        if not self._fit:  # after an interrupt, or without a fit: there is nothing to move
            return
        epochs, batches = self._fit
        epochs.move(event.epoch + event.batch / max(batches.total, 1), self._clock())
        batches.done, batches.beside = event.batch, f"{_rate(event)} samples/s"
        self._numbers = [
            f"loss {_number(event.loss, 4, 9)}",
            f"accuracy {event.accuracy:.4f}",
            f"learning rate {self._learning_rate:g}",
        ]
        # The last progress of an epoch may stand for the whole of the evaluation.
        self._update(now=event.batch >= batches.total)

    def on_epoch_end(self, record: EpochRecord) -> None:
        columns = _columns_for(_measured(record), self._console.width)
        if not self._titled or columns != self._columns:  # the terminal has another width now
            self._columns, self._titled = columns, True
            self._update()  # takes them from the bars before they are printed above
            for title in _titles(columns):
                self._print(title)
        row = Text(_row(self._columns, [c.cell(record) for c in self._columns]))
        accuracy = record.validation_accuracy
        if accuracy is not None and accuracy > self._best:
            self._best = accuracy
            after_epoch = _COLUMNS[0].width  # in the gap between two columns, so at any width
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
        """Bring the screen up to date: at once, or unless it was redrawn a moment ago."""
        with self._while_there():
            if not self._fit:
                self._stop()
            elif not self._gone and (now or self._clock() - self._drawn >= 1 / REDRAWS_PER_SECOND):
                live = self._live or self._start()
                live.refresh()
                self._drawn = self._clock()

    @contextmanager
    def _while_there(self) -> Iterator[None]:
        """Ignore that the terminal was closed: the training goes on."""
        try:
            self._take_away_what_was_broken()
            yield
        except OSError:
            self._gone = True

    def _take_away_what_was_broken(self) -> None:
        """Erase the lines that a terminal made of longer ones when it became narrower.

        rich takes away as many lines as it drew, and would leave these.
        """
        width = max(self._console.width, 1)
        more = sum((length - 1) // width for length in self._lengths if length)
        if more and _wraps_lines_again():
            up = (ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2))
            self._console.control(Control(*(*up, (ControlType.CURSOR_UP, 1)) * more))
        if more:
            self._lengths = []

    def _start(self) -> Live:
        # Kept before it starts: an interrupt may come the moment it is drawn.
        self._live = Live(
            console=self._console,
            auto_refresh=False,
            transient=True,
            get_renderable=self._draw,
            # What others print goes above the bars, unless the user sent it elsewhere.
            redirect_stdout=sys.stdout.isatty(),
            redirect_stderr=sys.stderr.isatty(),
        )
        self._live.start()
        # It hides the cursor, and a process that is killed could not show it again.
        self._console.show_cursor()
        return self._live

    def _stop(self) -> None:
        if self._live:
            self._live.stop()
        self._live, self._lengths = None, []

    def _draw(self) -> Text:
        bars = self._fit
        width = min(self._console.width, 80)  # no wider than the lines above
        marks = "#." if self._console.options.ascii_only else "━─"
        labels = max((len(bar.label) for bar in bars), default=0)
        besides = max((len(bar.beside) for bar in bars), default=0)
        # Until an epoch has ended its titles are drawn with the bars, and go with them.
        lines = [*([] if self._titled else _titles(self._columns)), Text()]
        lines += [bar.draw(labels, width - labels - besides - 4, marks) for bar in bars]
        lines.append(Text(_join_within(width, self._numbers)))
        self._lengths = [min(len(line), self._console.width) for line in lines]
        return Text("\n", no_wrap=True, overflow="crop").join(lines)


@dataclass
class _Bar:
    """How far something is, and how long the rest of it will take."""

    name: str
    total: int
    done: float = 0.0
    beside: str = ""
    origin: Optional[tuple[float, float]] = None

    def move(self, done: float, now: float) -> None:
        """Go to ``done``, and estimate the time left from the pace since the first move.

        Since the first move, because what comes before it is warm-up (kernels are chosen, memory
        is taken), or epochs of an earlier run that this one resumes.
        """
        start, first = self.origin = self.origin or (now, done)
        self.done = done
        if done > first:
            left = (now - start) / (done - first) * max(self.total - done, 0)
            self.beside = f"{_clock_time(left)} left"

    @property
    def label(self) -> str:
        return f"{self.name} {int(self.done):,}/{self.total:,}"

    def draw(self, label_width: int, bar_width: int, marks: str) -> Text:
        share = min(self.done / self.total, 1.0) if self.total else 1.0
        full = int(share * bar_width)
        if bar_width < 4:  # too narrow for a bar: the numbers say more
            return Text(f"{self.label}  {self.beside}")
        return Text.assemble(
            self.label.ljust(label_width) + "  ",
            (marks[0] * full, "green"),
            (marks[1] * (bar_width - full), "bright_black"),
            ("  " + self.beside, "cyan"),
        )


@dataclass(frozen=True)
class _Column:
    """One number of a finished epoch: where it comes from and how it is written."""

    field: str
    title: tuple[str, str]
    width: int
    write: Callable[[float], str]

    def cell(self, record: EpochRecord) -> str:
        value = getattr(record, self.field)
        return "" if value is None else self.write(value)


def _loss(value: float) -> str:
    return _number(value, 4, 10)


_COLUMNS = (
    _Column("epoch", ("", "epoch"), 5, str),
    _Column("seconds", ("", "time"), 8, lambda s: f"{s:.2f} s" if s < 60 else _clock_time(s)),
    _Column("samples_per_second", ("", "samples/s"), 9, lambda rate: _number(rate, 0, 9)),
    _Column("train_loss", ("train", "loss"), 10, _loss),
    _Column("train_accuracy", ("train", "accuracy"), 8, "{:.4f}".format),
    _Column("validation_loss", ("validation", "loss"), 10, _loss),
    _Column("validation_accuracy", ("validation", "accuracy"), 10, "{:.4f}".format),
    _Column("validation_ema_accuracy", ("ema", "accuracy"), 8, "{:.4f}".format),
)
_BEST = "*"
# A narrow terminal goes without these, the first first.
_DISPENSABLE = (
    "samples_per_second",
    "seconds",
    "train_loss",
    "validation_loss",
    "train_accuracy",
)


def _expected(event: FitStart) -> list[_Column]:
    """The columns that there will be numbers for, as far as is known before an epoch is over."""
    left_out = "validation_ema" if event.validated else "validation"
    return [column for column in _COLUMNS if not column.field.startswith(left_out)]


def _measured(record: EpochRecord) -> list[_Column]:
    """The columns that there are numbers for."""
    return [column for column in _COLUMNS if getattr(record, column.field) is not None]


def _columns_for(columns: list[_Column], width: int) -> list[_Column]:
    """Those of the columns that fit side by side."""
    for field in _DISPENSABLE:
        if len(_row(columns, [""] * len(columns))) <= width:
            break
        columns = [column for column in columns if column.field != field]
    return columns


def _titles(columns: Sequence[_Column]) -> list[Text]:
    """The two lines above the numbers."""
    return [Text(_row(columns, [c.title[line] for c in columns]), "cyan") for line in (0, 1)]


def _best_of(history: History) -> Optional[tuple[int, float]]:
    """The first epoch of the highest validation accuracy, and that accuracy, if there is any."""
    known = [
        (record.epoch, record.validation_accuracy)
        for record in history
        if record.validation_accuracy is not None
    ]
    return max(known, key=lambda each: each[1], default=None)


def _row(columns: Sequence[_Column], cells: Sequence[str]) -> str:
    return "  ".join(cell.rjust(column.width) for column, cell in zip(columns, cells))


def _join_within(width: int, parts: Sequence[str]) -> str:
    """The first parts, as many as fit on a line."""
    line = ""
    for part in parts:
        longer = f"{line}   {part}" if line else part
        if len(longer) > width:
            break
        line = longer
    return line


def _nothing_of(epoch: int) -> Progress:
    return Progress(epoch, batch=0, samples=0, seconds=0.0, loss_sum=0.0, correct=0)


def _rate(event: Progress) -> str:
    return _number(event.samples_per_second, 0, 11)


def _number(value: float, decimals: int, width: int) -> str:
    """A number with thousands marked, or with an exponent where that would be too long."""
    text = f"{value:,.{decimals}f}"
    return text if len(text) <= width else f"{value:.2e}"


def _clock_time(seconds: float) -> str:
    """Seconds as minutes:seconds, or hours:minutes:seconds."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _wraps_lines_again() -> bool:
    """Whether the terminal wraps lines again when its width changes, as most do."""
    # Xterm and GNU Screen cut them off, unless tmux runs inside.
    cuts_them = "XTERM_VERSION" in os.environ or "STY" in os.environ
    return "TMUX" in os.environ or not cuts_them
