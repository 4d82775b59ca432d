"""The runs below a folder, and the state of each, which ``read_run`` finds without MXNet.

Anybody may have made these folders. A run that cannot be read is listed as damaged, and the list
goes on.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional

from ..errors import RecipeError, RunFolderError
from ..storage.files import read_plain
from ..storage.lock import Owner, owner
from ..train.history import MOST_BYTES
from ..wording import hidden, shell_word
from .checkpoints import CheckpointEntry, Checkpoints
from .folder import UNWRITTEN, RunFolder

# Levels of folders: root/recipe/run. A search of the whole disk would take too long.
_DEPTH = 2

# The folder in which the command line puts runs, and looks for them.
DEFAULT_ROOT = Path("runs")

NO_CHECKPOINT = "killed before it kept a checkpoint"

# The line as mxdigits writes it: parsing the YAML of thousands of recipes would take a minute.
_EPOCHS = re.compile(r"^epochs: ([0-9]{1,9})$", re.MULTILINE)


@dataclass(frozen=True)
class RunState:
    """What is known of a run; None and "" stand for what is not known.

    ``state`` is running, finished, interrupted, pruned, failed, damaged or unreadable; ``problem``
    says what is damaged, or why it failed. ``accuracy`` is measured on ``accuracy_of``: the test
    set if the run is finished, else the validation or training images of the last epoch.

    >>> run = read_run(Path("runs/mlp/20261123T153755Z-62fd27"))
    >>> run.state, run.recipe, run.resume_command
    ('damaged', 'mlp', '')
    """

    path: Path
    state: str
    recipe: str
    started: datetime
    problem: str = ""
    epochs_done: Optional[int] = None
    epochs: Optional[int] = None
    accuracy: Optional[float] = None
    accuracy_of: str = ""
    owner: Optional[Owner] = None
    checkpoints: tuple[CheckpointEntry, ...] = ()

    @property
    def resume_command(self) -> str:
        """The command that continues the run; empty if the run cannot be continued."""
        return self._resume if self.checkpoints else ""

    @property
    def what_next(self) -> str:
        """How to continue the run or begin it again, and what went wrong before; else a problem."""
        if self.state == "interrupted" and self.checkpoints:  # by the user, who knows it
            return self._resume
        how = f"{'to go on' if self.checkpoints else 'to begin again'}: {self._resume}"
        return "; ".join(filter(None, (self.problem, how if self._resume else "")))

    @property
    def _resume(self) -> str:
        name = str(self.path)
        resumable = self.state in ("interrupted", "failed") and self.problem != UNWRITTEN
        return f"mxdigits resume {shell_word(name)}" if resumable and name.isprintable() else ""

    @property
    def unfinished(self) -> str:
        """How far an unfinished run came, in words; empty for a finished one."""
        return how_unfinished(self.state, self.epochs_done or 0, self.epochs)

    def to_json(self) -> dict[str, object]:
        """Plain values, for other programs."""
        return {
            "run": str(self.path),
            "state": self.state,
            "recipe": self.recipe,
            "started": self.started.isoformat(timespec="seconds"),
            "epochs_done": self.epochs_done,
            "epochs": self.epochs,
            "accuracy": self.accuracy,
            "accuracy_of": self.accuracy_of or None,
            "problem": self.problem or None,
            "owner": str(self.owner) if self.owner else None,
            "resume": self.resume_command or None,
        }


def how_unfinished(state: str, done: int, epochs: Optional[int]) -> str:
    """Return how far an unfinished run came, in words; empty for a finished one.

    Args:
        state: interrupted, failed, pruned or running; for any other state the result is empty.
        done: the number of finished epochs.
        epochs: the number of epochs in the recipe, if it is known.

    >>> how_unfinished("interrupted", 3, 10)
    'interrupted, 3 of 10 epochs done'
    """
    how = {"interrupted": "interrupted", "failed": "failed", "running": "still running"}
    how["pruned"] = "pruned by a search"
    far = "" if epochs is None else f", {done} of {epochs} epochs done"
    return how[state] + far if state in how else ""


def list_runs(root: Path) -> list[RunState]:
    """Return the runs in a folder and in the folders inside it, newest first, without links.

    Raises:
        RunFolderError: if the folder cannot be read.

    >>> [(run.state, run.accuracy) for run in list_runs(Path("runs"))]  # doctest: +SKIP
    """
    try:
        paths = [root] if RunFolder(root).is_run() else list(_find(root, _DEPTH))
    except OSError as error:
        raise RunFolderError(f"cannot list the runs in {root}: {error.strerror}") from None
    # A run that was removed meanwhile is not damaged.
    runs = [run for path in paths if (run := read_run(path)).state != "damaged" or path.is_dir()]
    return sorted(runs, key=lambda run: (run.started, str(run.path)), reverse=True)


def read_run(path: Path) -> RunState:
    """Read the state of the run in a folder; a damaged run is a state, never an error.

    >>> read_run(Path("runs/mlp/20261123T153755Z-62fd27")).problem
    'cannot read run.json: No such file or directory'
    """
    folder = RunFolder(path)
    why = hidden(folder.record_file)
    holder = None if why else owner(path)
    known: dict[str, Any] = {  # the fields of a RunState
        "recipe": path.absolute().parent.name,
        "started": started(folder),
    }
    state, problem = "damaged", ""
    if why:
        return RunState(path=path, state="unreadable", problem=why, owner=None, **known)
    try:
        status = folder.read_status()
        known |= {"recipe": status.recipe, "started": status.started}
        known["checkpoints"] = tuple(Checkpoints(folder.checkpoints_folder).entries())
        history = read_history(folder)
        if not status.members:
            known |= {"epochs": _epochs(folder), "epochs_done": len(history)}
        known |= _accuracy(history[-1] if history else {})
        state, problem = status.state, status.error
        if state == "running":  # it was killed, and could not record that
            state = "interrupted"
            problem = "" if known["checkpoints"] else NO_CHECKPOINT
        if state == "finished":
            _check_results(folder)
            for part, score in status.scores.items():
                known |= {"accuracy": score.accuracy, "accuracy_of": part}
    except RunFolderError as error:
        state, problem = "damaged", str(error)
        if folder.is_unwritten():
            state, problem = "interrupted", UNWRITTEN
    if holder:  # also for a run that has just begun, and has no record yet
        state, problem = "running", ""
    return RunState(path=path, state=state, problem=problem, owner=holder, **known)


def read_history(folder: RunFolder) -> list[dict[str, str]]:
    """Return the rows of ``history.csv``; none before the first epoch is over.

    Raises:
        RunFolderError: if it is damaged.

    >>> read_history(RunFolder(Path("runs/mlp/20261123T153755Z-62fd27")))
    []
    """
    file = folder.history_file
    try:
        lines = read_plain(file, MOST_BYTES).decode().splitlines()
        rows = list(csv.DictReader(lines, strict=True))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RunFolderError(f"cannot read {file.name}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error):
        raise RunFolderError(f"{file.name} is damaged: it is not CSV") from None
    if not lines or any(None in row or None in row.values() for row in rows):
        raise RunFolderError(f"{file.name} is damaged: its rows and its header differ in length")
    return rows


def _find(folder: Path, depth: int) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        inside = [Path(entry) for entry in entries if entry.is_dir(follow_symlinks=False)]
    for path in inside:
        if RunFolder(path).is_run():
            yield path
        elif depth > 1:
            with suppress(OSError):  # not readable by us, or removed meanwhile
                yield from _find(path, depth - 1)


def started(folder: RunFolder) -> datetime:
    """Return when a run was started, from its folder's name, or else from the folder's time.

    >>> started(RunFolder(Path("runs/mlp/20261123T153755Z-62fd27"))).isoformat()
    '2026-11-23T15:37:55+00:00'
    """
    with suppress(ValueError):
        named = datetime.strptime(folder.path.absolute().name[:16], "%Y%m%dT%H%M%SZ")
        return named.replace(tzinfo=timezone.utc)
    try:
        return datetime.fromtimestamp(folder.path.stat().st_mtime, timezone.utc)
    except (OSError, ValueError, OverflowError):
        return datetime.fromtimestamp(0, timezone.utc)


def _epochs(folder: RunFolder) -> Optional[int]:
    file = folder.recipe_file
    try:
        text = read_plain(file).decode()
        if len(written := _EPOCHS.findall(text)) == 1:
            return int(written[0])
        from ..storage.strict_yaml import parse  # rarely needed

        value = parse(text, file.name).value
    except OSError as error:
        raise RunFolderError(f"cannot read {file.name}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise RunFolderError(f"{file.name} is damaged: it is not UTF-8 text") from None
    except RecipeError as error:
        raise RunFolderError(f"{file.name} is damaged: {error.lines[0]}") from None
    epochs = value.get("epochs") if isinstance(value, dict) else None
    return epochs if isinstance(epochs, int) else None


def _accuracy(row: Mapping[str, str]) -> dict[str, object]:
    for part in ("validation", "train"):
        with suppress(ValueError, KeyError):
            accuracy = float(row[f"{part}_accuracy"])
            if 0 <= accuracy <= 1:
                return {"accuracy": accuracy, "accuracy_of": part}
    return {}


def _check_results(folder: RunFolder) -> None:
    for file in (folder.symbol_file, folder.parameters_file):
        if not file.is_file():
            raise RunFolderError(f"{file.name} is missing")
