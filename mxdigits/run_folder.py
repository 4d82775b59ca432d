"""A run on disk: where each of its files lies, and what must be there to use it again."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from .errors import OutputError, RunFolderError
from .files import write_text
from .record import Trained

SYMBOL = "model-symbol.json"
PARAMETERS = "model-0000.params"


class RunFolder:
    """The folder of one run; knows its files' names and nothing of what made them."""

    def __init__(self, path: Path):
        self.path = path
        self.recipe_file = path / "recipe.yaml"
        self.record_file = path / "run.json"
        self.history_file = path / "history.csv"
        self.log_file = path / "log.txt"
        self.symbol_file = path / SYMBOL
        self.parameters_file = path / PARAMETERS

    def __str__(self) -> str:
        return str(self.path)

    def predictions_file(self, form: str) -> Path:
        return self.path / f"predictions.{form}"

    @classmethod
    def create(cls, root: Path, name: str) -> RunFolder:
        """Make ``root/name/<UTC time>-<short id>``; two starts in one second get two folders.

        Raises:
            OutputError: if the folder cannot be made or written to.
        """
        stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        path = root / name / f"{stamp}-{secrets.token_hex(3)}"
        try:
            path.mkdir(parents=True)
        except OSError as error:
            raise OutputError(f"cannot make the run folder {path}: {error.strerror}") from None
        if not os.access(path, os.W_OK):
            raise OutputError(f"cannot write to the run folder {path}")
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """A run folder to be used again: it must hold a network and its record.

        Raises:
            RunFolderError: if it is not there, or pieces of it are missing.
        """
        if not path.is_dir():
            raise RunFolderError(f"there is no run folder {path}")
        folder = cls(path)
        needed = (
            folder.record_file,
            folder.symbol_file,
            folder.parameters_file,
        )
        missing = [file.name for file in needed if not file.is_file()]
        if len(missing) == len(needed):
            raise RunFolderError(f"{path} is not a run folder: it holds none of its files")
        if missing:
            raise RunFolderError(f"the run folder {path} lacks {', '.join(missing)}")
        return folder

    def save_network(self, network: Any, image_shape: Sequence[int]) -> None:
        """Write the network; see :func:`mxdigits.saved_network.save_network`."""
        from .saved_network import save_network  # imports MXNet

        save_network(network, image_shape, self.symbol_file, self.parameters_file)

    def load_network(self, contexts: Sequence[Any]) -> Any:
        """Read the network; see :func:`mxdigits.saved_network.load_network`."""
        from .saved_network import load_network  # imports MXNet

        return load_network(self.symbol_file, self.parameters_file, contexts)

    def load_weights(self, network: Any) -> None:
        """Start a network from this one; see :func:`mxdigits.saved_network.load_weights`."""
        from .saved_network import load_weights  # imports MXNet

        load_weights(network, self.symbol_file, self.parameters_file)

    def write_record(self, record: dict[str, Any]) -> None:
        write_text(self.record_file, json.dumps(record, indent=2) + "\n")

    def read_record(self) -> Trained:
        """What ``run.json`` says of the network.

        Raises:
            RunFolderError: if it is damaged.
        """
        try:
            return Trained.model_validate_json(self.record_file.read_bytes())
        except OSError as error:
            raise RunFolderError(f"cannot read {self.record_file}: {error.strerror}") from None
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise RunFolderError(
                f"{self.record_file} is damaged: {where}{where and ': '}{first['msg']}"
            ) from None
