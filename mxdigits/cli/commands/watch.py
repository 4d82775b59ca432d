"""The live table of ``mxdigits runs --watch``."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from statistics import median
from typing import Optional

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ...errors import RunFolderError, UsageError
from ...printing import printable
from ...runs.details import accuracy
from ...runs.folder import RunFolder
from ...runs.listing import RunState, list_runs, read_history
from ...wording import age, duration

_SECONDS = 1.0  # least pause between two readings of the runs
_PATIENCE = 4  # least pause as a multiple of the time of a reading: thousands of runs take long
_BAR = 12  # characters
_RECENT = 5  # the last epochs, whose seconds give the estimate for the others
_AROUND = 3  # lines of a screen without a run
_STYLES = {"running": "green", "interrupted": "yellow", "failed": "red", "damaged": "red"}


def watch(root: Path) -> None:
    """Show the runs below a folder and their progress, until Ctrl-C.

    Raises:
        UsageError: if standard output is no terminal.
        RunFolderError: if the folder cannot be read.

    >>> watch(Path("runs"))  # doctest: +SKIP
    """
    console = Console(highlight=False)
    if not (console.is_terminal and console.file.isatty()) or console.is_dumb_terminal:
        raise UsageError("--watch draws on a terminal; for other programs: mxdigits runs --json")
    with suppress(KeyboardInterrupt), Live(console=console, auto_refresh=False) as live:
        while True:
            began = time.monotonic()
            runs = list_runs(root) if root.exists() else []
            table = watched(root, runs, datetime.now(timezone.utc), console.height)
            live.update(table, refresh=True)
            time.sleep(max(_SECONDS, _PATIENCE * (time.monotonic() - began)))


def watched(root: Path, runs: Sequence[RunState], now: datetime, height: int) -> RenderableType:
    """The table of the newest runs, running ones first, as many as fit on the screen.

    >>> str(watched(Path("mine"), [], datetime.now(timezone.utc), height=24))
    'there are no runs in mine yet; Ctrl-C ends this'
    """
    if not runs:
        return Text(f"there are no runs in {printable(str(root))} yet; Ctrl-C ends this")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("run", "state", "recipe", "epochs", "", "accuracy", "left", "age"):
        right = title in ("epochs", "left", "age")
        table.add_column(title, justify="right" if right else "left", overflow="fold")
    ordered = sorted(runs, key=lambda run: run.state != "running")  # else as they were: the newest
    shown = ordered[: max(1, height - _AROUND)]
    for run in shown:
        table.add_row(*_cells(run, now))
    running = sum(run.state == "running" for run in runs)
    more = f", {len(runs) - len(shown)} more not shown" * (len(runs) > len(shown))
    return Group(table, Text(f"{running} of {len(runs)} running{more}; Ctrl-C ends this"))


def _cells(run: RunState, now: datetime) -> list[RenderableType]:
    done, every = run.epochs_done, run.epochs
    known = done is not None and every is not None
    bar = ProgressBar(total=every or 1, completed=min(done or 0, every or 1), width=_BAR)
    return [
        Text(printable(str(run.path))),
        Text(run.state, _STYLES.get(run.state, "")),
        Text(printable(run.recipe)),
        "" if done is None else f"{done}/{'?' if every is None else every}",
        bar if known else "",
        accuracy(run),
        _left(run),
        age((now - run.started).total_seconds()),
    ]


def _left(run: RunState) -> str:
    """The time that the remaining epochs will take, estimated from the last ones."""
    seconds = _seconds(run) if run.state == "running" else None
    if seconds is None or run.epochs is None or run.epochs_done is None:
        return ""
    left = max(run.epochs - run.epochs_done, 0) * seconds
    return duration(round(left)) if left >= 10 else duration(left)


def _seconds(run: RunState) -> Optional[float]:
    """The seconds of one epoch; None if no epoch has ended, or the file cannot be read."""
    with suppress(RunFolderError, ValueError, KeyError):
        rows = read_history(RunFolder(run.path))[-_RECENT:]
        return median(float(row["seconds"]) for row in rows) if rows else None
    return None
