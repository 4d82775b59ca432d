"""Remove runs: first list the content of a folder, then remove exactly that."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import FolderInUse, OutputError, RunFolderError
from ..storage.lock import LOCK, hold, owner
from ..wording import Say, say_nothing
from .folder import CHECKPOINTS, RECORD, RunFolder
from .listing import DEFAULT_ROOT
from .names import newest_first

# Levels of folders: far more than in any run, far fewer than make a walk fail.
_DEPTH = 20


@dataclass(frozen=True)
class Removal:
    """A run folder to remove, with its content by relative paths; links are not followed.

    >>> print(Removal(Path("runs/mlp/a"), frozenset(["run.json"]), frozenset(), 2048))
    runs/mlp/a: 1 files, 2,048 bytes
    """

    path: Path
    files: frozenset[str]
    folders: frozenset[str]
    size: int

    def __str__(self) -> str:
        return f"{self.path}: {len(self.files)} files, {self.size:,} bytes"

    def carry_out(self, say: Say = say_nothing) -> None:
        """Remove exactly what was found, and no folder that has got new content since.

        Raises:
            FolderInUse: if a process has begun to use the run.
            OutputError: if something cannot be removed, or is new.
        """
        with hold(self.path, say):
            try:
                self._remove_contents()
                (self.path / LOCK).unlink()
            except OSError as error:
                raise self._failure(error) from None
        try:
            self.path.absolute().rmdir()
        except OSError as error:
            raise self._failure(error) from None

    def _remove_contents(self) -> None:
        # By descriptors: a folder that is replaced by a link meanwhile is not followed.
        for folder, folders, files, here in os.fwalk(self.path, topdown=False, onerror=_raise):
            inside = os.path.relpath(folder, self.path)
            # The record goes last, so an interrupted removal can be repeated.
            for name in sorted([*files, *folders], key=lambda name: name == RECORD):
                path = os.path.normpath(os.path.join(inside, name))
                if path in self.files:
                    os.unlink(name, dir_fd=here)
                elif path in self.folders:
                    os.rmdir(name, dir_fd=here)

    def _failure(self, error: OSError) -> OutputError:
        return OutputError(f"cannot remove {self.path}: {error.strerror}")


def plan_removal(paths: Sequence[Path]) -> list[Removal]:
    """List what would be removed, and remove nothing. One unsuitable folder is an error for all.

    Raises:
        RunFolderError: if a folder is a link, is not a run folder, or holds another run.
        FolderInUse: if a process is using a folder.

    >>> for removal in plan_removal([Path("runs/mlp/20261123T153755Z-62fd27")]):  # doctest: +SKIP
    ...     removal.carry_out()
    """
    distinct = {path.resolve(): path for path in paths}
    return [_plan(path) for path in distinct.values()]


def _plan(path: Path) -> Removal:
    if path.is_symlink():
        raise RunFolderError(f"{path} is a link; name the folder that it leads to")
    _check_is_run(path)
    if holder := owner(path):
        raise FolderInUse(f"the run folder {path} is in use by {holder}")
    files: set[str] = set()
    folders: set[str] = set()
    size = 0
    try:
        for folder, inner, names, here in os.fwalk(path, onerror=_raise):
            inside = os.path.relpath(folder, path)
            if inside.count(os.sep) > _DEPTH:
                raise RunFolderError(f"{path} is nested deeper than any run: {inside}")
            ours = inside.split(os.sep)[0] in (".", CHECKPOINTS)
            if not ours and RunFolder(Path(folder)).is_run():
                raise RunFolderError(f"{path} holds another run, {folder}")
            for name in [*inner, *names]:
                status = os.stat(name, dir_fd=here, follow_symlinks=False)
                kind = folders if stat.S_ISDIR(status.st_mode) else files
                kind.add(os.path.normpath(os.path.join(inside, name)))
                size += status.st_size if kind is files else 0
    except OSError as error:
        raise RunFolderError(f"cannot read {path}: {error.strerror}") from None
    return Removal(path, frozenset(files - {LOCK}), frozenset(folders), size)


def _check_is_run(path: Path) -> None:
    """Refuse what is no run folder; a recipe's name stands for many runs, so it is refused too."""
    folder = RunFolder(path)
    for place in () if folder.is_run() else (path, DEFAULT_ROOT / path):
        if runs := newest_first(place):
            raise RunFolderError(
                f"{path} is no run: {place} holds {len(runs)}; name those to remove, such as "
                f"{runs[0]}, or {place}/* for all of them"
            )
    folder.check_is_run()


def _raise(error: OSError) -> None:
    raise error
