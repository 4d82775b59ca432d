"""A run folder: the names of its files, and which of them are needed to use the run again."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from ..arrays import Arrays
from ..errors import OutputError, RunFolderError
from ..storage.disk import flush_folder
from ..storage.files import MOST_BYTES, read_plain, sha256_of, sweep, write_text
from ..storage.json_text import json_text
from ..train.history import MOST_BYTES as MOST_HISTORY
from ..train.history import History
from ..wording import Say, hidden, shell_word
from .trained import TrainedNetwork
from .training_record import TrainingRecord

if TYPE_CHECKING:
    from ..backends.mxnet.types import Device, Network
    from ..graph import Graph
    from .record import Record, RunStatus

SYMBOL = "model-symbol.json"
PARAMETERS = "model-0000.params"
RECORD = "run.json"
RECIPE = "recipe.yaml"
CHECKPOINTS = "checkpoints"
UNWRITTEN = "stopped before its files were written: run its recipe again"

_NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}", re.ASCII)


RecordPart = TypeVar("RecordPart", bound=BaseModel)


class RunFolder:
    """The folder of one run: the names of its files, and how each is read and written.

    >>> folder = RunFolder(Path("runs/mlp/20261123T153755Z-62fd27"))
    >>> folder.record_file.name, folder.predictions_file("csv").name
    ('run.json', 'predictions.csv')
    >>> folder.is_run()
    False
    """

    def __init__(self, path: Path):
        self.path = path
        self.recipe_file = path / RECIPE
        self.record_file = path / RECORD
        self.history_file = path / "history.csv"
        self.history_lines_file = path / "history.jsonl"
        self.log_file = path / "log.txt"
        self.report_file = path / "report.html"
        self.plots = path / "plots"
        self.checkpoints_folder = path / CHECKPOINTS
        self.symbol_file = path / SYMBOL
        self.parameters_file = path / PARAMETERS

    def __repr__(self) -> str:
        return f"RunFolder({str(self.path)!r})"

    def __str__(self) -> str:
        return str(self.path)

    def __fspath__(self) -> str:
        return str(self.path)

    def predictions_file(self, form: str) -> Path:
        return self.path / f"predictions.{form}"

    @classmethod
    def create(cls, root: Path, name: str) -> RunFolder:
        """Make ``root/name/<UTC time>-<short id>``; two starts in one second get two folders.

        Raises:
            OutputError: if the folder cannot be made or written to.
        """
        while True:
            stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
            path = root / name / f"{stamp}-{secrets.token_hex(3)}"
            try:
                path.mkdir(parents=True)
            except FileExistsError:  # another run has the same second and id
                continue
            except OSError as error:
                raise OutputError(f"cannot make the run folder {path}: {error.strerror}") from None
            if not os.access(path, os.W_OK):
                raise OutputError(f"cannot write to the run folder {path}")
            return cls(path)

    def is_run(self) -> bool:
        """Whether the folder is that of a run, even a damaged one, by its name or its files."""
        named = _NAME.fullmatch(self.path.absolute().name)
        if named and os.path.isdir(self.path):  # unlike Path.is_dir, never raises
            return True
        return os.path.isfile(self.record_file) and os.path.isfile(self.recipe_file)

    def is_unwritten(self) -> bool:
        """Whether the run was stopped at its very start, before it wrote a record or results."""
        later = (
            *(self.record_file, self.history_file, self.history_lines_file, self.report_file),
            *(self.checkpoints_folder, self.symbol_file, self.parameters_file),
        )
        return os.path.isdir(self.path) and not any(os.path.lexists(path) for path in later)

    def has_network(self) -> bool:
        """Whether the folder holds a saved network."""
        return os.path.isfile(self.symbol_file) and os.path.isfile(self.parameters_file)

    def check_is_run(self) -> None:
        """Refuse a folder that is not a run's.

        Raises:
            RunFolderError: if it is not there, or not a run's.
        """
        if not os.path.isdir(self.path):  # unlike Path.is_dir, false if the name is too long
            raise RunFolderError(_no_folder(self.path))
        self.check_readable()
        if not self.is_run():
            raise RunFolderError(f"{self} is not a run folder: it lacks {RECORD} or {RECIPE}")

    def check_readable(self) -> None:
        """Refuse a folder whose files may not be read.

        Raises:
            RunFolderError: if a file may not be read.
        """
        if why := hidden(self.record_file):
            raise RunFolderError(f"cannot read the run folder {self}: {why}")

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Open a run folder to use its network again: it must hold the network and its record.

        Raises:
            RunFolderError: if the folder or one of these files is missing.
        """
        if not os.path.isdir(path):
            raise RunFolderError(_no_folder(path))
        folder = cls(path)
        folder.check_readable()
        needed = (
            folder.record_file,
            folder.symbol_file,
            folder.parameters_file,
        )
        missing = [file.name for file in needed if not file.is_file()]
        if len(missing) == len(needed) and folder.is_run() and folder.is_unwritten():
            raise RunFolderError(f"{path} {UNWRITTEN}")
        if len(missing) == len(needed):
            raise RunFolderError(f"{path} is not a run folder: no file of a run is in it")
        if len(missing) == 2 and folder.is_run():
            raise RunFolderError(
                f"the run folder {path} holds no network yet; if training has stopped, continue "
                f"it: mxdigits resume {shell_word(path)}"
            )
        if missing:
            raise RunFolderError(f"the run folder {path} lacks {', '.join(missing)}")
        return folder

    def kept_files(self) -> list[Path]:
        """The existing files that are needed to repeat or use the run."""
        known = [
            *(self.recipe_file, self.history_file, self.symbol_file, self.parameters_file),
            *sorted(self.path.glob("predictions.*")),
        ]
        return [file for file in known if file.is_file()]

    def save_network(self, graph: Graph, arrays: Arrays) -> None:
        """Write the network; see :func:`mxdigits.graph.network_files.write_network`."""
        from ..graph.network_files import write_network  # not needed to read a record

        write_network(graph, arrays, self.symbol_file, self.parameters_file)

    def load_network(self, contexts: Sequence[Device], backend: str = "mxnet") -> Network:
        """Read the network for devices of a backend; its files must match the record.

        See :func:`mxdigits.backends.mxnet.networks.saved_network.load_network`.
        """
        from ..backends.choose import BACKENDS  # not needed to list runs

        load = resolve_name(BACKENDS[backend].load_network)
        trained = self.read_trained().network
        return load(
            self.symbol_file,
            self.parameters_file,
            contexts,
            trained.image_shape,
            len(trained.classes),
            trained.sha256,
        )

    def network_hashes(self) -> dict[str, str]:
        """The SHA-256 of the network's files by their names; empty if there is no network."""
        files = self.symbol_file, self.parameters_file
        if not all(file.is_file() for file in files):
            return {}
        return {file.name: sha256_of(file) for file in files}

    def load_weights(self, network: Network) -> Network:
        """Load this network's weights into another network of the same architecture.

        Args:
            network: a GraphNetwork; or a Gluon block, which is changed.

        Raises:
            RunFolderError: if the networks are not alike, or the files are damaged.
        """
        from ..backends.network import (
            GraphNetwork,  # not needed to list runs
            with_weights,
        )

        if isinstance(network, GraphNetwork):
            from ..graph.network_files import read_network_files

            trained = self.read_trained().network
            files = self.symbol_file, self.parameters_file
            return with_weights(network, *read_network_files(*files, trained.sha256), files[0])
        from ..backends.mxnet.networks.saved_network import load_weights  # imports MXNet

        contexts = next(iter(network.collect_params().values())).list_ctx()[:1]
        load_weights(network, self.load_network(contexts), self.symbol_file)
        return network

    def write_record(self, record: Record) -> None:
        write_text(self.record_file, json_text(record) + "\n")

    def flush(self, say: Say) -> None:
        """Flush this folder to the disk; ``say`` is told if the file system cannot.

        Raises:
            OutputError: if the disk fails.
        """
        try:
            flush_folder(self.path, say)
        except OSError as error:
            raise OutputError(f"cannot write to {self}: {error.strerror}") from None

    def sweep(self) -> None:
        """Remove unfinished files of a killed process; the caller must hold the folder's lock."""
        for folder in (self.path, self.plots):
            sweep(folder)

    def read_status(self) -> RunStatus:
        """Return the run's status from ``run.json``.

        Raises:
            RunFolderError: if it is damaged; names the file without its folder.
        """
        from .record import RunStatus  # not needed to predict

        return self._record(RunStatus, self.record_file.name)

    def read_trained(self) -> TrainedNetwork:
        """Return what ``run.json`` says about the network.

        Raises:
            RunFolderError: if it is damaged.
        """
        return self.read_record(TrainingRecord).trained

    def read_record(self, kind: type[RecordPart]) -> RecordPart:
        """Return one part of ``run.json``, such as :class:`PreviousRun`.

        Raises:
            RunFolderError: if it is damaged.
        """
        return self._record(kind, str(self.record_file))

    def _record(self, kind: type[RecordPart], name: str) -> RecordPart:
        try:
            return _validated(kind, read_plain(self.record_file))
        except OSError as error:
            raise RunFolderError(f"cannot read {name}: {error.strerror}") from None
        except ValidationError as error:
            raise RunFolderError(f"{name} is damaged: {_first_of(error)}") from None

    def read_whole_record(self) -> Record:
        """Return the whole content of ``run.json``, to show it to people.

        Raises:
            RunFolderError: if it is damaged.
        """
        self.read_trained()
        record: Record = json.loads(self._read(self.record_file))
        return record

    def read_recipe(self) -> str:
        """Return the text of the recipe; empty if there is none."""
        return self._read(self.recipe_file) if self.recipe_file.is_file() else ""

    def read_history(self) -> History:
        """Return the history; empty if no epoch was finished.

        Raises:
            RunFolderError: if it is damaged.
        """
        if not self.history_file.is_file():
            return History()
        try:
            return History.from_csv(self._read(self.history_file, MOST_HISTORY))
        except ValueError as error:
            raise RunFolderError(f"{self.history_file} is damaged: {error}") from None

    @staticmethod
    def _read(file: Path, most: int = MOST_BYTES) -> str:
        try:
            return read_plain(file, most).decode("utf-8")
        except OSError as error:
            raise RunFolderError(f"cannot read {file}: {error.strerror}") from None
        except UnicodeDecodeError:
            raise RunFolderError(f"{file} is damaged: it is not UTF-8 text") from None


def _validated(kind: type[RecordPart], content: bytes) -> RecordPart:
    # A lone surrogate stands for a byte of a path that is not UTF-8. pydantic's JSON reader
    # refuses it, Python's accepts it.
    if b"\\ud" in content:
        with suppress(ValueError, RecursionError):
            return kind.model_validate(json.loads(content))
    return kind.model_validate_json(content)


def _first_of(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}{where and ': '}{first['msg']}"


def _no_folder(path: Path) -> str:
    if os.path.isfile(path):
        return f"{path} is a file, and a run is a folder"
    if why := hidden(path):
        return f"cannot read the run folder {path}: {why}"
    return f"there is no run folder {path}"
