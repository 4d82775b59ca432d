"""The state of a run in ``run.json``: running, finished, interrupted, pruned, failed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ... import heartbeat
from ...errors import Interrupted, OutputError, Pruned
from ...foreign import text_of
from ...runs.folder import RunFolder
from ...runs.record import Record
from ...signals import Stopper
from ...wording import shell_word
from .record import Stopwatch, now

# Most characters of an error that run.json keeps.
_MOST_ERROR = 10_000


@contextmanager
def recorded(
    record: Record, folder: RunFolder, stopwatch: Stopwatch, stopper: Stopper
) -> Iterator[None]:
    """Keep ``run.json`` up to date from beginning to end of a ``with`` block.

    This decides a run's state: ``finished``, ``interrupted`` by a signal, ``pruned`` by a search,
    or ``failed`` with the error.

    Args:
        record: the content of ``run.json``; what the block adds to it is written at the end.
        folder: the run folder.
        stopwatch: the times of its stages.
        stopper: gets the text that says how to resume after a signal.

    Example:
        >>> with recorded(record, folder, stopwatch, stopper):  # doctest: +SKIP
        ...     record["scores"] = {"test": {"accuracy": 0.99}}
    """
    folder.write_record(record)
    heartbeat.tell_folder(str(folder))  # from now on the run can be resumed
    stopper.meanwhile = f"before the training; {to_go_on(folder)}"
    try:
        yield
    except BaseException as error:
        record["state"] = _state_after(error)
        record["error"] = text_of(error)[:_MOST_ERROR]
        with suppress(OutputError):  # on a full disk the first error is the one to tell
            _end(record, folder, stopwatch)
        raise
    record["state"] = "finished"
    _end(record, folder, stopwatch)
    heartbeat.tell_finished()


def _state_after(error: BaseException) -> str:
    if isinstance(error, (Interrupted, KeyboardInterrupt)):
        return "interrupted"
    return "pruned" if isinstance(error, Pruned) else "failed"


def to_go_on(folder: RunFolder) -> str:
    """The text that says how to resume a stopped run.

    Example:
        >>> from pathlib import Path
        >>> to_go_on(RunFolder(Path("runs/mlp/a")))
        'to go on: mxdigits resume runs/mlp/a'
    """
    return f"to go on: mxdigits resume {shell_word(folder)}"


def _end(record: Record, folder: RunFolder, stopwatch: Stopwatch) -> None:
    record["network"]["sha256"] = folder.network_hashes()
    record["ended"] = now()
    record["seconds"] = stopwatch.seconds
    folder.write_record(record)
