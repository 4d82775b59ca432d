"""Checkpoints: the states of a fit on disk, each complete or not there at all.

    checkpoints/epoch-0003-batch-000200/   what is trained next, both counted from 0
        arrays.npz      weights, statistics, the optimizer's state
        state.json      everything else, and the run's fingerprint
        manifest.json   the size and SHA-256 of both, and of itself

A checkpoint is written to a folder of another name, flushed to the disk and renamed. So a folder
called ``epoch-...`` was complete once, and its manifest shows whether it still is. If folders
cannot be renamed, it is copied, and the manifest shows whether the copy is complete. Older ones
are removed only after the new one was read back. No file is a pickle: reading it runs no code.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import numpy as np

from ..errors import CheckpointError, MxdigitsError, OutputError, RunFolderError
from ..storage.disk import flush, flush_folder, rename_folder
from ..storage.npz import read_npz
from ..train.state import TrainingState
from ..values import Unchecked
from ..wording import Say

ARRAYS, STATE, MANIFEST = "arrays.npz", "state.json", "manifest.json"

_NAME = re.compile(r"epoch-([0-9]{4,9})-batch-([0-9]{6,12})")
_FORMAT = 2
_FINGERPRINT = "about"  # its key in state.json

# Bytes; more than any manifest of two files has.
_MANIFEST_BYTES = 10_000


@dataclass(frozen=True, order=True)
class CheckpointEntry:
    """A checkpoint known by its name only: batch ``batch`` of epoch ``epoch`` is trained next.

    >>> path = Path("checkpoints/epoch-0003-batch-000200")
    >>> CheckpointEntry(3, 200, path) > CheckpointEntry(3, 100, path)
    True
    """

    epoch: int
    batch: int
    path: Path


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A checkpoint that was read: the training state, and the fingerprint of the run.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Checkpoints(Path(folder)).write(TrainingState(1, 0, {}, {}), {"seed": 42})
    ...     read(path).fingerprint
    {'seed': 42}
    """

    path: Path
    state: TrainingState
    fingerprint: Mapping[str, object]


class Checkpoints:
    """The checkpoints of one run, oldest first.

    Args:
        folder: where they lie; made when the first one is written.
        keep: how many of the newest to keep.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     checkpoints = Checkpoints(Path(folder), keep=2)
    ...     for epoch in (1, 2, 3):
    ...         _ = checkpoints.write(TrainingState(epoch, 0, {}, {}), {})
    ...     [path.name for path in checkpoints.paths()]
    ['epoch-0002-batch-000000', 'epoch-0003-batch-000000']
    """

    def __init__(self, folder: Path, keep: int = 2):
        self.folder = folder
        self._keep = keep

    def entries(self) -> list[CheckpointEntry]:
        """Return the checkpoints by their names, oldest first; some may be damaged.

        Links are not followed.

        Raises:
            RunFolderError: if the folder cannot be read.
        """
        if self.folder.is_symlink():
            return []
        try:
            with os.scandir(self.folder) as inside:
                folders = [Path(each) for each in inside if each.is_dir(follow_symlinks=False)]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise RunFolderError(f"cannot read {self.folder.name}: {error.strerror}") from None
        places = [(position(path), path) for path in folders]
        return sorted(CheckpointEntry(*at, path) for at, path in places if at is not None)

    def paths(self) -> list[Path]:
        """The folders of :meth:`entries`."""
        return [entry.path for entry in self.entries()]

    def newest(self, say: Say) -> Optional[Checkpoint]:
        """Return the newest complete checkpoint or None; tell of newer ones that are damaged."""
        for path in reversed(self.paths()):
            try:
                return read(path)
            except CheckpointError as error:
                say(f"passed over: {error}")
        return None

    def newest_before(self, other: Checkpoint) -> Optional[Checkpoint]:
        """Return the newest complete checkpoint that is older than another, or None."""
        for entry in reversed(self.entries()):
            if (entry.epoch, entry.batch) < (other.state.epoch, other.state.batch):
                with suppress(CheckpointError):
                    return read(entry.path)
        return None

    def write(self, state: TrainingState, fingerprint: Mapping[str, object]) -> Path:
        """Write a state as the newest checkpoint, and keep only the ``keep`` newest.

        Raises:
            OutputError: if it cannot be written; the other checkpoints are left as they were.
        """
        path = self.folder / f"epoch-{state.epoch:04}-batch-{state.batch:06}"
        temporary = self.folder / f".new-{path.name}"
        try:
            if self.folder.is_symlink():
                raise OutputError(f"cannot write {path}: {self.folder} is a link")
            if not self.folder.is_dir():
                self.folder.mkdir()
                flush_folder(self.folder.parent)
            self._sweep()
            _write(temporary, state, fingerprint)
            _read(temporary, (state.epoch, state.batch))
            if path.is_dir():  # an older checkpoint of the same position
                self._discard(path)
            if not rename_folder(temporary, path):
                _copy(temporary, path)
            flush_folder(self.folder)
            for other in self._surplus(path):
                self._discard(other)
            self._sweep()
        except OSError as error:
            raise OutputError(f"cannot write {path}: {error.strerror or error}") from error
        except CheckpointError as error:
            raise OutputError(f"{path} cannot be read back: {error}") from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return path

    def _surplus(self, written: Path) -> list[Path]:
        """Checkpoints to remove: too old ones, and newer ones that a resumed run found damaged."""
        paths = self.paths()
        place = paths.index(written) + 1
        return paths[: max(0, place - self._keep)] + paths[place:]

    def _discard(self, path: Path) -> None:
        """Remove a checkpoint: the first step, a rename or a removal, already makes it invalid."""
        if not rename_folder(path, self.folder / f".old-{path.name}"):
            (path / MANIFEST).unlink(missing_ok=True)
            shutil.rmtree(path)

    def _sweep(self) -> None:
        """Remove the folders of removed and of unfinished checkpoints."""
        for path in self.folder.iterdir():
            if path.name.startswith((".new-epoch-", ".old-epoch-")):
                shutil.rmtree(path, ignore_errors=True)


