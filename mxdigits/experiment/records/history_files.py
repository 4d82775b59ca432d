"""The files that hold a run's history: ``history.csv`` and ``history.jsonl``."""

from __future__ import annotations

from ...runs.folder import RunFolder
from ...storage.files import append_text, write_text
from ...train.callbacks import Callback, FitStart
from ...train.history import EpochRecord, History, json_line


class HistoryFiles(Callback):
    """After each epoch rewrites ``history.csv``, and adds a line to ``history.jsonl``.

    >>> from pathlib import Path
    >>> folder, history = RunFolder(Path("runs/mlp/20261123T153755Z-62fd27")), History()
    >>> HistoryFiles(folder, history).on_fit_start(FitStart(0, 10, 60000, 100))
    """

    def __init__(self, folder: RunFolder, history: History):
        self._folder = folder
        self._history = history

    def on_fit_start(self, event: FitStart) -> None:
        """Remove lines that are newer than the checkpoint of a resumed run, or half written."""
        lines = self._folder.history_lines_file
        if event.first_epoch:
            write_text(self._folder.history_file, self._history.to_csv())
        if event.first_epoch or lines.is_file():
            write_text(lines, self._history.to_jsonl())

    def on_epoch_end(self, record: EpochRecord) -> None:
        write_text(self._folder.history_file, self._history.to_csv())
        append_text(self._folder.history_lines_file, json_line(record))
