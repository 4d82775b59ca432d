"""The display of a run in a notebook: bars, and a table of the epochs.

:func:`displayed` gives it to a run that is started in a notebook without a display of its own.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Mapping, Sequence
from html import escape
from multiprocessing import parent_process
from typing import Callable, Optional, Protocol

from ...train.callbacks import Callback, EpochStart, FitStart, Progress
from ...train.history import EpochRecord, History
from ...wording import Say, say_nothing
from .plain import Speedometer

# Each update is a message to the browser.
_UPDATES_PER_SECOND = 4

# Shows content in several forms, by MIME type, and replaces what it showed before.
Show = Callable[[Mapping[str, str]], None]


class _Handle(Protocol):
    """IPython's handle of displayed content."""

    def update(self, shown: Mapping[str, str], *, raw: bool) -> None: ...


def displayed(callbacks: Sequence[Callback], say: Optional[Say]) -> tuple[Sequence[Callback], Say]:
    """The callbacks and the ``say`` of a run; in a notebook a display, unless either was given.

    Example:
        >>> displayed((), print)
        ((), <built-in function print>)
        >>> displayed((), None)[0]  # this is no notebook
        ()
    """
    if say is not None:
        return callbacks, say
    if callbacks or not in_notebook():
        return callbacks, say_nothing
    display = NotebookSpeedometer()
    return [display], display.note


def in_notebook() -> bool:
    """Whether this is a notebook's kernel, and not a terminal, with or without IPython.

    Example:
        >>> in_notebook()
        False
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    # A process that the kernel has forked cannot show anything in the cell.
    return getattr(shell, "kernel", None) is not None and parent_process() is None


class NotebookSpeedometer(Speedometer):
    """Bars for the epochs and the batches, and a table with a row for each epoch that is over.

    Args:
        show: shows the content, replacing the earlier one; by default in the cell's output.
        clock: gives the time in seconds.

    Example:
        >>> display = NotebookSpeedometer(lambda forms: print(forms["text/plain"]))
        >>> display.note("context: cpu(0)")
        context: cpu(0)
    """

    def __init__(self, show: Optional[Show] = None, *, clock: Callable[[], float] = time.monotonic):
        self._show = show or _in_cell()
        self._clock = clock
        self._shown = float("-inf")
        self._notes: list[str] = []
        self._fit: Optional[FitStart] = None
        self._progress: Optional[Progress] = None
        self._learning_rate = 0.0
        self._history = History()

    def note(self, text: str) -> None:
        self._notes.append(text)
        self._update()

    def on_fit_start(self, event: FitStart) -> None:
        self._fit, self._progress = event, None
        self._update()

    def on_epoch_start(self, event: EpochStart) -> None:
        self._learning_rate = event.learning_rate

    def on_progress(self, event: Progress) -> None:
        self._progress = event
        if self._clock() - self._shown >= 1 / _UPDATES_PER_SECOND:
            self._update()

    def on_epoch_end(self, record: EpochRecord) -> None:
        self._history.append(record)
        self._update()

    def on_fit_end(self, history: History) -> None:
        self._fit = None
        self._update()

    def _update(self) -> None:
        self._shown = self._clock()
        table = self._history._repr_html_() if len(self._history) else ""
        notes = "<br>".join(map(escape, self._notes))
        last = [repr(self._history)] if len(self._history) else []
        self._show(
            {
                "text/html": f"<div>{notes}</div>{table}{self._bars()}",
                "text/plain": "\n".join([*self._notes, *last]),
            }
        )

    def _bars(self) -> str:
        if self._fit is None:
            return ""
        at, batches = self._progress, self._fit.batches
        done = self._fit.first_epoch if at is None else at.epoch + at.batch / max(batches, 1)
        bars = _bar("epochs", done, self._fit.epochs, f"{int(done)} of {self._fit.epochs}")
        if at is None:
            return bars
        numbers = (
            f"{at.samples_per_second:,.0f} samples/s, loss {at.loss:.4f}, "
            f"accuracy {at.accuracy:.4f}, learning rate {self._learning_rate:g}"
        )
        return bars + _bar("batches", at.batch, batches, numbers)


def _bar(name: str, done: float, total: int, beside: str) -> str:
    return (
        f'<div>{name} <progress value="{done:g}" max="{total}" aria-label="{name}"></progress> '
        f"{escape(beside)}</div>"
    )


def _in_cell() -> Show:
    """Show content in the output of the running cell, by IPython."""
    display = importlib.import_module("IPython.display").display
    handle: Optional[_Handle] = None

    def show(forms: Mapping[str, str]) -> None:
        nonlocal handle
        if handle is None:
            handle = display(forms, raw=True, display_id=True)
        else:
            handle.update(forms, raw=True)

    return show