def position(path: Path) -> Optional[tuple[int, int]]:
    """Return the epoch and the batch in a checkpoint's name; None if it is no such name.

    >>> position(Path("checkpoints/epoch-0003-batch-000200"))
    (3, 200)
    """
    name = _NAME.fullmatch(path.name)
    return None if name is None else (int(name[1]), int(name[2]))


def read(path: Path) -> Checkpoint:
    """Read a checkpoint; nothing in it is used before the manifest has been checked.

    Raises:
        CheckpointError: if it is missing, or anything in it has changed since it was written.

    >>> read(Path("none"))
    Traceback (most recent call last):
        ...
    mxdigits.errors.CheckpointError: the checkpoint none is damaged: No such file or directory
    """
    try:
        return _read(path, position(path))
    except CheckpointError as error:
        raise CheckpointError(f"the checkpoint {path} is damaged: {error}") from error


def _read(path: Path, place: Optional[tuple[int, int]]) -> Checkpoint:
    try:
        manifest = _manifest(path)
        held = {name: _checked(path / name, each) for name, each in manifest["files"].items()}
        facts = json.loads(held[STATE])
        arrays = read_npz(io.BytesIO(held[ARRAYS]), most_bytes=len(held[ARRAYS]))
        state = TrainingState(facts["epoch"], facts["batch"], arrays, facts["facts"])
        if not isinstance(state.facts, dict) or not isinstance(facts[_FINGERPRINT], dict):
            raise CheckpointError(f"{STATE} holds no state")
        if (state.epoch, state.batch) != place:
            raise CheckpointError("its epoch and batch are not those in its name")
        return Checkpoint(path, state, facts[_FINGERPRINT])
    except OSError as error:
        raise CheckpointError(str(error.strerror)) from error
    except (MxdigitsError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise CheckpointError(str(error)) from error


def _write(folder: Path, state: TrainingState, fingerprint: Mapping[str, object]) -> None:
    folder.mkdir()
    arrays = io.BytesIO()
    np.savez(arrays, **state.arrays)
    facts = {
        "epoch": state.epoch,
        "batch": state.batch,
        _FINGERPRINT: fingerprint,
        "facts": state.facts,
    }
    held = {ARRAYS: arrays.getvalue(), STATE: json.dumps(facts).encode()}
    held[MANIFEST] = _sealed(
        {
            "format": _FORMAT,
            "files": {
                name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
                for name, content in held.items()
            },
        }
    )
    for name, content in held.items():
        _write_file(folder / name, content)
    flush_folder(folder)


def _copy(folder: Path, target: Path) -> None:
    """Copy a checkpoint to another name, the manifest last: without one it is no checkpoint."""
    target.mkdir()
    for name in (ARRAYS, STATE, MANIFEST):
        _write_file(target / name, (folder / name).read_bytes())
    flush_folder(target)


def _write_file(file: Path, content: bytes) -> None:
    with open(file, "xb") as opened:
        opened.write(content)
        opened.flush()
        flush(opened.fileno())


def _sealed(manifest: Mapping[str, object]) -> bytes:
    """A manifest that begins with the SHA-256 of its own text; one content has only one form."""
    text = json.dumps(manifest, sort_keys=True)
    return f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}\n".encode()


def _manifest(folder: Path) -> Unchecked:
    with open(folder / MANIFEST, "rb") as file:
        content = file.read(_MANIFEST_BYTES)
    manifest = json.loads(content.partition(b"\n")[2])
    if _sealed(manifest) != content:
        raise CheckpointError(f"{MANIFEST} has changed")
    if manifest["format"] != _FORMAT:
        raise CheckpointError(f"its format is {manifest['format']}, not {_FORMAT}")
    if set(manifest["files"]) != {ARRAYS, STATE}:
        raise CheckpointError(f"{MANIFEST} names other files")
    return manifest


def _checked(file: Path, known: Mapping[str, Unchecked]) -> bytes:
    size = file.stat().st_size
    if size != known["bytes"]:
        raise CheckpointError(f"{file.name} has {size} bytes instead of {known['bytes']}")
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != known["sha256"]:
        raise CheckpointError(f"{file.name} has changed")
    return content
