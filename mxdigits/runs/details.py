"""All that is known of a run, for people and for other programs."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from ..errors import RunFolderError
from ..storage.files import read_plain
from ..wording import duration, in_words, moment
from .folder import RunFolder
from .listing import RunState, read_history, read_run
from .members import members_of
from .record import Record


@dataclass(frozen=True)
class RunDetails:
    """A run with its record, its epochs, and the sizes of its files.

    >>> details = read_details(Path("runs/mlp/20261123T153755Z-62fd27"))  # doctest: +SKIP
    >>> details.facts()[1]  # doctest: +SKIP
    """

    run: RunState
    record: Record
    history: list[dict[str, str]]
    files: dict[str, int]

    def to_json(self) -> dict[str, object]:
        """Plain values, for other programs."""
        return {
            **self.run.to_json(),
            "checkpoints": [
                {"name": each.path.name, "epoch": each.epoch, "batch": each.batch}
                for each in self.run.checkpoints
            ],
            "record": self.record,
            "history": self.history,
            "files": self.files,
        }

    def facts(self) -> list[tuple[str, str]]:
        """Return pairs of a name and a value; what is not known is left out."""
        run = self.run
        facts = [
            ("run", str(run.path)),
            ("state", f"{run.state}, {run.owner}" if run.owner else run.state),
            ("problem", run.problem),
            ("resume", run.resume_command),
            ("recipe", run.recipe),
            ("started", moment(run.started)),
            ("ended", moment(self._at("ended"))),
            ("epochs", progress(run)),
            ("checkpoints", ", ".join(each.path.name for each in run.checkpoints)),
            ("ensemble of", _members(self.record)),
            ("model", _words("{name}, {distribution} {version}", self._at("plugins", "model"))),
            ("data", _words("{name}, {distribution} {version}", self._at("plugins", "data"))),
            ("images", _words("{train} to train on, {test} to test on", self._at("data"))),
            ("device", _words("{context}, {threads} CPU threads", self._at("device"))),
            ("processor", self._at("device", "processor")),
            ("versions", _listing(self._at("versions"))),
            ("stages", _stages(self._at("seconds"))),
            ("accuracy", accuracy(run)),
            ("test", _words("{correct} of {samples}, loss {loss:.4f}", self._at("scores", "test"))),
        ]
        return [(name, str(value)) for name, value in facts if value]

    def _at(self, *keys: str) -> object:
        value: object = self.record
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value


def read_details(path: Path) -> RunDetails:
    """Read all that a run's folder says.

    Raises:
        RunFolderError: if it is no run folder.

    >>> read_details(Path("runs/mlp/20261123T153755Z-62fd27")).record["seed"]  # doctest: +SKIP
    """
    folder = RunFolder(path)
    folder.check_is_run()
    try:
        history = read_history(folder)
    except RunFolderError:  # read_run says so
        history = []
    return RunDetails(read_run(path), _record(folder), history, _sizes(path))


def progress(run: RunState) -> str:
    """Return the epochs done and the number of all; with batches if a checkpoint has some.

    >>> from datetime import datetime
    >>> began = datetime(2026, 11, 23)
    >>> progress(RunState(Path("a"), "failed", "mlp", began, epochs_done=3, epochs=10))
    '3/10'
    """
    if run.epochs_done is None:
        return ""
    done = f"{run.epochs_done}/{'?' if run.epochs is None else run.epochs}"
    last = run.checkpoints[-1] if run.checkpoints else None
    inside = last and last.epoch == run.epochs_done and last.batch
    return f"{done} + {last.batch} batches" if last and inside else done


def accuracy(run: RunState) -> str:
    """Return the accuracy and the images that it was measured on.

    >>> from datetime import datetime
    >>> began = datetime(2026, 11, 23)
    >>> accuracy(RunState(Path("a"), "finished", "mlp", began, accuracy=0.9545, accuracy_of="test"))
    '0.9545 test'
    """
    return "" if run.accuracy is None else f"{run.accuracy:.4f} {run.accuracy_of}"


def _record(folder: RunFolder) -> Record:
    def finite(text: str) -> Optional[float]:
        number = float(text)
        return number if abs(number) < float("inf") else None

    try:
        text = read_plain(folder.record_file)
        record = json.loads(text, parse_float=finite, parse_constant=lambda _: None)
    except (OSError, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _sizes(path: Path) -> dict[str, int]:
    """The bytes of every file below a folder by its relative path; links are not followed."""
    sizes = {}
    for folder, _, names in os.walk(path):
        for name in names:
            file = Path(folder, name)
            try:
                sizes[str(file.relative_to(path))] = file.lstat().st_size
            except OSError:  # another process has just replaced it
                continue
    return dict(sorted(sizes.items()))


def _words(form: str, values: object) -> str:
    try:
        return form.format_map(values) if isinstance(values, Mapping) else ""
    except (KeyError, ValueError, TypeError):
        return ""


def _members(record: Record) -> str:
    return ", ".join(
        each.run if each.accuracy is None else f"{each.run} ({each.accuracy:.4f})"
        for each in members_of(record)
    )


def _listing(values: object) -> str:
    return in_words(values) if values and isinstance(values, Mapping) else ""


def _stages(values: object) -> str:
    if not isinstance(values, Mapping):
        return ""
    known = {k: v for k, v in values.items() if isinstance(v, (int, float))}
    return ", ".join(f"{k.replace('_', ' ')} {duration(v)}" for k, v in known.items())
